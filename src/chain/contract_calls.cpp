#include "chain/contract_calls.hpp"

#include <fmt/format.h>

#include "wire/transaction_layouts.hpp"

namespace rues::chain::calls {
namespace {

namespace layouts = wire::layouts;

layouts::Key archived(const crypto::PublicKey& key) {
    return {key.raw()};
}

layouts::Bytes archived(ByteView bytes) {
    return {base::u8(bytes), base::u8(bytes) + bytes.size()};
}

std::optional<layouts::TransactionData> data_of(const ledger::Transaction& tx) {
    if (const auto* call = tx.call()) return layouts::CallData{call->contract, call->fn_name, archived(call->fn_args)};
    if (const auto* deploy = tx.deploy()) {
        layouts::DeployData out{deploy->bytecode_hash, {}, archived(deploy->owner), deploy->nonce, std::nullopt};
        if (deploy->init_args) out.init_args = archived(*deploy->init_args);
        return out;
    }
    if (const auto memo = tx.memo()) return archived(*memo);
    return std::nullopt;
}

/// The question of `verify_bls`: message, key, signature.
struct SignatureQuestion {
    layouts::Bytes message;
    layouts::Key key;
    layouts::BlsSignature signature;
    using Archived = wire::rkyv::StructLayout<312, wire::rkyv::Field<&SignatureQuestion::message, 0, "0">,
                                              wire::rkyv::Field<&SignatureQuestion::key, 8, "1">,
                                              wire::rkyv::Field<&SignatureQuestion::signature, 208, "2">>;
};

/// The answer of `spend_and_execute`, `Result<Vec<u8>, ContractError>`, of which the inner call's own answer is not
/// needed: tag, then at 4 the vector or the error; the error has a tag of its own and at 4 the text of a panic.
constexpr std::size_t kResultSize = 16;

}  // namespace

Bytes spend(const ledger::Transaction& tx) {
    const auto& body = *tx.moonlight();
    layouts::MoonlightTransaction out;
    auto& payload = out.payload;
    payload.data = data_of(tx);
    payload.sender = archived(body.sender);
    payload.receiver = archived(body.receiver_or_sender());
    payload.value = body.value;
    payload.deposit = body.deposit;
    payload.gas_limit = body.gas_limit;
    payload.gas_price = body.gas_price;
    payload.refund_address = archived(body.refund_or_sender());
    payload.nonce = body.nonce;
    payload.chain_id = body.chain_id;
    out.signature = {body.signature.raw()};
    return wire::rkyv::archive(layouts::Transaction(std::move(out)));
}

std::expected<std::optional<ContractError>, std::string> spend_result(ByteView answer) {
    const auto wrong = std::unexpected("the answer of spend_and_execute is not of its type");
    if (answer.size() < kResultSize) return wrong;
    const std::size_t root = answer.size() - kResultSize;
    const auto tag = std::to_integer<unsigned>(answer[root]);
    if (tag == 0) return std::nullopt;
    if (tag != 1) return wrong;
    ContractError out;
    switch (std::to_integer<unsigned>(answer[root + 4])) {
    case 0: {
        out.kind = ContractError::Kind::panic;
        wire::rkyv::Source source{.bytes = answer, .base = 0, .free_begin = 0, .free_end = root};
        if (!wire::rkyv::Layout<std::string>::read(source, root + 8, out.message)) return wrong;
        return out;
    }
    case 1:
        out.kind = ContractError::Kind::out_of_gas;
        return out;
    case 2:
        out.kind = ContractError::Kind::does_not_exist;
        return out;
    case 3:
        return out;
    default:
        return wrong;
    }
}

base::ByteArray<208> public_sender(const crypto::PublicKey& sender) {
    return base::to_array<208>(wire::rkyv::archive(std::optional(archived(sender))));
}

Bytes signature_question(const ledger::Transaction& tx) {
    const auto& body = *tx.moonlight();
    return wire::rkyv::archive(
        SignatureQuestion{archived(tx.signature_message()), archived(body.sender), {body.signature.raw()}});
}

Bytes number(std::uint64_t value) {
    return wire::rkyv::archive(value);
}

Bytes key(const crypto::PublicKey& account) {
    return wire::rkyv::archive(archived(account));
}

Bytes key_and_value(const crypto::PublicKey& account, std::uint64_t value) {
    return wire::rkyv::archive(layouts::KeyAndValue{archived(account), value});
}

Bytes contract_and_value(const ledger::ContractId& id, std::uint64_t value) {
    return wire::rkyv::archive(layouts::ContractBalanceItem{id, value});
}

Bytes genesis_stake(const ledger::GenesisStake& stake) {
    layouts::StakeItem out;
    out.keys.account = archived(stake.account);
    out.keys.owner = archived(stake.owner.value_or(stake.account));
    if (stake.amount > 0) out.data.amount = layouts::StakeAmount{stake.amount, 0, stake.eligibility};
    out.data.reward = stake.reward;
    return wire::rkyv::archive(out);
}

Bytes new_note(std::uint64_t height, ByteView note) {
    return base::Writer(8 + note.size()).put(height).put(note).take();
}

std::optional<std::string> refuse_nested(const ledger::ContractId& callee, std::string_view function,
                                         ByteView argument) {
    if (callee != ledger::kTransferContract || function != "withdraw") return std::nullopt;
    const auto withdraw = wire::rkyv::unarchive<layouts::Withdraw>(argument);
    if (!withdraw) return "failed to deserialize withdrawal arguments";
    const auto* nullifiers = std::get_if<std::vector<layouts::Scalar>>(&withdraw->token);
    if (nullifiers == nullptr || nullifiers->empty()) return std::nullopt;
    return fmt::format("nullifier count mismatch: withdrawal has {}, transaction has 0", nullifiers->size());
}

}  // namespace rues::chain::calls
