#include "phoenix/verification.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "support/load_share.hpp"
#include "unit/phoenix/wallet.hpp"

namespace rues::phoenix {
namespace {

using plonk::Version;

std::vector<bool> check(const std::vector<ledger::Transaction>& all, Version version, bool together) {
    std::vector<const ledger::Transaction*> pointers;
    for (const auto& tx : all) pointers.push_back(&tx);
    return verify_proofs(pointers, version,
                         together ? std::optional(crypto::sha256(base::view("coefficients"))) : std::nullopt);
}
bool holds(const ledger::Transaction& tx, Version version = Version::v1) {
    return check({tx}, version, false).front();
}
ledger::Transaction changed(const std::function<void(ledger::Phoenix&)>& change) {
    ledger::Phoenix body = *test::bench_transaction(0).phoenix();
    change(body);
    return ledger::Transaction(std::move(body));
}

TEST(Proofs, of_the_recorded_transactions_hold_under_their_version_only) {
    for (const std::size_t index : test::kRecorded) {
        EXPECT_TRUE(holds(test::bench_transaction(index)));
        EXPECT_FALSE(holds(test::bench_transaction(index), Version::v2));
        EXPECT_FALSE(holds(test::bench_transaction(index), Version::v3));
    }
}

TEST(SharedVectors, sixty_proofs_hold_under_their_version_only_together_and_one_by_one) {
    const std::string path = std::string(RUES_SHARED_VECTORS) + "/transactions/phoenix.hex";
    if (!std::filesystem::exists(path)) GTEST_SKIP() << "the shared vectors are not here";
    std::istringstream lines(recorded::read_file(path));
    std::vector<ledger::Transaction> all;
    for (std::string line; std::getline(lines, line);)
        all.push_back(ledger::Transaction::decode(*base::from_hex(line)).value());
    ASSERT_EQ(all.size(), 60U);

    EXPECT_EQ(check(all, Version::v1, true), std::vector(60, true));
    EXPECT_EQ(check(all, Version::v1, false), std::vector(60, true));
    EXPECT_EQ(check(all, Version::v2, false), std::vector(60, false));
    EXPECT_EQ(check(all, Version::v3, false), std::vector(60, false));
}

TEST(Proofs, of_a_batch_only_the_bad_ones_are_bad) {
    const auto good = test::bench_transaction(0), other = test::bench_transaction(59);
    const auto bad = changed([](ledger::Phoenix& tx) { tx.max_fee += 1; });
    const auto undecodable = changed([](ledger::Phoenix& tx) { tx.proof.pop_back(); });

    EXPECT_EQ(check({good, bad, other, undecodable, good}, Version::v1, true),
              (std::vector{true, false, true, false, true}));
}

/// docs/reference/phoenix-and-plonk.md 3.7: everything but the fee is a part of what is proved. In parts that run side
/// by side.
class FlippedPayload : public testing::TestWithParam<std::size_t> {
protected:
    static constexpr std::size_t kFee = 710, kFeeEnd = kFee + 209;

    static bool holds_with_flipped(std::size_t bit) {
        base::Bytes bytes = good();
        bytes[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
        const auto tx = ledger::Transaction::decode(bytes);
        return tx && holds(*tx);
    }
    static const base::Bytes& good() {
        static const auto bytes = test::bench_transaction(0).encode(ledger::Envelope::aegis);
        return bytes;
    }
};
constexpr std::size_t kParts = 8;

/// The lengths are not proved, but other lengths do not decode.
TEST_P(FlippedPayload, has_no_valid_proof) {
    const std::size_t share = rues::test::case_share();
    for (std::size_t byte = 1 + GetParam(); byte < kFee; byte += kParts) {
        for (std::size_t bit = 8 * byte; bit < 8 * byte + 8; ++bit) {
            if (bit % share != 0) continue;
            ASSERT_FALSE(holds_with_flipped(bit)) << bit;
        }
    }
    ASSERT_FALSE(holds_with_flipped(8 * kFeeEnd)) << "kind of data";
    ASSERT_TRUE(holds_with_flipped(8 * kFee)) << "the gas limit is bound by the fee check";
}
INSTANTIATE_TEST_SUITE_P(Proofs, FlippedPayload, testing::Range<std::size_t>(0, kParts));

TEST(Proofs, of_transactions_without_a_circuit_do_not_hold) {
    const auto with = [](std::size_t count) {
        return changed([count](ledger::Phoenix& tx) { tx.nullifiers.resize(count, tx.nullifiers[0]); });
    };
    EXPECT_FALSE(holds(with(0)));
    EXPECT_FALSE(holds(with(2)));
    EXPECT_FALSE(holds(with(5)));
    EXPECT_TRUE(verifier_data(0).empty());
    EXPECT_TRUE(verifier_data(5).empty());
    EXPECT_EQ(verifier_data(4).size(), 1'524U);  // docs/reference/phoenix-and-plonk.md 4.1
}

TEST(Proofs, of_outputs_that_a_contract_made_do_not_hold) {
    EXPECT_FALSE(holds(changed([](ledger::Phoenix& tx) { tx.outputs[0][173] = std::byte{1}; })));
}

}  // namespace
}  // namespace rues::phoenix
