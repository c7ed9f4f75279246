#include <future>
#include <thread>

#include "api/endpoints/feeding.hpp"
#include "base/endian.hpp"
#include "unit/api/fixture.hpp"

namespace rues::api::contracts {
namespace {

using namespace std::chrono_literals;

TEST(Feed, bytes_come_out_in_the_order_in_which_they_went_in) {
    Feed feed;
    ASSERT_TRUE(feed.give(base::to_bytes("one, ")));
    ASSERT_TRUE(feed.give(base::to_bytes("two")));
    feed.end(true);

    const auto taken = feed.take(1'000, {});

    EXPECT_EQ(base::text(taken.bytes), "one, two");
    EXPECT_TRUE(taken.ended);
    EXPECT_TRUE(taken.complete);
}

TEST(Feed, a_contract_waits_while_its_client_has_the_most_to_take) {
    Feed feed;
    ASSERT_TRUE(feed.give(base::Bytes(Feed::kMost)));
    auto more = std::async(std::launch::async, [&feed] { return feed.give(base::Bytes(1)); });
    EXPECT_EQ(more.wait_for(50ms), std::future_status::timeout);

    EXPECT_EQ(feed.take(1, {}).bytes.size(), Feed::kMost);

    EXPECT_TRUE(more.get());
    EXPECT_EQ(feed.take(1, {}).bytes.size(), 1U);
}

TEST(Feed, a_single_piece_above_the_most_is_taken_too) {
    Feed feed;
    EXPECT_TRUE(feed.give(base::Bytes(Feed::kMost + 1)));
}

TEST(Feed, a_contract_that_waits_learns_that_nobody_wants_items_any_more) {
    Feed feed;
    ASSERT_TRUE(feed.give(base::Bytes(Feed::kMost)));
    auto more = std::async(std::launch::async, [&feed] { return feed.give(base::Bytes(1)); });

    feed.close();

    EXPECT_FALSE(more.get());
    EXPECT_TRUE(feed.is_closed());
    EXPECT_FALSE(feed.give(base::Bytes(1)));
}

TEST(Feed, a_body_waits_for_enough_or_for_the_end_or_until_its_client_has_gone) {
    Feed feed;
    ASSERT_TRUE(feed.give(base::Bytes(10)));
    std::stop_source gone;
    auto taken = std::async(std::launch::async, [&] { return feed.take(100, gone.get_token()); });
    EXPECT_EQ(taken.wait_for(50ms), std::future_status::timeout);
    gone.request_stop();
    EXPECT_EQ(taken.get().bytes.size(), 10U);

    auto last = std::async(std::launch::async, [&] { return feed.take(100, {}); });
    feed.end(false);
    const auto end = last.get();
    EXPECT_TRUE(end.ended);
    EXPECT_FALSE(end.complete);
}

class FeederTest : public test::ApiTest {
protected:
    static std::string feeder(std::string_view function, const std::string& argument,
                              const std::string& headers = "Content-Type: application/octet-stream\r\n",
                              const std::string& contract = "01" + std::string(62, '0')) {
        return "POST /on/contracts:" + contract + "/" + std::string(function) +
               " HTTP/1.1\r\nHost: x\r\nRusk-Feeder: 1\r\n" + headers +
               "Content-Length: " + std::to_string(argument.size()) + "\r\n\r\n" + argument;
    }
    /// The body of a streamed answer; nullopt when it was broken off.
    std::optional<std::string> fed(const std::string& request) {
        net::test::Client client(server_->port());
        client.send(request);
        EXPECT_EQ(client.read_answer().status, 200U);
        return client.read_chunks();
    }
    Answer refused(const std::string& request) {
        net::test::Client client(server_->port());
        return client.ask(request);
    }
};

const std::string kAll(16, '\0');

// docs/reference/ledger.md 8.5 and 8.7: four accounts of 216 bytes each, in this order.
TEST_F(FeederTest, items_are_concatenated_as_bytes_or_hex) {
    const auto bytes = fed(feeder("sync_accounts", kAll));
    ASSERT_TRUE(bytes);
    ASSERT_EQ(bytes->size(), 4U * 216);
    EXPECT_EQ(base::to_hex(base::view(bytes->substr(16, 4))), "503c57bd");

    const auto hex = fed(feeder("sync_accounts", "0x" + std::string(32, '0'), ""));
    ASSERT_TRUE(hex);
    EXPECT_EQ(*hex, base::to_hex(base::view(*bytes)));
}

TEST_F(FeederTest, items_are_an_array_in_json) {
    const std::string json = "Content-Type: application/json\r\n";
    const auto text = fed(feeder("sync_contract_balances", R"(["0","0"])", json));
    ASSERT_TRUE(text);
    EXPECT_EQ(*text, R"([["02)" + std::string(62, '0') + R"(","2000000000000"]])");
    EXPECT_EQ(fed(feeder("sync_nullifiers", R"(["0","0"])", json)), "[]");
}

// docs/reference/ledger.md 11.3: 2,068 leaves of 736 bytes.
TEST_F(FeederTest, a_long_feeder_is_sent_whole) {
    const auto leaves = fed(feeder("leaves_from_height", std::string(8, '\0')));
    ASSERT_TRUE(leaves);
    EXPECT_EQ(leaves->size(), 2'068U * 736);
}

/// Keeps the answer that a feeder gives to a Message.
class Keeper final : public Recipient {
public:
    struct Kept {
        std::unique_ptr<net::BodySource> body;  ///< null: the answer is no stream
        std::string content_type;
        bool by_item = false;
        std::string failure;
    };
    explicit Keeper(std::promise<Kept>& kept) : kept_(kept) {}

    void send(net::Response, std::string_view failure) override {
        kept_.set_value({nullptr, {}, false, std::string(failure)});
    }
    void stream(net::Response head, std::unique_ptr<net::BodySource> body, net::Executor, bool by_item) override {
        kept_.set_value(
            {std::move(body), head.headers.empty() ? "" : std::string(head.headers[0].second), by_item, {}});
    }
    void watch(std::move_only_function<void()>) override {}
    bool has_gone() const noexcept override { return false; }

private:
    std::promise<Kept>& kept_;
};

class FeederOfMessages : public FeederTest {
protected:
    /// The items of a feeder of the transfer contract, read as they are sent; nullopt when they are not apart.
    std::optional<std::vector<std::string>> items(const std::string& function, base::Bytes argument, FeederForm form) {
        const net::Executor pool = [this](auto task) { return queue(std::move(task)); };
        const Context context{
            Services{*store_, *chain_, *chain_, *chain_, *hub_, base::no_log(), pool}, {}, {}, {}, {}};
        const FailureLog failures(base::no_log());
        std::promise<Keeper::Kept> promise;
        auto kept = promise.get_future();
        const auto feeding = std::async(std::launch::async, [&] {
            feed(context, Exchange({}, std::make_unique<Keeper>(promise), 0, failures), ledger::kTransferContract,
                 function, argument, form,
                 [](base::ByteView item) { return std::optional('"' + base::to_hex(item) + '"'); });
        });
        const auto answer = kept.get();
        if (!answer.body || !answer.by_item) return std::nullopt;
        base::Bytes all;
        for (net::Piece piece; piece.then == net::Piece::Then::more;) {
            piece = answer.body->next({});
            if (piece.then == net::Piece::Then::failure) return std::nullopt;
            base::append(all, piece.bytes);
        }
        std::vector<std::string> out;
        base::Reader in(all);
        while (const auto length = in.take<std::uint32_t>()) {
            const auto item = in.take_bytes(*length);
            if (!item) return std::nullopt;
            out.emplace_back(base::text(*item));
        }
        return in.rest().empty() ? std::optional(out) : std::nullopt;
    }
};

// docs/reference/ledger.md 8.5 and 8.7: four accounts of 216 bytes each.
TEST_F(FeederOfMessages, items_are_apart_in_every_form) {
    const auto bytes = items("sync_accounts", base::Bytes(16), FeederForm::bytes);
    ASSERT_TRUE(bytes);
    ASSERT_EQ(bytes->size(), 4U);
    for (const auto& item : *bytes) EXPECT_EQ(item.size(), 216U);

    const auto hex = items("sync_accounts", base::Bytes(16), FeederForm::hex);
    ASSERT_TRUE(hex);
    ASSERT_EQ(hex->size(), 4U);
    EXPECT_EQ(hex->at(1), base::to_hex(base::view(bytes->at(1))));

    const auto json = items("sync_accounts", base::Bytes(16), FeederForm::json);
    ASSERT_TRUE(json);
    ASSERT_EQ(json->size(), 4U);
    EXPECT_EQ(json->at(3), "\"" + hex->at(3) + "\"") << "no array around the items";
}

TEST_F(FeederOfMessages, a_feeder_without_items_is_a_stream_without_items) {
    EXPECT_EQ(items("sync_nullifiers", base::Bytes(16), FeederForm::bytes), std::vector<std::string>());
    EXPECT_EQ(items("sync_nullifiers", base::Bytes(16), FeederForm::json), std::vector<std::string>());
}

// docs/reference/ledger.md 11.3: 2,068 leaves of 736 bytes, more than one body holds at a time.
TEST_F(FeederOfMessages, no_item_of_a_long_feeder_is_cut) {
    const auto leaves = items("leaves_from_height", base::Bytes(8), FeederForm::bytes);
    ASSERT_TRUE(leaves);
    ASSERT_EQ(leaves->size(), 2'068U);
    for (const auto& leaf : *leaves) ASSERT_EQ(leaf.size(), 736U);
}

TEST_F(FeederTest, a_function_that_is_no_feeder_gives_nothing) {
    const auto answer = refused(feeder("chain_id", ""));
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.body, "");
    EXPECT_EQ(fed(feeder("chain_id", "null", "Content-Type: application/json\r\n")), "[]");
}

TEST_F(FeederTest, an_error_before_the_first_item_is_the_answer) {
    EXPECT_EQ(refused(feeder("no_such_feeder", "")).body, R"({"error":"Not found: function no_such_feeder"})");
    EXPECT_EQ(
        refused(feeder("sync_accounts", "", "Content-Type: application/octet-stream\r\n", std::string(64, 'a'))).status,
        404U);
    const auto panic = refused(feeder("sync_accounts", "short"));
    EXPECT_EQ(panic.status, 400U);
    EXPECT_TRUE(panic.body.starts_with(R"({"error":"VM error: Panic: Argument should correctly deserialize: )"))
        << panic.body;
}

TEST_F(FeederTest, a_feeder_without_its_header_is_400) {
    const auto answer = ask("POST", "/on/contracts:01" + std::string(62, '0') + "/sync_accounts",
                            "Content-Type: application/octet-stream\r\n", kAll);
    EXPECT_EQ(answer.status, 400U);
    EXPECT_EQ(answer.body, R"x({"error":"Invalid input: rusk-feeder header is missing (Missing feed)"})x");
}

TEST_F(FeederTest, a_feeder_beyond_the_limit_is_503_until_another_one_was_sent) {
    const auto long_one = feeder("leaves_from_height", std::string(8, '\0'));
    pool_waits_ = true;  // no piece is made, so each feeder keeps its place
    std::vector<std::unique_ptr<net::test::Client>> clients;
    const net::test::Endpoint at(server_->port());
    for (std::size_t i = 0; i < class_of(Work::feeder).most; ++i) {
        const auto address = static_cast<unsigned char>(2 + i / class_of(Work::feeder).of_one);
        clients.push_back(std::make_unique<net::test::Client>(at.from(address)));
        clients.back()->send(long_one);
    }
    while (places_.of(Work::feeder).taken() < class_of(Work::feeder).most) std::this_thread::yield();

    EXPECT_EQ(refused(long_one).status, 503U);

    while (queued_ < static_cast<int>(class_of(Work::feeder).most)) std::this_thread::yield();
    work();
    for (const auto& client : clients) {
        EXPECT_EQ(client->read_answer().status, 200U);
        EXPECT_EQ(client->read_chunks().value_or("").size(), 2'068U * 736);
    }
    while (places_.of(Work::feeder).taken() > 0) std::this_thread::yield();
    EXPECT_TRUE(fed(long_one));
}

TEST_F(FeederTest, a_client_that_leaves_ends_its_feeder) {
    pool_waits_ = true;
    {
        net::test::Client client(server_->port());
        client.send(feeder("leaves_from_height", std::string(8, '\0')));
        while (queued_ == 0) std::this_thread::yield();
    }
    work();
    while (places_.of(Work::feeder).taken() > 0) std::this_thread::yield();
}

}  // namespace
}  // namespace rues::api::contracts
