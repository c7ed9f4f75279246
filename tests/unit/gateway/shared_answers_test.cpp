#include "gateway/shared_answers.hpp"

#include <gtest/gtest.h>

namespace rues::gateway {
namespace {

const base::Hash32 kTip{std::byte{1}};
const base::Hash32 kNextTip{std::byte{2}};

net::Request request(std::string method, std::string target, net::Headers headers = {}, std::string_view body = {}) {
    net::Request out;
    out.method = std::move(method);
    out.target = std::move(target);
    out.headers = std::move(headers);
    out.body = base::to_bytes(body);
    return out;
}

SharedAnswerPtr answer(std::size_t bytes) {
    auto out = std::make_shared<SharedAnswer>();
    out->answer = {200, {}, base::Bytes(bytes)};
    return out;
}

TEST(SharedAnswers, only_reads_that_follow_from_the_state_are_shared) {
    const auto post = request("POST", "/on/contracts:01/root");
    EXPECT_TRUE(is_shared("/on/contracts:{entity}/{topic}", "", post));
    EXPECT_TRUE(is_shared("/on/contract:{entity}/status", "status", post));
    EXPECT_TRUE(is_shared("/on/node/{topic}", "provisioners", post));
    EXPECT_TRUE(is_shared("/contracts", "", request("GET", "/contracts?limit=3")));
    for (const auto& [path, topic] : std::vector<std::pair<std::string_view, std::string_view>>{
             {"/on/transactions/propagate", "propagate"},
             {"/on/transactions/{topic}", "preverify"},
             {"/on/transactions/{topic}", "simulate"},
             {"/on/prover/{topic}", "prove"},
             {"/on/account:{entity}/{topic}", "status"},  // its next nonce follows from the mempool
             {"/on/blocks/{topic}", "gas-price"},
             {"/on/contract:{entity}/upload_driver", "upload_driver"},
             {"/on/contract:{entity}/{topic}", "metadata"},  // each node has data drivers of its own
             {"/on/driver:{entity}/{topic}", ""},
             {"/on/node/{topic}", "crs"},
             {"/status", ""}})
        EXPECT_FALSE(is_shared(path, topic, post)) << path << " " << topic;
    EXPECT_FALSE(is_shared("/contracts", "", request("DELETE", "/contracts")));
    EXPECT_FALSE(is_shared("/contracts", "", request("HEAD", "/contracts")));
}

TEST(SharedAnswers, requests_with_secrets_for_streams_or_that_want_nothing_kept_are_not_shared) {
    for (const auto* name :
         {"Authorization", "Cookie", "Rusk-Feeder", "Rues-Trace", "Range", "Cache-Control", "Pragma"})
        EXPECT_FALSE(
            is_shared("/on/contracts:{entity}/{topic}", "", request("POST", "/on/contracts:01/root", {{name, "x"}})))
            << name;
    auto secret = request("POST", "/on/contracts:01/root");
    secret.body.is_secret = true;
    EXPECT_FALSE(is_shared("/on/contracts:{entity}/{topic}", "", secret));
}

TEST(SharedAnswers, an_answer_about_who_asked_or_how_busy_the_node_is_is_for_nobody_else) {
    for (const unsigned status : {200U, 400U, 404U, 422U}) EXPECT_TRUE(is_for_all({status, {}, {}})) << status;
    for (const unsigned status : {204U, 301U, 401U, 403U, 424U, 429U, 500U, 501U, 503U})
        EXPECT_FALSE(is_for_all({status, {}, {}})) << status;
    const std::vector<std::pair<std::string, std::string>> personal{{"Set-Cookie", "route=1"},
                                                                    {"Vary", "*"},
                                                                    {"Vary", "Accept, User-Agent"},
                                                                    {"Cache-Control", "private"},
                                                                    {"Cache-Control", "max-age=0, no-store"}};
    for (const auto& header : personal) EXPECT_FALSE(is_for_all({200, {header}, {}})) << header.first << header.second;
    EXPECT_TRUE(is_for_all({200, {{"Vary", "Accept, Origin"}, {"Cache-Control", "max-age=3"}}, {}}));
}

TEST(SharedAnswers, the_key_says_all_but_who_asks) {
    const auto key = [](const net::Request& of) { return share_key(of).value(); };
    const auto one = request("POST", "/on/contracts:01/root", {{"Accept", "text/plain"}, {"X-Id", "1"}}, "body");
    auto same = request("POST", "/on/contracts:01/root", {{"x-id", "1"}, {"accept", "text/plain"}}, "body");
    for (const auto* name :
         {"User-Agent", "Referer", "Sec-Fetch-Mode", "Host", "Connection", "X-Forwarded-For", "Rues-Min-Height"})
        same.headers.emplace_back(name, "other");
    same.peer = "192.0.2.7";
    EXPECT_EQ(key(one), key(same));
    EXPECT_NE(key(one), key(request("POST", "/on/contracts:02/root", one.headers, "body")));
    EXPECT_NE(key(one), key(request("GET", "/on/contracts:01/root", one.headers, "body")));
    EXPECT_NE(key(one), key(request("POST", "/on/contracts:01/root", one.headers, "other")));
    EXPECT_NE(key(one),
              key(request("POST", "/on/contracts:01/root", {{"Accept", "text/plain"}, {"X-Id", "2"}}, "body")))
        << "a node answers with such a header";
    for (const auto* name :
         {"Accept", "Accept-Encoding", "Accept-Language", "Content-Type", "Origin", "Rusk-Version"}) {
        auto differs = one;
        differs.headers.emplace_back(name, "other");
        EXPECT_NE(key(one), key(differs)) << name;
    }
    EXPECT_NE(key(request("POST", "/a", {}, "x: y\n")), key(request("POST", "/a", {{"x", "y"}}, "")));
    EXPECT_FALSE(share_key(request("POST", "/a", {}, std::string(kMostShareKey, 'a'))));
}

TEST(SharedAnswers, one_asks_and_the_others_wait_for_it) {
    SharedAnswers<std::unique_ptr<int>> all(1 << 20);
    auto first = std::make_unique<int>(1);
    auto second = std::make_unique<int>(2);
    auto third = std::make_unique<int>(3);
    EXPECT_EQ(all.find(kTip, "key"), nullptr);
    EXPECT_FALSE(all.join(kTip, "key", first, [](const auto&) { return false; }));
    EXPECT_TRUE(first) << "the one who asks keeps his request";
    EXPECT_TRUE(all.join(kTip, "key", second, [](const auto&) { return false; }));
    EXPECT_FALSE(all.join(kTip, "other key", third, [](const auto&) { return false; }));
    EXPECT_FALSE(all.join(kNextTip, "key", third, [](const auto&) { return false; }))
        << "another tip is another question";

    const auto kept = answer(10);
    const auto waiters = all.end(kTip, "key", kept);
    ASSERT_EQ(waiters.size(), 1U);
    EXPECT_EQ(*waiters[0], 2);
    EXPECT_EQ(all.find(kTip, "key"), kept);
    EXPECT_TRUE(all.end(kTip, "key", nullptr).empty());
}

TEST(SharedAnswers, a_new_tip_forgets_what_was_kept) {
    SharedAnswers<int> all(1 << 20);
    int waiter = 0;
    (void)all.find(kTip, "key");
    (void)all.join(kTip, "key", waiter, [](const auto&) { return false; });
    (void)all.end(kTip, "key", answer(10));
    EXPECT_GT(all.bytes(), 10U);

    EXPECT_EQ(all.find(kNextTip, "key"), nullptr);
    EXPECT_EQ(all.bytes(), 0U);
    (void)all.join(kTip, "key", waiter, [](const auto&) { return false; });
    (void)all.end(kTip, "key", answer(10));
    EXPECT_EQ(all.bytes(), 0U) << "an answer at an older tip is not kept";
}

TEST(SharedAnswers, memory_and_waiting_requests_are_bounded) {
    SharedAnswers<int> all(64 << 10);
    (void)all.find(kTip, "");
    int waiter = 0;
    for (int i = 0; i < 100; ++i) {
        const auto key = std::to_string(i);
        EXPECT_FALSE(all.join(kTip, key, waiter, [](const auto&) { return false; }));
        (void)all.end(kTip, key, answer(8 << 10));
    }
    EXPECT_LE(all.bytes(), 64U << 10);
    EXPECT_GT(all.bytes(), 32U << 10);

    EXPECT_FALSE(all.join(kTip, "full", waiter, [](const auto&) { return false; }));
    for (std::size_t i = 0; i < SharedAnswers<int>::kMostWaiters; ++i)
        EXPECT_TRUE(all.join(kTip, "full", waiter, [](const auto&) { return false; }));
    EXPECT_FALSE(all.join(kTip, "full", waiter, [](const auto&) { return false; })) << "the next one asks too";
    EXPECT_EQ(all.end(kTip, "full", nullptr).size(), SharedAnswers<int>::kMostWaiters);
}

TEST(SharedAnswers, waiters_that_have_gone_make_room) {
    SharedAnswers<int> all(1 << 20);
    const auto is_even = [](int each) { return each % 2 == 0; };
    int first = 1;
    ASSERT_FALSE(all.join(kTip, "key", first, is_even));
    for (int i = 0; i < static_cast<int>(SharedAnswers<int>::kMostWaiters); ++i)
        ASSERT_TRUE(all.join(kTip, "key", i, is_even));
    int late = 1;
    EXPECT_TRUE(all.join(kTip, "key", late, is_even));
    EXPECT_EQ(all.end(kTip, "key", nullptr).size(), SharedAnswers<int>::kMostWaiters / 2 + 1);
}

TEST(SharedAnswers, headers_of_kept_answers_count) {
    SharedAnswer large;
    large.answer.headers.emplace_back("x", std::string(10'000, 'a'));
    EXPECT_GT(size_of("key", large), 10'000U);
}

}  // namespace
}  // namespace rues::gateway
