#include "phoenix/transaction.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "unit/phoenix/wallet.hpp"

namespace rues::phoenix {
namespace {

TEST(PublicInputs, are_those_of_the_circuits_rows) {  // docs/reference/phoenix-and-plonk.md 4.2, 9.2
    const auto tx = test::bench_transaction(0);
    const auto transfer = Note::decode(tx.phoenix()->outputs[0]).value();
    const auto change = Note::decode(tx.phoenix()->outputs[1]).value();
    const auto& sender = std::get<EncryptedSender>(change.sender);

    const auto inputs = public_inputs(tx);

    ASSERT_TRUE(inputs);
    ASSERT_EQ(inputs->size(), 29U);
    EXPECT_EQ(base::to_hex((*inputs)[0].bytes()), "31f15d98f1b37184da470e49b8a0b368d62415511b2b82dcf12464e6f595e218");
    EXPECT_EQ((*inputs)[1].bytes(), tx.phoenix()->root);
    EXPECT_EQ((*inputs)[2].bytes(), tx.phoenix()->nullifiers[0]);
    EXPECT_EQ((*inputs)[3], transfer.value_commitment.u);
    EXPECT_EQ((*inputs)[6], change.value_commitment.v);
    EXPECT_EQ((*inputs)[7], Fr(tx.phoenix()->max_fee));
    EXPECT_EQ((*inputs)[8], Fr(tx.phoenix()->deposit));
    EXPECT_EQ((*inputs)[9], transfer.stealth_address.note_key.u);
    EXPECT_EQ((*inputs)[12], change.stealth_address.note_key.v);
    EXPECT_EQ((*inputs)[21], sender.a.nonce.u);
    EXPECT_EQ((*inputs)[24], sender.a.masked.v);
    EXPECT_EQ((*inputs)[25], sender.b.nonce.u);
    EXPECT_EQ((*inputs)[28], sender.b.masked.v);
}

TEST(PublicInputs, do_not_exist_for_a_note_that_a_contract_made) {
    for (const std::size_t output : {0UZ, 1UZ}) {
        ledger::Phoenix body = *test::bench_transaction(0).phoenix();
        body.outputs[output][173] = std::byte{1};
        EXPECT_FALSE(public_inputs(ledger::Transaction(body)));
    }
}

TEST(RefundNote, gives_back_what_was_not_spent) {
    const ledger::Phoenix body = *test::bench_transaction(0).phoenix();  // limit 100,000,000 at price 1

    const auto note = refund_note(body, 40'000'000, 5);

    ASSERT_TRUE(note);
    EXPECT_EQ(note->stealth_address.bytes(), body.fee_stealth_address);
    EXPECT_EQ(note->type, NoteType::transparent);
    EXPECT_EQ(note->pos, kNoPosition);
    const auto bytes = note->bytes();
    EXPECT_TRUE(base::equal(ByteView(bytes).last(129), body.fee_sender));
    const auto value = ByteView(note->value_enc).first(8);
    EXPECT_EQ(base::to_hex(value), "0587930300000000");  // 60,000,005
    EXPECT_EQ(JubJubPoint(note->value_commitment), value_commitment(60'000'005, Fl()));
    EXPECT_FALSE(refund_note(body, body.gas_limit, 0));
    EXPECT_FALSE(refund_note(body, body.gas_limit + 1, 0));
}

struct PayloadHash {
    std::string_view id, hash;
};
/// docs/reference/phoenix-and-plonk.md 9.2, payload hashes of mainnet transactions, by the first bytes of their ids.
constexpr PayloadHash kMainnet[] = {{"bc630b22", "baef3d5559b23c0897daa553b0029b44ad204c5727c09619cc80e0a1a4b1c718"},
                                    {"5c0d7225", "7bf47eaa5f4614a213e6a6bcf8b1b3e612eb7d5661dd0e0d253d82dbc910ea39"},
                                    {"369c152b", "afeffa6eb6d9448655f74c129f679af025b2ced76aa646ddbc2ba69d3320463a"},
                                    {"9c726fd0", "e3d5b7ae67c3f8942752e80ca044c75dfcf2fcc4e65d203aaf7f7bd47c04c110"}};

void find_transactions(const boost::json::value& at, std::map<std::string, ledger::Transaction>& out) {
    if (const auto* list = at.if_array()) {
        for (const auto& each : *list) find_transactions(each, out);
    } else if (const auto* object = at.if_object()) {
        const auto* raw = object->if_contains("raw");
        if (raw != nullptr && raw->is_string() && object->contains("id")) {
            const auto tx = ledger::Transaction::decode(*base::from_hex(raw->as_string()));
            if (tx && tx->phoenix() != nullptr) out.emplace(base::to_hex(tx->id()).substr(0, 8), *tx);
        }
        for (const auto& pair : *object) find_transactions(pair.value(), out);
    }
}

TEST(SharedVectors, mainnet_transactions_have_the_payload_hashes_of_the_reference) {
    const std::string path = std::string(RUES_SHARED_VECTORS) + "/mainnet/get-block-transactions-1.json";
    if (!std::filesystem::exists(path)) GTEST_SKIP() << "the shared vectors are not here";
    const auto answer = boost::json::parse(recorded::read_file(path));
    std::map<std::string, ledger::Transaction> found;
    find_transactions(boost::json::parse(answer.at("response_body").as_string()), found);

    EXPECT_EQ(found.size(), 10U);
    for (const auto& [id, hash] : kMainnet) {
        ASSERT_TRUE(found.contains(std::string(id))) << id;
        EXPECT_EQ(base::to_hex(payload_hash(found.at(std::string(id))).bytes()), hash) << id;
    }
}

}  // namespace
}  // namespace rues::phoenix
