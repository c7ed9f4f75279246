#include "crypto/jubjub.hpp"
#include "ledger/transaction.hpp"

/// JSON of transactions (docs/reference/ledger.md 1.10). GraphQL prints keys in order of declaration, RUES prints them
/// sorted.
namespace rues::ledger {
namespace {

using base::json::array;
using base::json::object;
using base::json::value;

ByteView bytes_of(const crypto::PublicKey& key) {
    return key.bytes();
}
ByteView bytes_of(const AccountKey& key) {
    return key;
}

value call_json(const Call* call) {
    if (call == nullptr) return nullptr;
    return object{{"contract", base::json::hex(call->contract)},
                  {"fn_name", call->fn_name},
                  {"fn_args", base::to_base64(call->fn_args)}};
}

value memo_json(const Data& data) {
    const auto* memo = std::get_if<Memo>(&data);
    return memo != nullptr ? base::json::hex(memo->bytes) : value(nullptr);
}

/// Decoding has checked that the commitment is a point (docs/reference/phoenix-and-plonk.md 3.4). So null means that
/// this transaction was built without decoding.
value commitment_json(ByteView compressed) {
    const auto point = crypto::JubJubAffine::decode_any(compressed);
    if (!point) return nullptr;
    return array{base::json::hex(point->u.bytes()), base::json::hex(point->v.bytes())};
}

value note_json(const ByteArray<302>& note) {
    const ByteView bytes(note);
    return object{{"type", static_cast<std::uint64_t>(note[0])},
                  {"value_commitment", commitment_json(bytes.subspan(1, 32))},
                  {"stealth_address", base::json::base58(bytes.subspan(33, 64))},
                  {"value_enc", base::json::hex(bytes.subspan(105, 68))},
                  {"sender", base::json::hex(bytes.subspan(173, 129))}};
}

object fee_json(std::uint64_t gas_limit, std::uint64_t gas_price, ByteView refund_address) {
    return {{"gas_limit", std::to_string(gas_limit)},
            {"gas_price", std::to_string(gas_price)},
            {"refund_address", base::json::base58(refund_address)}};
}

template <typename Key, typename Signature>
object moonlight_json(const MoonlightOf<Key, Signature>& body) {
    return {{"type", "moonlight"},
            {"sender", base::json::base58(bytes_of(body.sender))},
            {"receiver", body.receiver ? base::json::base58(bytes_of(*body.receiver)) : value(nullptr)},
            {"value", body.value},
            {"nonce", body.nonce},
            {"deposit", body.deposit},
            {"fee", fee_json(body.gas_limit, body.gas_price, bytes_of(body.refund_or_sender()))},
            {"call", call_json(std::get_if<Call>(&body.data))},
            {"is_deploy", std::holds_alternative<Deploy>(body.data)},
            {"memo", memo_json(body.data)}};
}

object phoenix_json(const Phoenix& body) {
    array nullifiers;
    for (const auto& nullifier : body.nullifiers) nullifiers.push_back(base::json::hex(nullifier));
    object fee = fee_json(body.gas_limit, body.gas_price, body.fee_stealth_address);
    fee.emplace("phoenix sender", base::json::hex(body.fee_sender));
    return {{"type", "phoenix"},
            {"root", base::json::hex(body.root)},
            {"nullifiers", std::move(nullifiers)},
            {"deposit", body.deposit},
            {"outputs", array{note_json(body.outputs[0]), note_json(body.outputs[1])}},
            {"fee", std::move(fee)},
            {"call", call_json(std::get_if<Call>(&body.data))},
            {"is_deploy", std::holds_alternative<Deploy>(body.data)},
            {"memo", memo_json(body.data)}};
}

}  // namespace

template <typename Body>
object TransactionOf<Body>::to_json_declared() const {
    if (const auto* body = moonlight()) return moonlight_json(*body);
    return phoenix_json(*phoenix());
}

template <typename Body>
object TransactionOf<Body>::to_json() const {
    return base::json::sorted(to_json_declared()).as_object();
}

template object TransactionOf<Moonlight>::to_json() const;
template object TransactionOf<Moonlight>::to_json_declared() const;
template object TransactionOf<UncheckedMoonlight>::to_json() const;
template object TransactionOf<UncheckedMoonlight>::to_json_declared() const;

}  // namespace rues::ledger
