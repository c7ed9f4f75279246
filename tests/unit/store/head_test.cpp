#include <fstream>

#include "fixture.hpp"
#include "store/head_file.hpp"
#include "support/damaged_log.hpp"
#include "support/system_calls.hpp"

/// The head file, and a store that does not match its head file.
namespace rues::store {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kBoot = 77;

TEST(Head, a_log_that_reaches_the_head_has_lost_nothing) {
    const layout::Epochs epochs{{5, 0}};

    EXPECT_EQ(loss_of({5, 10, 12, kBoot}, epochs, 12, kBoot), Loss::nothing);
    EXPECT_EQ(loss_of({5, 10, 12, kBoot}, epochs, 99, kBoot), Loss::nothing);
    EXPECT_EQ(loss_of({5, 0, 0, kBoot}, epochs, 0, kBoot), Loss::nothing);
}

TEST(Head, a_log_that_ends_before_the_synced_record_has_lost_events_in_any_boot) {
    const layout::Epochs epochs{{5, 0}};

    EXPECT_EQ(loss_of({5, 10, 12, kBoot}, epochs, 9, kBoot), Loss::synced);
    EXPECT_EQ(loss_of({5, 10, 12, kBoot}, epochs, 9, kBoot + 1), Loss::synced);
}

TEST(Head, missing_unsynced_records_are_a_loss_only_in_the_boot_that_wrote_them) {
    const layout::Epochs epochs{{5, 0}};

    EXPECT_EQ(loss_of({5, 10, 12, kBoot}, epochs, 11, kBoot), Loss::unsynced);
    EXPECT_EQ(loss_of({5, 10, 12, kBoot}, epochs, 11, kBoot + 1), Loss::nothing);
    EXPECT_EQ(loss_of({5, 10, 12, 0}, epochs, 11, 0), Loss::nothing) << "an unknown boot is not the same boot";
}

TEST(Head, an_earlier_epoch_is_compared_with_its_own_end) {
    const layout::Epochs epochs{{4, 11}, {5, 0}};

    EXPECT_EQ(loss_of({4, 11, 12, kBoot}, epochs, 30, kBoot + 1), Loss::nothing);
    EXPECT_EQ(loss_of({4, 12, 12, kBoot}, epochs, 30, kBoot + 1), Loss::synced);
    EXPECT_EQ(loss_of({6, 0, 0, kBoot}, epochs, 30, kBoot), Loss::synced) << "not an epoch of this log";
}

TEST(HeadFile, the_last_written_values_are_read_back) {
    const samples::TemporaryFolder folder;
    const auto path = HeadFile::path_of(folder.path() / "store/");
    EXPECT_EQ(path, folder.path() / "store.head");
    EXPECT_EQ(HeadFile::path_of(folder.path() / "store"), path);
    EXPECT_EQ(HeadFile::read(path).value(), std::nullopt);

    auto file = HeadFile::create(path, {5, 1, 2, kBoot});
    ASSERT_TRUE(file) << file.error().text;
    EXPECT_EQ(HeadFile::read(path).value(), (Head{5, 1, 2, kBoot}));
    ASSERT_TRUE((*file)->written(9));
    EXPECT_EQ(HeadFile::read(path).value(), (Head{5, 1, 9, kBoot}));
    ASSERT_TRUE((*file)->synced(11));
    EXPECT_EQ(HeadFile::read(path).value(), (Head{5, 11, 11, kBoot}));
    EXPECT_FALSE(fs::exists(folder.path() / "store.head.new"));
    EXPECT_EQ(fs::file_size(path), 48U);
}

TEST(HeadFile, the_layout_is_the_documented_one) {
    const samples::TemporaryFolder folder;
    const auto path = folder.path() / "head";
    ASSERT_TRUE(HeadFile::create(path, {0x0102030405060708, 2, 3, 4}));

    std::ifstream in(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};

    EXPECT_EQ(base::to_hex(base::view(bytes.substr(0, 40))),
              "7275657368643031"
              "0807060504030201"
              "0200000000000000"
              "0300000000000000"
              "0400000000000000");
    EXPECT_EQ(base::load_le<std::uint64_t>(base::view(bytes).data() + 40), wire::text_hash(bytes.substr(0, 40)));
}

TEST(HeadFile, a_damaged_head_file_is_refused) {
    const samples::TemporaryFolder folder;
    const auto path = folder.path() / "head";
    ASSERT_TRUE(HeadFile::create(path, {5, 1, 2, kBoot}));
    const auto damage = [&](const std::function<void(std::fstream&)>& change) {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        change(file);
    };

    damage([](std::fstream& file) { file.seekp(20).put('\7'); });
    EXPECT_EQ(HeadFile::read(path).error().kind, base::Error::Kind::corrupt);
    ASSERT_TRUE(HeadFile::create(path, {5, 1, 2, kBoot}));
    fs::resize_file(path, 47);
    EXPECT_EQ(HeadFile::read(path).error().kind, base::Error::Kind::corrupt);
    fs::resize_file(path, 49);
    EXPECT_EQ(HeadFile::read(path).error().kind, base::Error::Kind::corrupt);
    fs::resize_file(path, 0);
    EXPECT_EQ(HeadFile::read(path).error().kind, base::Error::Kind::corrupt);
}

TEST(HeadFile, a_head_file_that_cannot_be_created_is_an_error_with_its_name) {
    const samples::TemporaryFolder folder;

    const auto made = HeadFile::create(folder.path() / "nowhere" / "head", {});

    ASSERT_FALSE(made);
    EXPECT_NE(made.error().text.find((folder.path() / "nowhere" / "head").string()), std::string::npos);
}

/// A store that syncs its blocks, and copies of its files as a killed process or a power cut leaves them.
class StoreHead : public StoreTest {
protected:
    static constexpr std::string_view kFirstBoot = "first boot";

    void SetUp() override {
        store_ = open_at("store", kFirstBoot);
        ASSERT_TRUE(store_);
    }
    Options options(const std::string& name, std::string_view boot, bool accept = false) {
        Options out;
        out.directory = folder_.path() / name;
        out.boot_id = boot;
        out.accept_lost_events = accept;
        out.log = [this](base::LogLevel level, std::string_view text) {
            if (level == base::LogLevel::warning) warnings_ += std::string(text) + "\n";
            if (level == base::LogLevel::error) errors_ += std::string(text) + "\n";
        };
        return out;
    }
    std::unique_ptr<Store> open_at(const std::string& name, std::string_view boot, bool accept = false) {
        auto store = Store::open(options(name, boot, accept));
        EXPECT_TRUE(store) << (store ? "" : store.error().text);
        return store ? std::move(*store) : nullptr;
    }
    std::string refusal_of(const std::string& name, std::string_view boot) {
        const auto store = Store::open(options(name, boot));
        EXPECT_FALSE(store);
        return store ? "" : store.error().text;
    }
    void copy(const std::string& from, const std::string& to) {
        fs::copy(folder_.path() / from, folder_.path() / to, fs::copy_options::recursive);
    }
    void copy_head(const std::string& to) { copy("store.head", to + ".head"); }
    void copy_all(const std::string& to) {
        copy("store", to);
        copy_head(to);
    }
    /// The content of every file, by name.
    std::map<std::string, std::string> files(const std::string& name) {
        std::map<std::string, std::string> out;
        for (const auto& entry : fs::directory_iterator(folder_.path() / name)) {
            std::ifstream in(entry.path(), std::ios::binary);
            out[entry.path().filename().string()] = std::string{std::istreambuf_iterator<char>(in), {}};
        }
        return out;
    }
    void damage_log(const std::string& name) {
        ASSERT_FALSE(test::damage_write_ahead_log(folder_.path() / name, 100'000).empty());
    }

    std::unique_ptr<Store> store_;
    std::string warnings_;
    std::string errors_;
};

TEST_F(StoreHead, the_head_is_written_after_every_commit_and_synced_after_a_block) {
    const auto noted = [&] { return HeadFile::read(folder_.path() / "store.head").value().value(); };
    const auto boot = boot_number(kFirstBoot);
    const auto epoch = store_->epoch();
    EXPECT_EQ(noted(), (Head{epoch, 0, 0, boot}));
    run(*store_, 1 + 2);
    EXPECT_EQ(noted(), (Head{epoch, 3, 3, boot}));
    run(*store_, 1);
    EXPECT_EQ(noted(), (Head{epoch, 3, 4, boot}));
    store_.reset();
    EXPECT_EQ(noted(), (Head{epoch, 4, 4, boot})) << "closing syncs all";
    store_ = open_at("store", "second boot");
    EXPECT_EQ(noted(), (Head{epoch, 4, 4, boot_number("second boot")}));
}

// Without the sync, a power cut could leave the head of an earlier block beside a log that lost a later one.
TEST_F(StoreHead, a_block_syncs_its_write_ahead_log_and_then_the_head_file_and_the_mempool_syncs_nothing) {
    run(*store_, 1 + 2);
    const test::WatchedSyncs watched;

    run(*store_, 1);  // admits a transaction
    EXPECT_EQ(test::WatchedSyncs::take(), std::vector<std::string>{});
    run(*store_, 1);  // makes a block of it

    const auto synced = test::WatchedSyncs::take();
    ASSERT_EQ(synced.size(), 2U);
    EXPECT_TRUE(synced[0].ends_with(".log")) << synced[0];
    EXPECT_EQ(synced[1], "store.head") << "never says more than the log on the disk";
}

TEST_F(StoreHead, a_new_head_file_is_on_the_disk_before_it_takes_the_place_of_the_old_one) {
    const samples::TemporaryFolder folder;
    const test::WatchedSyncs watched;

    ASSERT_TRUE(HeadFile::create(folder.path() / "head", {5, 1, 2, kBoot}));

    EXPECT_EQ(test::WatchedSyncs::take(), (std::vector<std::string>{"head.new", folder.path().filename().string()}));
    test::WatchedSyncs::fail_for("head.new");
    EXPECT_FALSE(HeadFile::create(folder.path() / "head", {5, 3, 4, kBoot}));
    EXPECT_EQ(HeadFile::read(folder.path() / "head").value(), (Head{5, 1, 2, kBoot})) << "the old one is untouched";
    EXPECT_FALSE(fs::exists(folder.path() / "head.new"));
}

TEST_F(StoreHead, a_head_file_that_cannot_be_synced_is_said_once_and_the_store_goes_on) {
    run(*store_, 1);
    const test::WatchedSyncs watched;
    test::WatchedSyncs::fail_for("store.head");

    run(*store_, 4);

    EXPECT_EQ(store_->last_seq(), 6U);
    EXPECT_EQ(errors_, "the head file cannot be written, so a loss of events may go unnoticed: " +
                           (folder_.path() / "store.head").string() + ": Input/output error\n");
}

// A copy of the data folder may have been made while the store was written to: the head file first.
TEST_F(StoreHead, a_head_file_that_says_less_than_the_store_holds_is_brought_up_to_date) {
    run(*store_, 1 + 2 * 5);
    copy_head("copy");
    run(*store_, 2 * 5 + 1);
    copy("store", "copy");
    ASSERT_EQ(HeadFile::read(folder_.path() / "copy.head").value()->synced, 15U);

    const auto after = open_at("copy", kFirstBoot);

    ASSERT_TRUE(after);
    EXPECT_EQ(after->epoch(), store_->epoch());
    EXPECT_EQ(inconsistency(*after), "");
    EXPECT_EQ(HeadFile::read(folder_.path() / "copy.head").value()->written, 31U);
    EXPECT_EQ(warnings_, "");
}

TEST_F(StoreHead, a_store_whose_process_was_killed_continues_unchanged) {
    run(*store_, 1 + 2 * 20 + 1);
    copy_all("copy");

    const auto after = open_at("copy", kFirstBoot);

    EXPECT_EQ(after->epoch(), store_->epoch());
    EXPECT_EQ(after->last_seq(), 61U);
    EXPECT_EQ(inconsistency(*after), "");
    EXPECT_EQ(warnings_, "");
}

TEST_F(StoreHead, a_write_ahead_log_with_a_damaged_middle_is_refused_and_nothing_is_changed) {
    run(*store_, 1 + 2 * 20 + 1);
    copy_all("copy");
    damage_log("copy");
    const auto before = files("copy");

    for (const auto* boot : {"first boot", "first boot", "second boot"}) {
        const auto text = refusal_of("copy", boot);
        EXPECT_NE(text.find("copy has lost events: its log ends with number "), std::string::npos) << text;
        EXPECT_NE(
            text.find(", and number 60 had been synced; put an undamaged copy of the data folder in its place, or "
                      "start the node once with --accept-lost-events true"),
            std::string::npos)
            << text;
    }
    EXPECT_TRUE(files("copy") == before);
    EXPECT_EQ(HeadFile::read(folder_.path() / "copy.head").value()->synced, 60U);
}

TEST_F(StoreHead, an_accepted_loss_begins_an_epoch_and_lost_positions_are_known_to_be_lost) {
    run(*store_, 1 + 2 * 20 + 1);
    const auto old = store_->epoch();
    copy_all("copy");
    damage_log("copy");

    auto after = open_at("copy", kFirstBoot, true);

    ASSERT_TRUE(after);
    const auto last = after->last_seq();
    EXPECT_LT(last, 60U);
    EXPECT_GT(last, 0U);
    EXPECT_NE(after->epoch(), old);
    EXPECT_EQ(inconsistency(*after), "");
    EXPECT_NE(warnings_.find("may have lost events after number " + std::to_string(last)), std::string::npos);
    run(*after, 60);
    EXPECT_GT(after->last_seq(), 61U) << "the numbers are used again";
    EXPECT_EQ(after->last_seq_of(old), last) << "positions behind it are not";
    const auto epoch = after->epoch();
    after.reset();
    after = open_at("copy", kFirstBoot);
    EXPECT_EQ(after->epoch(), epoch) << "it is accepted once";
    EXPECT_EQ(inconsistency(*after), "");
}

TEST_F(StoreHead, accepting_losses_changes_nothing_when_nothing_is_lost) {
    run(*store_, 1 + 2 * 5);
    const auto epoch = store_->epoch();
    store_.reset();

    EXPECT_EQ(open_at("store", kFirstBoot, true)->epoch(), epoch);
    EXPECT_EQ(warnings_, "");
}

TEST_F(StoreHead, a_power_cut_may_lose_unsynced_records) {
    run(*store_, 1 + 2 * 20);
    copy("store", "copy");  // after the last commit of a block
    run(*store_, 1);        // admits a transaction, which reached only the head file
    copy_head("copy");
    ASSERT_EQ(HeadFile::read(folder_.path() / "copy.head").value()->written, 61U);

    const auto after = open_at("copy", "second boot");

    ASSERT_TRUE(after);
    EXPECT_EQ(after->last_seq(), 60U);
    EXPECT_NE(after->epoch(), store_->epoch());
    EXPECT_EQ(after->last_seq_of(store_->epoch()), 60U);
    EXPECT_EQ(inconsistency(*after), "");
}

TEST_F(StoreHead, lost_unsynced_events_begin_an_epoch_when_the_machine_kept_running) {
    run(*store_, 1 + 2 * 20);
    copy("store", "copy");
    run(*store_, 1);
    copy_head("copy");

    const auto after = open_at("copy", kFirstBoot);

    ASSERT_TRUE(after);
    EXPECT_NE(after->epoch(), store_->epoch());
    EXPECT_EQ(after->last_seq_of(store_->epoch()), 60U);
    EXPECT_NE(warnings_.find("may have lost events after number 60"), std::string::npos) << warnings_;
}

TEST_F(StoreHead, a_store_without_a_head_file_opens_and_gets_a_head_file) {
    run(*store_, 1 + 2 * 20);
    copy("store", "copy");

    const auto after = open_at("copy", kFirstBoot);

    EXPECT_EQ(after->epoch(), store_->epoch());
    EXPECT_EQ(inconsistency(*after), "");
    EXPECT_EQ(HeadFile::read(folder_.path() / "copy.head").value()->synced, 60U);
}

TEST_F(StoreHead, a_store_that_was_replaced_or_removed_is_refused) {
    run(*store_, 1 + 2 * 5);
    open_at("other", kFirstBoot).reset();
    fs::remove(folder_.path() / "other.head");
    copy_head("other");
    copy_head("none");
    copy_head("empty");
    fs::create_directory(folder_.path() / "empty");

    for (const auto* name : {"other", "none", "empty"}) {
        const auto text = refusal_of(name, kFirstBoot);
        EXPECT_NE(text.find("is not the one that " + (folder_.path() / name).string() + ".head belongs to; put"),
                  std::string::npos)
            << text;
    }
    EXPECT_EQ(open_at("none", kFirstBoot, true)->last_seq(), 0U);
    EXPECT_EQ(open_at("none", kFirstBoot)->last_seq(), 0U);
}

TEST_F(StoreHead, a_damaged_head_file_is_refused_until_lost_events_are_accepted) {
    run(*store_, 1 + 2 * 5);
    const auto epoch = store_->epoch();
    store_.reset();
    fs::resize_file(folder_.path() / "store.head", 5);

    const auto text = refusal_of("store", kFirstBoot);
    EXPECT_NE(text.find("store.head is damaged, so it is not known which events the store "), std::string::npos)
        << text;
    const auto after = open_at("store", kFirstBoot, true);
    EXPECT_NE(after->epoch(), epoch);
    EXPECT_EQ(after->last_seq_of(epoch), 15U);
}

TEST_F(StoreHead, a_store_in_use_or_of_another_format_is_refused_with_that_reason) {
    EXPECT_NE(refusal_of("store", kFirstBoot).find("is in use by another process"), std::string::npos);
    store_.reset();
    write_raw("meta", "format", std::string("\1\0\0\0", 4));
    EXPECT_NE(refusal_of("store", kFirstBoot).find("has format 1, this program reads format 7"), std::string::npos);
}

}  // namespace
}  // namespace rues::store
