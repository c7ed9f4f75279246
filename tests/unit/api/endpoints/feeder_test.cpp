#include <thread>

#include "api/endpoints/feeder_body.hpp"
#include "unit/api/fixture.hpp"

namespace rues::api::contracts {
namespace {

class FeederTest : public test::ApiTest {
protected:
    static std::string sync_accounts() {
        return "POST /on/contracts:01" + std::string(62, '0') +
               "/sync_accounts HTTP/1.1\r\nHost: x\r\nRusk-Feeder: 1\r\nContent-Type: application/octet-stream\r\n"
               "Content-Length: 16\r\n\r\n" +
               std::string(16, '\0');
    }
};

/// `count` items of `size` bytes. `taken` counts the items that were read.
Items items(std::size_t count, std::size_t size, std::size_t& taken) {
    return [count, size, &taken]() -> std::optional<base::Bytes> {
        if (taken == count) return std::nullopt;
        ++taken;
        return base::Bytes(size, static_cast<std::byte>(taken));
    };
}

std::string whole(FeederBody& body) {
    std::string out;
    for (;;) {
        const auto piece = body.next({});
        out += base::text(piece.bytes);
        if (piece.then != net::Piece::Then::more) return out;
    }
}

base::json::value size_json(base::ByteView item) {
    return item.size();
}

TEST(FeederBody, a_piece_is_bounded_however_many_items_the_feeder_has) {
    constexpr std::size_t kItem = 1'000;
    std::size_t taken = 0;
    FeederBody body(items(1'000, kItem, taken), FeederForm::bytes, nullptr);

    const auto piece = body.next({});

    EXPECT_EQ(piece.then, net::Piece::Then::more);
    EXPECT_LT(piece.bytes.size(), 32'768 + kItem);
    EXPECT_EQ(piece.bytes.size(), taken * kItem);
}

TEST(FeederBody, no_items_are_read_after_the_client_has_gone) {
    std::size_t taken = 0;
    FeederBody body(items(1'000, 1'000, taken), FeederForm::bytes, nullptr);
    std::stop_source gone;
    gone.request_stop();

    (void)body.next(gone.get_token());

    EXPECT_EQ(taken, 0U);
}

TEST(FeederBody, items_are_concatenated_as_bytes_or_hex_and_are_an_array_in_json) {
    const auto text = [](FeederForm form, std::size_t count) {
        std::size_t taken = 0;
        FeederBody body(items(count, 2, taken), form, &size_json);
        return whole(body);
    };

    EXPECT_EQ(text(FeederForm::bytes, 2), "\1\1\2\2");
    EXPECT_EQ(text(FeederForm::hex, 2), "01010202");
    EXPECT_EQ(text(FeederForm::json, 2), "[2,2]");
    EXPECT_EQ(text(FeederForm::json, 0), "[]");
    EXPECT_EQ(text(FeederForm::bytes, 0), "");
}

TEST_F(FeederTest, a_feeder_over_more_entries_than_the_limit_is_503) {
    end();
    max_feeder_entries_ = 3;  // the genesis has four accounts
    begin();
    net::test::Client client(server_->port());

    EXPECT_EQ(client.ask(sync_accounts()).status, 503U);
}

TEST_F(FeederTest, a_feeder_beyond_the_limit_is_503_until_another_one_was_sent) {
    pool_waits_ = true;
    std::vector<std::unique_ptr<net::test::Client>> clients;
    for (std::size_t i = 0; i < class_of(Work::feeder).most; ++i) {
        clients.push_back(std::make_unique<net::test::Client>(server_->port()));
        clients.back()->send(sync_accounts());
    }
    while (queued_ < static_cast<int>(class_of(Work::feeder).most)) std::this_thread::yield();

    net::test::Client late(server_->port());
    EXPECT_EQ(late.ask(sync_accounts()).status, 503U);

    work();
    constexpr std::size_t kAccounts = 4 * 216;
    const auto fed = [](net::test::Client& client) {
        EXPECT_EQ(client.read_answer().status, 200U);
        return client.read_chunks().value_or("").size();
    };
    for (const auto& client : clients) EXPECT_EQ(fed(*client), kAccounts);
    while (places_.of(Work::feeder).taken() > 0) std::this_thread::yield();
    late.send(sync_accounts());
    EXPECT_EQ(fed(late), kAccounts);
}

}  // namespace
}  // namespace rues::api::contracts
