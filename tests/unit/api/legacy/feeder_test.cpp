// Feeders on a socket: one Message for each item, as fast as the client reads. docs/legacy.md.
#include "unit/api/legacy/socket_fixture.hpp"

namespace rues::api::legacy {
namespace {

using namespace test;
using testing::IsEmpty;

class LegacyFeeder : public LegacySocket {
protected:
    static base::Bytes sync_accounts(wire::HeaderList headers = {}) {
        headers.emplace_back("RUSK-FEEDER", "");
        headers.emplace_back("Content-Type", "application/octet-stream");
        headers.emplace_back("X-Request-Id", "f");
        return message(std::move(headers), TargetType::contract, kTransfer, "sync_accounts", std::string(16, '\0'));
    }
};

TEST_F(LegacyFeeder, each_item_is_a_message_and_then_comes_one_with_status_204) {
    open();
    ask(sync_accounts());
    stage_.work();

    const auto all = peer_.messages();
    ASSERT_EQ(all.size(), 5U) << "the genesis has four accounts";
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(header(all[i], "Status"), "200; OK");
        EXPECT_EQ(header(all[i], "Content-Type"), "application/octet-stream");
        EXPECT_EQ(header(all[i], "Content-Length"), std::to_string(all[i].event.data.size()));
        EXPECT_EQ(all[i].event.data.size(), all[0].event.data.size());
        EXPECT_GT(all[i].event.data.size(), 0U);
        EXPECT_EQ(header(all[i], "X-Request-Id"), "f");
        EXPECT_EQ(all[i].event.topic, "sync_accounts");
    }
    EXPECT_EQ(header(all[4], "Status"), "204; End");
    EXPECT_EQ(header(all[4], "X-Request-Id"), "f");
    EXPECT_THAT(all[4].event.data, IsEmpty());
}

TEST_F(LegacyFeeder, items_are_json_or_hex_as_in_rues) {
    open();
    ask(message({{"Rusk-Feeder", "1"}, {"Content-Type", "application/json"}}, TargetType::contract, kTransfer,
                "sync_accounts", R"(["3","0"])"));
    stage_.work();
    ASSERT_EQ(peer_.messages().size(), 2U) << "the fourth of four accounts, and the end";
    EXPECT_EQ(header(peer_.messages()[0], "Content-Type"), "application/json");
    EXPECT_TRUE(boost::json::parse(data(peer_.messages()[0])).is_array());

    ask(message({{"Rusk-Feeder", "1"}}, TargetType::contract, kTransfer, "sync_accounts", "0x" + std::string(32, '0')));
    stage_.work();
    const auto hex = peer_.messages()[2];
    EXPECT_EQ(header(hex, "Content-Type"), "text/plain");
    EXPECT_TRUE(base::from_hex(data(hex)));
}

TEST_F(LegacyFeeder, a_feeder_without_the_header_is_400) {
    open();

    const auto said = answer(message({{"Content-Type", "application/octet-stream"}}, TargetType::contract, kTransfer,
                                     "sync_accounts", std::string(16, '\0')));

    EXPECT_EQ(header(said, "Status"), "400; Invalid input: rusk-feeder header is missing (Missing feed)");
}

TEST_F(LegacyFeeder, a_function_that_is_no_feeder_gives_no_items) {
    open();
    ask(message({{"Rusk-Feeder", "1"}, {"Content-Type", "application/octet-stream"}}, TargetType::contract, kTransfer,
                "chain_id"));
    stage_.work();

    const auto all = peer_.messages();
    ASSERT_FALSE(all.empty());
    EXPECT_EQ(header(all.back(), "Status"), "204; End");
    EXPECT_EQ(all.size(), 1U);
}

/// A body of `count` items of `size` bytes.
class Items final : public net::BodySource {
public:
    Items(std::size_t count, std::size_t size, std::size_t& made, net::Piece::Then end)
        : count_(count), size_(size), made_(made), end_(end) {}
    net::Piece next(const std::stop_token&) override {
        base::Writer out;
        for (std::size_t i = 0; i < 10 && made_ < count_; ++i, ++made_) {
            out.put(static_cast<std::uint32_t>(size_)).put(base::ByteView(base::Bytes(size_, std::byte{7})));
        }
        return {out.take(), made_ == count_ ? end_ : net::Piece::Then::more};
    }

private:
    std::size_t count_, size_;
    std::size_t& made_;
    net::Piece::Then end_;
};

/// A socket with one request in progress, to which the test gives a stream as its answer.
class LegacyStream : public LegacySocket {
protected:
    void begin(std::size_t items, net::Piece::Then end = net::Piece::Then::end, Limits limits = {}) {
        open({}, limits);
        answer_with(std::make_unique<Items>(items, 1'000, made_, end), true);
    }
    void answer_with(std::unique_ptr<net::BodySource> body, bool by_item) {
        stage_.submission.keeps = true;
        ask(message({}, TargetType::host, "rusk", "preverify"));
        socket_->stream(1, {200, {}, {}}, std::make_shared<net::BodyStream>(std::move(body), stage_.context->read_pool),
                        by_item);
    }
    std::size_t made_ = 0;
};

TEST_F(LegacyStream, items_are_made_only_as_fast_as_the_client_reads) {
    begin(10'000);
    peer_.room = 0;
    stage_.work();
    EXPECT_LT(made_, 100U) << "64 KiB and one piece";
    EXPECT_LT(stage_.context->legacy_bytes.taken(), 20'000U);

    for (int i = 0; i < 10'000 && peer_.messages().size() < 100; ++i) {
        peer_.room = 7'777;  // ends inside a Message
        socket_->on_writable();
        stage_.work();
        EXPECT_LT(made_ * 1'000, peer_.received.size() + 100'000);
    }
    peer_.room = SIZE_MAX;
    socket_->on_writable();
    stage_.work();
    EXPECT_EQ(made_, 10'000U);
    const auto all = peer_.messages();
    ASSERT_EQ(all.size(), 10'001U);
    EXPECT_EQ(header(all.back(), "Status"), "204; End");
    EXPECT_FALSE(peer_.is_paused);
}

TEST_F(LegacyStream, a_feeder_that_fails_ends_with_an_error_in_place_of_the_end) {
    begin(25, net::Piece::Then::failure);
    stage_.work();

    const auto all = peer_.messages();
    ASSERT_FALSE(all.empty());
    EXPECT_EQ(header(all.back(), "Status"), "500; Internal server error");
    EXPECT_NE(header(all.back(), "Rues-Failure-Id"), "(none)");
}

TEST_F(LegacyStream, a_client_that_reads_nothing_during_a_feeder_is_closed_after_the_stall_time) {
    begin(10'000);
    peer_.room = 0;
    stage_.work();
    EXPECT_EQ(peer_.closed, "");

    stage_.wait_for(Limits().stall);

    EXPECT_EQ(peer_.closed, "1013 the items of a feeder are not read");
}

TEST_F(LegacyStream, a_pool_that_is_full_for_a_while_is_asked_again) {
    begin(10'000);
    peer_.room = 100'000;
    stage_.work();
    stage_.pool_is_full = true;
    const std::size_t before = made_;
    peer_.room = SIZE_MAX;
    socket_->on_writable();
    stage_.work();
    EXPECT_LE(made_, before + 10);

    stage_.pool_is_full = false;
    stage_.wait_for(Limits().pool_retry);
    stage_.work();

    EXPECT_EQ(peer_.messages().size(), 10'001U);
}

TEST_F(LegacyStream, a_body_that_is_no_feeder_is_one_message) {
    open();
    answer_with(std::make_unique<Items>(1'000, 996, made_, net::Piece::Then::end), false);
    stage_.work();

    ASSERT_EQ(peer_.messages().size(), 1U);
    EXPECT_EQ(header(peer_.messages()[0], "Content-Length"), "1000000");
    EXPECT_EQ(stage_.context->legacy_bytes.taken(), 0U);
}

}  // namespace
}  // namespace rues::api::legacy
