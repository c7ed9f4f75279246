#include "client/proving.hpp"

#include <gtest/gtest.h>

#include "unit/client/scripted_node.hpp"

namespace rues::client {
namespace {

using namespace std::chrono_literals;
using test::Node;
using test::Replies;

constexpr std::string_view kCircuit = "a circuit";
const std::string kProof(1'008, 'p');
constexpr auto kProofPatience = 20s;
const test::Reply kBusy{"503 Service Unavailable", R"({"error":"the prover's keys are being made"})",
                        "Rusk-Version: 1.7.0\r\nRetry-After: 5\r\n"};

/// The waits that a request asked for.
struct Waits {
    std::vector<std::string> reasons;
    std::vector<std::chrono::seconds> pauses;

    auto record() {
        return [this](std::string_view why, std::chrono::seconds pause) {
            reasons.emplace_back(why);
            pauses.push_back(pause);
        };
    }
};

Result<base::Bytes> asked(const Node& node, Waits& waits, std::chrono::milliseconds patience = kProofPatience) {
    return prove(node.url(), base::view(kCircuit), patience, waits.record());
}

TEST(ClientProof, is_the_body_of_the_answer) {
    const Node node(Replies{{"200 OK", kProof}});
    Waits waits;

    const auto proof = asked(node, waits);

    ASSERT_TRUE(proof) << proof.error().text;
    EXPECT_EQ(base::text(*proof), kProof);
    EXPECT_TRUE(node.asked[0].starts_with("POST /on/prover/prove HTTP/1.1\r\n"));
    EXPECT_NE(node.asked[0].find("Content-Type: application/octet-stream"), std::string::npos);
    EXPECT_TRUE(node.asked[0].ends_with("\r\n\r\na circuit"));
    EXPECT_TRUE(waits.pauses.empty());
}

TEST(ClientProof, is_asked_for_again_when_the_busy_node_says_so) {
    auto silent = kBusy;
    silent.headers = "Rusk-Version: 1.7.0\r\n";
    const Node node(Replies{kBusy, silent, {"200 OK", kProof}});
    Waits waits;

    EXPECT_TRUE(asked(node, waits));

    EXPECT_EQ(waits.reasons, std::vector<std::string>(2, "the prover's keys are being made"));
    EXPECT_EQ(waits.pauses, (std::vector<std::chrono::seconds>{5s, 1s}));
    EXPECT_TRUE(node.asked[2].ends_with("a circuit"));
}

TEST(ClientProof, is_given_up_when_the_pause_is_longer_than_the_patience) {
    const Node node(Replies{kBusy});
    Waits waits;

    const auto proof = asked(node, waits, 4s);

    ASSERT_FALSE(proof);
    EXPECT_EQ(proof.error().kind, Error::Kind::timed_out);
    EXPECT_EQ(proof.error().text, "the node made no proof in time: the prover's keys are being made");
    EXPECT_TRUE(waits.pauses.empty());
}

TEST(ClientProof, is_not_made_by_a_node_without_a_prover) {
    const Node node(Replies{{"404 Not Found", R"({"error":"Not found: prover"})"}});
    Waits waits;

    EXPECT_EQ(asked(node, waits).error().text, kNoProofs);
}

TEST(ClientProof, is_refused_with_the_text_of_the_node) {
    const Node node(Replies{{"422 Unprocessable Content", R"({"error":"row 7 does not hold"})"}});
    Waits waits;

    const auto proof = asked(node, waits);

    EXPECT_EQ(proof.error().kind, Error::Kind::refused);
    EXPECT_NE(proof.error().text.find("row 7 does not hold"), std::string::npos);
}

TEST(ClientProof, has_1008_bytes) {
    const Node node(Replies{{"200 OK", kProof.substr(1)}});
    Waits waits;

    EXPECT_EQ(asked(node, waits).error().kind, Error::Kind::malformed);
}

}  // namespace
}  // namespace rues::client
