#include "app/cli.hpp"
#include "store/archive_layout.hpp"
#include "unit/store/fixture.hpp"

namespace rues::app {
namespace {

/// `rues archive check` and `rues store verify` on a data folder.
class ArchiveCommand : public store::StoreTest {
protected:
    struct Ended {
        int code = 0;
        std::string out;
        std::string err;
    };
    Ended check(const std::filesystem::path& data) const {
        CLI::App program;
        Ended ended;
        add_archive(program, ended.code);
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        program.parse({data.string(), "--data", "check", "archive"});  // CLI11 takes the words in reverse order
        ended.out = testing::internal::GetCapturedStdout();
        ended.err = testing::internal::GetCapturedStderr();
        return ended;
    }
};

TEST_F(ArchiveCommand, prints_counts_and_ends_with_0_when_the_archive_is_whole) {
    auto store = open();
    run(*store, 1 + 2 * 10);
    store.reset();
    const auto ended = check(folder_.path());
    EXPECT_EQ(ended.code, kDone);
    EXPECT_EQ(ended.out,
              "blocks         10, the last final one is 8\n"
              "events         16 in final blocks\n"
              "index entries  50, none missing, none wrong, none unexpected\n");
    EXPECT_EQ(ended.err, "");
}

TEST_F(ArchiveCommand, names_a_wrong_entry_and_ends_with_1) {
    auto store = open();
    run(*store, 1 + 2 * 10);
    store.reset();
    const auto phoenix = store::layout::index_key(store::layout::index_prefix(store::layout::Index::phoenix), 3);
    write_raw("archive", std::string(base::text(phoenix)), "");
    const auto ended = check(folder_.path());
    EXPECT_EQ(ended.code, kFailed);
    EXPECT_EQ(ended.out,
              "blocks         10, the last final one is 8\n"
              "events         16 in final blocks\n"
              "index entries  51\n"
              "unexpected: phoenix block 3\n");
    EXPECT_EQ(ended.err, "rues: the archive is damaged; number of errors: 1\n");
}

TEST_F(ArchiveCommand, a_folder_without_a_store_ends_with_2_and_stays_as_it_is) {
    const auto ended = check(folder_.path());
    EXPECT_EQ(ended.code, kWrongUse);
    EXPECT_TRUE(ended.err.ends_with(" holds no store\n")) << ended.err;
    EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

}  // namespace
}  // namespace rues::app
