#include "chain/block_proofs.hpp"

#include "machine.hpp"
#include "unit/plonk/golden.hpp"

namespace rues::chain {
namespace {

TEST(BlockProofs, the_answers_are_there_when_the_contract_asks) {
    // tests/data/README.md: the transaction whose proof and public inputs are the first of the golden ones.
    auto line = recorded::read_file(RUES_TEST_DATA "/plonk/transaction.hex");
    line.erase(line.find_last_not_of('\n') + 1);
    const auto tx = ledger::Transaction::decode(*base::from_hex(line)).value();
    const auto statement = plonk::golden::transactions().front();
    const auto moonlight = test::signed_by(1, test::transfer(1));
    auto& proofs = test::machine().host_queries().proofs();
    const auto before = proofs.verified();

    check_proofs_ahead(test::machine(), test::context_at(1), std::vector{&moonlight, &tx});

    EXPECT_EQ(proofs.verified(), before + 1);
    const vm::ProofQuestion asked{ledger::transaction_circuits()[0].verifier_data, statement.proof, statement.values(),
                                  plonk::Version::v3};
    EXPECT_FALSE(proofs.holds(asked)) << "a proof of version 1";
    EXPECT_EQ(proofs.verified(), before + 1) << "another question was checked ahead";
}

}  // namespace
}  // namespace rues::chain
