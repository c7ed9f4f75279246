#include "chain/contract_calls.hpp"

#include <gtest/gtest.h>

#include "crypto/fr.hpp"
#include "crypto/hash.hpp"
#include "fixtures.hpp"
#include "support/recorded.hpp"
#include "wire/layouts.hpp"

namespace rues::chain {
namespace {

using test::profile;
using test::signed_by;
using test::transfer;

/// SHA-256 of the arguments of spend_and_execute of all transactions of a recorded chain, one after the other.
std::string hash_of_arguments(const std::string& file) {
    base::Bytes all;
    const auto recorded = recorded::load(file);
    for (const auto& block : recorded.at("blocks").as_array()) {
        for (const auto& tx : block.at("transactions").as_array())
            base::append(all, calls::spend(*ledger::Transaction::decode(recorded::hex(tx.at("raw")))));
    }
    return base::to_hex(crypto::sha256(all));
}

// Computed in Python from the same files, with another implementation of the layout. With it the recorded state hashes
// came out, and the argument is part of the state: it lies in the contract's memory.
TEST(ContractCalls, arguments_of_recorded_transactions_are_archived_as_the_node_does) {
    EXPECT_EQ(hash_of_arguments("chain.json"), "e10b08b526aaaf7323212bf96eb0819755659725e651fb0cfd1b583bcbd83ded");
    EXPECT_EQ(hash_of_arguments("chain-contracts.json"),
              "efb82a0e551f411f833ca6203338f6f949f496a2bf857d0a104ba3efdfa1837c");
}

TEST(ContractCalls, blobs_are_archived_as_the_memo_of_their_hashes) {
    auto with_blob = transfer(1);
    const ledger::Blob blob{base::to_array<32>(base::Bytes(32, std::byte{9})), std::nullopt};
    with_blob.data = ledger::Blobs{{blob}};
    auto with_memo = transfer(1);
    with_memo.data = ledger::Memo{base::to_bytes(blob.hash)};

    EXPECT_EQ(calls::spend(ledger::Transaction(with_blob)), calls::spend(ledger::Transaction(with_memo)));
}

/// An answer of spend_and_execute whose root has these bytes, after `before`.
base::Bytes answer(std::string_view before, std::string_view root_in_hex) {
    auto out = base::to_bytes(before);
    base::append(out, *base::from_hex(root_in_hex));
    return out;
}

// docs/reference/ledger.md 8.1 rules 3 to 5; the order of the errors is docs/reference/ledger.md 4.2's.
TEST(ContractCalls, the_answer_says_how_the_inner_call_ended) {
    const auto read = [](const base::Bytes& bytes) { return calls::spend_result(bytes); };
    using Kind = ContractError::Kind;
    EXPECT_EQ(read(answer("", "00000000fcffffff0000000000000000")).value(), std::nullopt);
    EXPECT_EQ(read(answer("", "01000000000000006e6f000000000002")).value(), (ContractError{Kind::panic, "no"}));
    EXPECT_EQ(read(answer("a long panic", "01000000000000000c000000ecffffff")).value(),
              (ContractError{Kind::panic, "a long panic"}));
    EXPECT_EQ(read(answer("", "01000000010000000000000000000000")).value(), ContractError{Kind::out_of_gas});
    EXPECT_EQ(read(answer("", "01000000020000000000000000000000")).value(), ContractError{Kind::does_not_exist});
    EXPECT_EQ(read(answer("", "01000000030000000000000000000000")).value(), ContractError{Kind::unknown});
}

TEST(ContractCalls, what_is_no_such_answer_is_refused) {
    for (const auto* root : {"", "02000000000000000000000000000000", "01000000040000000000000000000000",
                             "01000000000000000c00000000ffffff", "0100000000000000ffffffffecffffff"})
        EXPECT_FALSE(calls::spend_result(answer("a long panic", root))) << root;
}

TEST(ContractCalls, the_question_of_a_signature_ends_with_key_and_signature_behind_the_message) {
    const auto tx = signed_by(1, transfer(1));
    const auto [query, question] = calls::spend_question(tx).value();
    EXPECT_EQ(query, "verify_bls");

    const auto& message = tx.signature_message();
    ASSERT_EQ(question.size(), (message.size() + 7) / 8 * 8 + 312);
    EXPECT_TRUE(base::equal(base::ByteView(question).first(message.size()), message));
    const base::ByteView root = base::ByteView(question).last(312);
    EXPECT_EQ(static_cast<std::int32_t>(base::load_le<std::uint32_t>(root.data())),
              -static_cast<std::int32_t>(question.size() - 312));
    EXPECT_EQ(base::load_le<std::uint32_t>(root.data() + 4), message.size());
    EXPECT_TRUE(base::equal(root.subspan(8, 193), profile(1).public_key().raw()));
    EXPECT_TRUE(base::equal(root.subspan(208, 97), tx.moonlight()->signature.raw()));
}

// docs/reference/rusk-1.7.md 7.3: a withdrawal's token must list as many nullifiers as the transaction has.
TEST(ContractCalls, a_nested_withdrawal_with_nullifiers_is_refused) {
    namespace layouts = wire::layouts;
    layouts::Withdraw withdraw;
    withdraw.token = std::vector<layouts::Scalar>(2);
    const auto refused = [](std::string_view function, base::ByteView argument,
                            const ledger::ContractId& callee = ledger::kTransferContract) {
        return calls::refuse_nested(0, callee, function, argument);
    };

    EXPECT_EQ(refused("withdraw", wire::rkyv::archive(withdraw)),
              "nullifier count mismatch: withdrawal has 2, transaction has 0");
    EXPECT_EQ(refused("convert", wire::rkyv::archive(withdraw)), std::nullopt);
    EXPECT_EQ(refused("withdraw", wire::rkyv::archive(withdraw), ledger::kStakeContract), std::nullopt);
    withdraw.token = std::vector<layouts::Scalar>();
    EXPECT_EQ(refused("withdraw", wire::rkyv::archive(withdraw)), std::nullopt);
    withdraw.token = std::uint64_t{42};
    EXPECT_EQ(refused("withdraw", wire::rkyv::archive(withdraw)), std::nullopt);
    EXPECT_EQ(refused("withdraw", base::view("short")), "failed to deserialize withdrawal arguments");
}

TEST(ContractCalls, a_nested_withdrawal_lists_as_many_nullifiers_as_its_transaction) {
    wire::layouts::Withdraw withdraw;
    withdraw.token = std::vector<wire::layouts::Scalar>(2);
    const auto argument = wire::rkyv::archive(withdraw);

    EXPECT_EQ(calls::refuse_nested(2, ledger::kTransferContract, "withdraw", argument), std::nullopt);
    EXPECT_EQ(calls::refuse_nested(1, ledger::kTransferContract, "withdraw", argument),
              "nullifier count mismatch: withdrawal has 2, transaction has 1");
}

TEST(ContractCalls, nullifiers_are_asked_for_and_come_back_as_scalars) {  // docs/reference/ledger.md 8.5
    const std::vector<base::Hash32> two{crypto::Fr(7).bytes(), crypto::Fr(8).bytes()};

    const auto argument = calls::nullifiers(two);

    EXPECT_EQ(base::to_hex(base::ByteView(argument).last(8)), "c0ffffff02000000");
    EXPECT_EQ(calls::nullifiers_of(argument), two);
    EXPECT_EQ(calls::nullifiers_of(base::Bytes(8)), std::vector<base::Hash32>{});
    EXPECT_EQ(calls::nullifiers_of(base::Bytes(7)), std::nullopt);
}

TEST(ContractCalls, the_public_sender_is_an_optional_key) {
    const auto bytes = calls::public_sender(signed_by(1, transfer(1)));
    EXPECT_EQ(base::to_hex(base::ByteView(bytes).first(8)), "0100000000000000");
    EXPECT_TRUE(base::equal(base::ByteView(bytes).subspan(8, 193), profile(1).public_key().raw()));
}

// docs/reference/ledger.md 4.2.
TEST(ContractError, is_written_as_the_ledger_and_as_a_simulation_have_it) {
    using Kind = ContractError::Kind;
    const ContractError panic{Kind::panic, "He said: \"no\"\\\n"};
    EXPECT_EQ(panic.display(), "Panic: He said: \"no\"\\\n");
    EXPECT_EQ(panic.debug(), "Panic(\"He said: \\\"no\\\"\\\\\\n\")");
    EXPECT_EQ(ContractError{Kind::out_of_gas}.display(), "OutOfGas");
    EXPECT_EQ(ContractError{Kind::does_not_exist}.display(), "Contract does not exist");
    EXPECT_EQ(ContractError{Kind::does_not_exist}.debug(), "DoesNotExist");
    EXPECT_EQ(ContractError{}.display(), "Unknown");
    EXPECT_EQ(ContractError{}.debug(), "Unknown");
}

TEST(ContractError, control_characters_are_escaped_as_rust_does) {
    using namespace std::string_view_literals;
    EXPECT_EQ(quoted("\t\r\0\x1b\x7f"sv), "\"\\t\\r\\0\\u{1b}\\u{7f}\"");
    EXPECT_EQ(quoted("it's ü"), "\"it's ü\"");
}

}  // namespace
}  // namespace rues::chain
