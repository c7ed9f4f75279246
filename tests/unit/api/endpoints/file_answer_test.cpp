#include <sys/stat.h>

#include <fstream>

#include "crypto/hash.hpp"
#include "unit/api/fixture.hpp"

/// Files that the server offers: the common reference string and the wallets' drivers (docs/decisions/0013).
namespace rues::api {
namespace {

class FilesTest : public test::ApiTest {
protected:
    void offer(const std::string& bytes) {
        end();
        write(bytes);
        auto file = File::read(path_);
        ASSERT_TRUE(file) << file.error().text;
        crs_ = *file;
        static_drivers_.clear();
        static_drivers_.emplace("a.wasm", *file);
        begin();
    }
    void write(const std::string& bytes) const { std::ofstream(path_, std::ios::binary) << bytes; }
    /// Sends a request and reads the whole answer, whose body may be chunked.
    Answer get(net::test::Client& client, const std::string& request) {
        client.send(request);
        auto out = client.read_answer();
        const auto body = out.headers.contains("content-length") ? std::optional(out.body) : client.read_chunks();
        EXPECT_TRUE(body) << "the answer was broken off";
        out.body = body.value_or("");
        return out;
    }
    Answer get_driver() {
        net::test::Client client(server_->port());
        return get(client, "GET /static/drivers/a.wasm HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    static std::string tag_of(const std::string& bytes) {
        return '"' + base::to_hex(crypto::sha256(base::view(bytes))) + '"';
    }

    const std::filesystem::path path_ = folder_.path() / "offered";
};

TEST_F(FilesTest, changes_of_an_offered_file_do_not_show) {
    const std::string content(300'000, 'a');
    const std::function<void()> changes[] = {
        [&] { std::filesystem::resize_file(path_, 10); },
        [&] { std::filesystem::resize_file(path_, 1'000'000); },
        [&] { write(std::string(300'000, 'b')); },
        [&] { std::filesystem::remove(path_); },
        [&] {
            write(std::string(300'000, 'c'));
            std::filesystem::rename(path_, path_.string() + "2");
        },
    };
    for (const auto& change : changes) {
        offer(content);
        // The file changes while the first answer is being sent. The second request comes after the change.
        net::test::Client slow(server_->port(), 4'096);
        slow.send("GET /static/drivers/a.wasm HTTP/1.1\r\nHost: x\r\n\r\n");
        const auto head = slow.read_answer(true);
        change();
        EXPECT_EQ(head.headers.at("etag"), tag_of(content));
        EXPECT_EQ(slow.read_chunks(), content);
        const auto answer = get_driver();
        EXPECT_EQ(answer.headers.at("etag"), tag_of(content));
        EXPECT_EQ(answer.body, content);
    }
}

TEST_F(FilesTest, files_of_equal_size_and_time_with_different_bytes_have_different_tags) {
    write("first");
    const auto time = std::filesystem::last_write_time(path_);
    const auto first = File::read(path_);
    write("other");
    std::filesystem::last_write_time(path_, time);
    const auto other = File::read(path_);

    ASSERT_TRUE(first && other);
    EXPECT_NE(first->tag, other->tag);
    EXPECT_EQ('"' + other->tag + '"', tag_of("other"));
}

TEST_F(FilesTest, the_hash_header_and_the_body_of_the_reference_string_are_of_the_same_bytes) {
    const std::string content = "0123456789";
    offer(content);
    write("abcdefghijklmnop");
    net::test::Client client(server_->port());
    const std::string head = "POST /on/node/crs HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n";

    const auto whole = get(client, head + "Accept: application/octet-stream\r\n\r\n");
    EXPECT_EQ(whole.headers.at("crs-hash"), base::to_hex(crypto::sha256(base::view(content))));
    EXPECT_EQ(whole.body, content);
    EXPECT_EQ(get(client, head + "\r\n").body, base::to_hex(base::view(content)));
}

TEST_F(FilesTest, an_empty_file_has_an_empty_answer) {
    offer("");
    EXPECT_EQ(get_driver().body, "");
}

TEST_F(FilesTest, only_a_regular_file_of_at_most_256_mib_is_offered) {
    write("");
    EXPECT_EQ(File::read(path_ / "nothing").error().kind, base::Error::Kind::io);
    EXPECT_EQ(File::read(folder_.path() / "nothing").error().kind, base::Error::Kind::not_found);
    EXPECT_EQ(File::read(folder_.path()).error().kind, base::Error::Kind::invalid);
    ASSERT_EQ(::mkfifo((folder_.path() / "pipe").c_str(), 0600), 0);
    EXPECT_EQ(File::read(folder_.path() / "pipe").error().kind, base::Error::Kind::invalid);
    // A sparse file needs no space on the disk, but would need it in memory.
    std::filesystem::resize_file(path_, (256UL << 20) + 1);
    EXPECT_EQ(File::read(path_).error().kind, base::Error::Kind::invalid);
}

}  // namespace
}  // namespace rues::api
