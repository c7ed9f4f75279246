#include "api/prover.hpp"

#include <thread>

#include "app/task_threads.hpp"
#include "app/transaction_prover.hpp"
#include "base/encoding.hpp"
#include "ledger/circuits.hpp"
#include "phoenix/circuits/transaction.hpp"
#include "plonk/verifier.hpp"
#include "support/recorded.hpp"
#include "support/sanitized.hpp"
#include "unit/api/fixture.hpp"

namespace rues::api {
namespace {

/// Decodes any body but `bad`, and proves it as the test says.
struct FakeProver final : Prover {
    struct Body final : Request {};
    base::Result<std::unique_ptr<Request>> decode(base::ByteView circuit) const override {
        if (base::text(circuit) == "bad") return base::failure(base::Error::Kind::invalid, "BadLength(3, 872)");
        return std::make_unique<Body>();
    }
    std::optional<unsigned> seconds_until_ready(const Request&) override {
        return ready ? std::nullopt : std::optional(7U);
    }
    base::Result<base::Bytes> prove(const Request&, const std::function<bool()>& go_on) override {
        ++proofs;
        while (blocks && go_on()) std::this_thread::yield();
        if (blocks) {
            was_cancelled = true;
            return base::failure(base::Error::Kind::would_block, "no");
        }
        if (!wrong.empty()) return base::failure(base::Error::Kind::invalid, wrong);
        return base::to_bytes("proof");
    }

    std::atomic<bool> ready = true, blocks = false, was_cancelled = false;
    std::atomic<int> proofs = 0;
    std::string wrong;
};

class ProverTest : public test::ApiTest {
protected:
    void SetUp() override {
        prover_ = fake_;
        begin();
    }
    Answer prove(const std::string& body = "circuit") {
        return ask("POST", "/on/prover/prove", "Content-Type: application/octet-stream\r\n", body);
    }

    const std::shared_ptr<FakeProver> fake_ = std::make_shared<FakeProver>();
};

TEST_F(ProverTest, a_proof_is_answered_as_bytes_or_as_hex) {
    EXPECT_EQ(prove().body, "proof");
    EXPECT_EQ(ask("POST", "/on/prover/prove", {}, "0x00").body, base::to_hex(base::view("proof")));
}

TEST_F(ProverTest, bytes_that_are_no_circuit_are_400_with_the_text_of_the_network) {
    const auto answer = prove("bad");
    EXPECT_EQ(answer.status, 400U);
    EXPECT_EQ(answer.body, R"-({"error":"Invalid input: Dusk-Core Error: BadLength(3, 872)"})-");
    EXPECT_EQ(fake_->proofs, 0);
}

TEST_F(ProverTest, a_circuit_that_is_not_satisfied_is_422) {
    fake_->wrong = "row 7 does not hold";
    const auto answer = prove();
    EXPECT_EQ(answer.status, 422U);
    EXPECT_EQ(answer.body, R"({"error":"row 7 does not hold"})");
}

TEST_F(ProverTest, without_keys_the_answer_is_503_and_says_when_to_ask_again) {
    fake_->ready = false;
    const auto answer = prove();
    EXPECT_EQ(answer.status, 503U);
    EXPECT_EQ(answer.headers.at("retry-after"), "7");
    EXPECT_EQ(fake_->proofs, 0);
}

TEST_F(ProverTest, a_full_queue_is_503_with_the_place_behind_it) {
    std::vector<Place> taken;
    for (std::size_t i = 0; i < kMostProofs; ++i) taken.push_back(*places_.take(Work::prove));
    const auto answer = prove();
    EXPECT_EQ(answer.status, 503U);
    EXPECT_EQ(answer.headers.at("rues-queue"), std::to_string(kMostProofs));
    EXPECT_EQ(answer.headers.count("retry-after"), 1U);
    taken.clear();
    EXPECT_EQ(prove().status, 200U);
}

TEST_F(ProverTest, a_proof_ends_when_its_client_leaves) {
    fake_->blocks = true;
    net::test::Client client(server_->port());
    client.send("POST /on/prover/prove HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n0x00");
    while (fake_->proofs == 0) std::this_thread::yield();
    client.reset();
    while (!fake_->was_cancelled) std::this_thread::yield();
}

/// A server that proves with the developers' keys, in the folder of the test.
class DevelopersProverTest : public ProverTest {
protected:
    /// Starts the server, and waits for the keys when it has answered that there are none yet.
    void start() {
        end();
        const auto executor = app::on_threads(2);
        const auto prover = std::make_shared<app::TransactionProver>(
            std::make_unique<app::ProverKeys>(nullptr, folder_.path() / "prover", executor, log()), executor);
        prover_ = prover;
        begin();
        const auto answer = prove(circuit());
        EXPECT_EQ(answer.status, 503U);
        EXPECT_EQ(answer.headers.count("retry-after"), 1U);
        EXPECT_TRUE(prover->wait_until_ready(*prover->decode(bytes_).value())) << logged();
    }
    std::string circuit() const { return std::string(base::text(bytes_)); }
    std::string proven() {
        const auto answer = prove(circuit());
        EXPECT_EQ(answer.status, 200U) << answer.body;
        return answer.body;
    }

    const base::Bytes bytes_ = [] {
        std::string hex = recorded::read_file(std::string(RUES_TEST_DATA) + "/prover/tx_circuit_one_input.hex");
        hex.erase(hex.find_last_not_of('\n') + 1);
        return base::from_hex(hex).value();
    }();
};

TEST_F(DevelopersProverTest, a_recorded_circuit_gets_a_proof_that_holds_with_the_developers_keys) {
    if (rues::test::kSanitized) GTEST_SKIP() << "a whole proof takes too long under a sanitizer";
    start();
    const auto data = plonk::VerifierData::decode(ledger::developer_verifier_data()[0]).value();
    const auto inputs =
        phoenix::compose(phoenix::TransactionWitness::decode(bytes_).value(), plonk::Composer::Record::values)
            .assignment.inputs;

    const auto first = proven();
    const auto proof = plonk::Proof::decode(base::view(first));
    ASSERT_TRUE(proof) << logged();
    EXPECT_TRUE(plonk::verify(data, *proof, inputs, plonk::Version::v3));
    // The transfer contract asks about it with the network's verifier data.
    const vm::ProofQuestion question{ledger::transaction_circuits()[0].verifier_data, base::view(first), inputs};
    for (const auto keys : {phoenix::Keys::developer, phoenix::Keys::network}) {
        const auto machine = app::ContractMachine::create({}, keys).value();
        EXPECT_EQ((**machine).host_queries().proofs().holds(question), keys == phoenix::Keys::developer);
    }
    EXPECT_NE(proven(), first) << "the blinders are drawn anew";

    auto wrong = bytes_;
    wrong[wrong.size() - 64 - 64 - 64 - 16] ^= std::byte{1};  // the deposit
    EXPECT_EQ(prove(std::string(base::text(wrong))).status, 422U);

    const auto request = prover_->decode(bytes_).value();
    unsigned asked = 0;
    const auto stopped = prover_->prove(*request, [&asked] { return ++asked < 5; });
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().kind, base::Error::Kind::would_block);
    EXPECT_EQ(asked, 5U) << "in the middle of the quotient";

    // Another run finds the key in its file.
    const auto file = std::filesystem::directory_iterator(folder_.path() / "prover")->path();
    const auto written = std::filesystem::last_write_time(file);
    start();
    const auto again = plonk::Proof::decode(base::view(proven()));
    ASSERT_TRUE(again);
    EXPECT_TRUE(plonk::verify(data, *again, inputs, plonk::Version::v3));
    EXPECT_EQ(std::filesystem::last_write_time(file), written);
    EXPECT_THAT(logged(), testing::Not(testing::HasSubstr("key of the prover")));
}

}  // namespace
}  // namespace rues::api
