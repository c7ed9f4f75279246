#include "chain/contract_calls.hpp"

#include <fmt/format.h>

#include "base/endian.hpp"
#include "crypto/fr.hpp"
#include "crypto/jubjub_archive.hpp"
#include "phoenix/transaction.hpp"
#include "phoenix/verification.hpp"
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

/// The question of `verify_plonk`, a tuple of verifier data, proof and public inputs. rkyv writes the lists of a tuple
/// from the last to the first, unlike those of a struct, so no layout describes it. Then come the three places and
/// lengths, at a multiple of 4.
Bytes proof_question(ByteView verifier, ByteView proof, std::span<const crypto::Fr> inputs) {
    base::Writer out(inputs.size() * 32 + proof.size() + verifier.size() + 27);
    for (const auto& input : inputs) out.put(ByteView(input.montgomery()));
    out.put(proof).put(verifier);
    while (out.bytes().size() % 4 != 0) out.put(std::uint8_t{0});
    const auto root = static_cast<std::uint32_t>(out.bytes().size());
    const auto inputs_end = static_cast<std::uint32_t>(inputs.size() * 32);
    const auto proof_end = inputs_end + static_cast<std::uint32_t>(proof.size());
    const auto put_list = [&](std::uint32_t begin, std::uint32_t at, std::size_t length) {
        out.put(begin - at).put(static_cast<std::uint32_t>(length));
    };
    put_list(proof_end, root, verifier.size());
    put_list(inputs_end, root + 8, proof.size());
    put_list(0, root + 16, inputs.size());
    return out.take();
}

/// @name Parts of a Phoenix transaction whose points were checked; they come back as zeros if they were not.
/// @{
layouts::Scalar archived_scalar(const base::Hash32& scalar) {
    return {crypto::scalar_to_montgomery(scalar).value_or(base::ByteArray<32>{})};
}
layouts::AffinePoint archived_point(ByteView encoded) {
    return {crypto::jubjub_affine(encoded).value_or(base::ByteArray<64>{})};
}
layouts::StealthAddress archived_address(ByteView bytes64) {
    layouts::StealthAddress out;
    for (std::size_t half = 0; half < 2; ++half) {
        const auto point = crypto::jubjub_extended(bytes64.subspan(32 * half, 32)).value_or(base::ByteArray<160>{});
        std::ranges::copy(point, out.bytes.begin() + static_cast<std::ptrdiff_t>(160 * half));
    }
    return out;
}
layouts::NoteSender archived_sender(ByteView bytes129) {
    if (bytes129[0] == std::byte{1}) return base::to_array<128>(bytes129.subspan(1));
    layouts::EncryptedSender out;
    for (std::size_t i = 0; i < 4; ++i) out.points[i] = archived_point(bytes129.subspan(1 + 32 * i, 32));
    return out;
}
layouts::Note archived_note(ByteView note) {
    layouts::Note out;
    out.note_type = static_cast<layouts::NoteType>(note[0]);
    out.value_commitment = archived_point(note.subspan(1, 32));
    out.stealth_address = archived_address(note.subspan(33, 64));
    out.pos = base::load_le<std::uint64_t>(note.data() + 97);
    out.value_enc = base::to_array<68>(note.subspan(105, 68));
    out.sender = archived_sender(note.subspan(173, 129));
    return out;
}
/// @}

Bytes spend_notes(const ledger::Transaction& tx) {
    const ledger::Phoenix& body = *tx.phoenix();
    layouts::PhoenixTransaction out;
    out.output = archived_note(body.outputs[0]);
    out.change = archived_note(body.outputs[1]);
    out.root = archived_scalar(body.root);
    for (const auto& nullifier : body.nullifiers) out.nullifiers.push_back(archived_scalar(nullifier));
    out.max_fee = body.max_fee;
    out.deposit = body.deposit;
    out.fee_sender = archived_sender(body.fee_sender);
    out.gas_limit = body.gas_limit;
    out.gas_price = body.gas_price;
    out.fee_stealth_address = archived_address(body.fee_stealth_address);
    out.data = data_of(tx);
    out.chain_id = body.chain_id;
    out.proof = archived(body.proof);
    return wire::rkyv::archive(layouts::Transaction(std::move(out)));
}

/// The answer of `spend_and_execute`, `Result<Vec<u8>, ContractError>`, of which the inner call's own answer is not
/// needed: tag, then at 4 the vector or the error; the error has a tag of its own and at 4 the text of a panic.
constexpr std::size_t kResultSize = 16;

}  // namespace

Bytes spend(const ledger::Transaction& tx) {
    if (tx.phoenix() != nullptr) return spend_notes(tx);
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

base::ByteArray<208> public_sender(const ledger::Transaction& tx) {
    std::optional<layouts::Key> sender;
    if (const auto* body = tx.moonlight()) sender = archived(body->sender);
    return base::to_array<208>(wire::rkyv::archive(sender));
}

std::optional<SpendQuestion> spend_question(const ledger::Transaction& tx) {
    if (const auto* body = tx.moonlight()) {
        return SpendQuestion{"verify_bls",
                             wire::rkyv::archive(SignatureQuestion{
                                 archived(tx.signature_message()), archived(body->sender), {body->signature.raw()}})};
    }
    const auto verifier = phoenix::verifier_data(tx.phoenix()->nullifiers.size());
    const auto inputs = phoenix::public_inputs(tx);
    if (verifier.empty() || !inputs) return std::nullopt;
    return SpendQuestion{"verify_plonk", proof_question(verifier, tx.phoenix()->proof, *inputs)};
}

Bytes nullifiers(std::span<const base::Hash32> list) {
    std::vector<layouts::Scalar> out;
    for (const auto& one : list) out.push_back(archived_scalar(one));
    return wire::rkyv::archive(out);
}

std::optional<std::vector<base::Hash32>> nullifiers_of(ByteView answer) {
    const auto list = wire::rkyv::unarchive<std::vector<layouts::Scalar>>(answer);
    if (!list) return std::nullopt;
    std::vector<base::Hash32> out;
    for (const auto& one : *list) {
        const auto scalar = crypto::Fr::from_montgomery(one.bytes);
        if (!scalar) return std::nullopt;
        out.push_back(scalar->bytes());
    }
    return out;
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

std::optional<std::string> refuse_nested(std::size_t nullifiers, const ledger::ContractId& callee,
                                         std::string_view function, ByteView argument) {
    if (callee != ledger::kTransferContract || function != "withdraw") return std::nullopt;
    const auto withdraw = wire::rkyv::unarchive<layouts::Withdraw>(argument);
    if (!withdraw) return "failed to deserialize withdrawal arguments";
    const auto* listed = std::get_if<std::vector<layouts::Scalar>>(&withdraw->token);
    if (listed == nullptr || listed->size() == nullifiers) return std::nullopt;
    return fmt::format("nullifier count mismatch: withdrawal has {}, transaction has {}", listed->size(), nullifiers);
}

}  // namespace rues::chain::calls
