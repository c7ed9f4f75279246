#include "vm/proof_checks.hpp"

#include "crypto/hash.hpp"
#include "unit/plonk/golden.hpp"
#include "unit/vm/arguments.hpp"
#include "unit/vm/fixture.hpp"

namespace rues::vm {
namespace {

using plonk::Version;
using plonk::golden::Recorded;

ByteView official_data(std::size_t notes) {
    return ledger::transaction_circuits()[notes - 1].verifier_data;
}

ProofQuestion question(const Recorded& statement, Version version = Version::v1) {
    return {official_data(statement.notes), statement.proof, statement.values(), version};
}

/// docs/reference/machine.md 1.8: the contents of the vectors, that of the last one first, then the tuple of three.
Bytes archived(ByteView data, ByteView proof, const std::vector<crypto::Fr>& inputs) {
    Bytes out;
    for (const auto& input : inputs) base::append(out, input.montgomery());
    const std::size_t proof_at = out.size();
    base::append(out, proof);
    const std::size_t data_at = out.size();
    base::append(out, data);
    test::pad_to(out, 4);
    test::put_vector(out, data_at, data.size());
    test::put_vector(out, proof_at, proof.size());
    test::put_vector(out, 0, inputs.size());
    return out;
}
Bytes archived(const Recorded& statement) {
    return archived(official_data(statement.notes), statement.proof, statement.values());
}

const Bytes kTrue{std::byte{1}};
const Bytes kFalse{std::byte{0}};

Bytes answer_to(ByteView argument, Version version = Version::v1, std::uint64_t address = 0) {
    static const HostQueries queries;
    return queries.answer({"verify_plonk", argument, address, HardFork::boreas, version}).value();
}

TEST(VerifyPlonk, answers_true_to_recorded_proofs_of_all_circuits_under_their_version) {
    for (const auto& statement : plonk::golden::transactions()) {
        EXPECT_EQ(answer_to(archived(statement)), kTrue) << statement.notes;
        EXPECT_EQ(answer_to(archived(statement), Version::v2), kFalse) << statement.notes;
        EXPECT_EQ(answer_to(archived(statement), Version::v3), kFalse) << statement.notes;
    }
}

TEST(VerifyPlonk, costs_the_same_whatever_is_asked) {  // docs/reference/rusk-1.7.md 7.3
    const HostQueries queries;
    for (const auto& argument : {Bytes(), archived(plonk::golden::transactions().front())})
        EXPECT_EQ(queries.price({.name = "verify_plonk", .argument = argument}), 10'000'000U);
}

TEST(VerifyPlonk, an_argument_that_does_not_validate_is_false) {  // docs/reference/machine.md 1.8
    const auto good = archived(plonk::golden::transactions().front());
    EXPECT_EQ(answer_to({}), kFalse);
    EXPECT_EQ(answer_to(good, Version::v1, 1), kFalse) << "not aligned";
    EXPECT_EQ(answer_to(ByteView(good).first(good.size() - 8)), kFalse);
    auto limbs = good;
    std::fill_n(limbs.begin(), 32, std::byte{0xff});
    EXPECT_EQ(answer_to(limbs), kFalse) << "limbs that are not reduced";
}

TEST(VerifyPlonk, a_proof_that_is_too_short_is_false_and_what_follows_a_proof_does_not_count) {
    const auto statement = plonk::golden::transactions().front();
    auto proof = statement.proof;
    proof.push_back(std::byte{7});
    EXPECT_EQ(answer_to(archived(official_data(1), proof, statement.values())), kTrue);
    EXPECT_EQ(answer_to(archived(official_data(1), ByteView(proof).first(1'007), statement.values())), kFalse);
    EXPECT_EQ(answer_to(archived(official_data(1), {}, statement.values())), kFalse);
    EXPECT_EQ(answer_to(archived({}, statement.proof, statement.values())), kFalse);
}

TEST(PlonkVersion, follows_the_heights_of_the_networks) {  // docs/reference/rusk-1.7.md 7.2
    const auto before_aegis = [](std::uint8_t chain, std::uint64_t height) {
        return plonk_version({.chain_id = chain, .height = height, .fork = HardFork::pre_fork});
    };
    EXPECT_EQ(before_aegis(1, 3'470'359), Version::v1);
    EXPECT_EQ(before_aegis(1, 3'470'360), Version::v2);
    EXPECT_EQ(before_aegis(2, 2'653'174), Version::v1);
    EXPECT_EQ(before_aegis(2, 2'653'175), Version::v2);
    EXPECT_EQ(before_aegis(0, 1), Version::v2);
    EXPECT_EQ(plonk_version({.chain_id = 1, .height = 1, .fork = HardFork::aegis}), Version::v3);
    EXPECT_EQ(plonk_version({.chain_id = 1, .height = 1, .fork = HardFork::boreas}), Version::v3);
}

class ProofImport : public test::CallTest {};

TEST_F(ProofImport, a_contract_gets_the_answer_of_the_version_of_its_height) {
    base::Writer argument;
    argument.put(std::uint32_t{12}).put(test::bytes("verify_plonk"));
    argument.put(archived(plonk::golden::transactions().front()));
    const auto asked_at = [&](const Environment& environment) {
        auto session = Session::of_block(test::machine(), state_, environment);
        return call(session, "hq", argument.bytes()).value().data;
    };

    EXPECT_EQ(asked_at({.chain_id = 1, .height = 3'470'359, .fork = HardFork::pre_fork}), kTrue);
    EXPECT_EQ(asked_at({.chain_id = 1, .height = 3'470'360, .fork = HardFork::pre_fork}), kFalse);
    EXPECT_EQ(asked_at({.chain_id = 1, .height = 3'470'359, .fork = HardFork::aegis}), kFalse);
}

TEST(ProofChecks, an_answer_is_computed_once) {
    ProofChecks checks;
    const auto all = plonk::golden::transactions();
    EXPECT_TRUE(checks.holds(question(all[0])));
    EXPECT_TRUE(checks.holds(question(all[0])));
    EXPECT_EQ(checks.verified(), 1U);

    EXPECT_FALSE(checks.holds(question(all[0], Version::v2))) << "the version is part of the question";
    EXPECT_FALSE(checks.holds(question(all[0], Version::v2)));
    EXPECT_EQ(checks.verified(), 2U);

    auto other = question(all[0]);
    other.inputs.back() += crypto::Fr(1);
    EXPECT_FALSE(checks.holds(other)) << "so are the inputs";
    other = question(all[0]);
    other.verifier_data = official_data(2);
    EXPECT_FALSE(checks.holds(other)) << "and the verifier data";
    EXPECT_EQ(checks.verified(), 4U);
}

TEST(ProofChecks, proofs_that_were_checked_ahead_are_answered_without_another_check) {
    ProofChecks checks;
    std::vector<ProofQuestion> questions;
    const auto all = plonk::golden::transactions();
    for (const auto& statement : all) questions.push_back(question(statement));
    questions[2].inputs.front() += crypto::Fr(1);

    checks.check_ahead(questions);
    EXPECT_EQ(checks.verified(), all.size());
    for (std::size_t i = 0; i < questions.size(); ++i) EXPECT_EQ(checks.holds(questions[i]), i != 2) << i;
    checks.check_ahead(questions);
    EXPECT_EQ(checks.verified(), all.size());
}

TEST(ProofChecks, bytes_that_are_no_proof_do_not_disturb_a_batch) {
    ProofChecks checks;
    const auto all = plonk::golden::transactions();
    auto no_proof = question(all[0]);
    no_proof.proof = no_proof.proof.first(100);
    auto no_data = question(all[0]);
    no_data.verifier_data = no_data.verifier_data.first(100);

    checks.check_ahead(std::vector{no_proof, question(all[1]), no_data});
    EXPECT_EQ(checks.verified(), 1U);
    EXPECT_FALSE(checks.holds(no_proof));
    EXPECT_TRUE(checks.holds(question(all[1])));
    EXPECT_FALSE(checks.holds(no_data));
    EXPECT_EQ(checks.verified(), 3U);
}

TEST(ProofChecks, only_so_many_answers_are_kept) {
    ProofChecks checks({}, 4);
    std::vector<Bytes> proofs;
    for (unsigned i = 0; i < 5; ++i) proofs.emplace_back(1, static_cast<std::byte>(i));
    for (const auto& proof : proofs) EXPECT_FALSE(checks.holds({official_data(1), proof, {}}));
    EXPECT_EQ(checks.verified(), 5U);

    checks.holds({official_data(1), proofs.back(), {}});
    EXPECT_EQ(checks.verified(), 5U);
    checks.holds({official_data(1), proofs.front(), {}});
    EXPECT_EQ(checks.verified(), 6U);
}

TEST(ProofChecks, verifier_data_can_be_replaced) {  // docs/reference/differences.md 42
    const auto all = plonk::golden::transactions();
    ProofChecks checks({{crypto::blake3(official_data(1)), base::to_bytes(official_data(2))}});
    auto asked = question(all[2]);
    ASSERT_EQ(all[2].notes, 2U);
    asked.verifier_data = official_data(1);

    EXPECT_TRUE(checks.holds(asked));
    EXPECT_TRUE(checks.holds(question(all[2]))) << "other data stay";
    EXPECT_FALSE(checks.holds(question(all[0])));
}

}  // namespace
}  // namespace rues::vm
