#include <filesystem>

#include "crypto/jubjub.hpp"
#include "golden.hpp"
#include "ledger/transaction.hpp"

/// The proofs of all recorded transactions, with public inputs that this file reads from their bytes
/// (docs/reference/phoenix-and-plonk.md 3.4, 4.2).
namespace rues::plonk {
namespace {

Fr scalar(base::ByteView bytes) {
    return Fr::from_bytes(base::to_array<32>(bytes)).value();
}

void add_point(std::vector<Fr>& to, base::ByteView encoded) {
    const auto point = crypto::JubJubAffine::decode(encoded).value();
    to.push_back(point.u);
    to.push_back(point.v);
}

std::vector<Fr> public_inputs(const ledger::Transaction& tx) {
    const ledger::Phoenix& body = *tx.phoenix();
    std::vector<Fr> out{scalar(crypto::hash_to_scalar(tx.signature_message())), scalar(body.root)};
    for (const auto& nullifier : body.nullifiers) out.push_back(scalar(nullifier));
    for (const auto& note : body.outputs) add_point(out, base::ByteView(note).subspan(1, 32));
    out.emplace_back(body.max_fee);
    out.emplace_back(body.deposit);
    for (const auto& note : body.outputs) add_point(out, base::ByteView(note).subspan(65, 32));
    for (const auto& note : body.outputs) {
        for (std::size_t i = 0; i < 4; ++i) add_point(out, base::ByteView(note).subspan(174 + 32 * i, 32));
    }
    return out;
}

TEST(SharedVectors, the_proofs_of_sixty_transactions_hold_as_v1_in_one_batch_and_as_nothing_else) {
    const std::string path = std::string(RUES_SHARED_VECTORS) + "/transactions/phoenix.hex";
    if (!std::filesystem::exists(path)) GTEST_SKIP() << "the shared vectors are not here";
    std::istringstream lines(recorded::read_file(path));
    golden::Batch batch;
    std::vector<bool> expected;
    for (std::string line; std::getline(lines, line);) {
        const auto tx = ledger::Transaction::decode(*base::from_hex(line)).value();
        const auto proof = Proof::decode(tx.phoenix()->proof).value();
        for (const auto version : {Version::v1, Version::v2, Version::v3}) {
            batch.add(golden::circuit(1), proof, public_inputs(tx), version);
            expected.push_back(version == Version::v1);
            EXPECT_EQ(verify(golden::circuit(1), proof, public_inputs(tx), version), version == Version::v1);
        }
    }
    EXPECT_EQ(expected.size(), 180U);
    EXPECT_EQ(batch.verify(), expected);
}

}  // namespace
}  // namespace rues::plonk
