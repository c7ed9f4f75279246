#include <fmt/format.h>

#include <algorithm>

#include "api/reading.hpp"
#include "api/routes.hpp"
#include "wire/headers.hpp"
#include "wire/layouts.hpp"

/// Read functions of the genesis contracts, in the raw form (rkyv in, rkyv out) and the JSON form of their data
/// drivers. LM 8.3 to 8.6.
namespace rues::api::contracts {
namespace {

namespace layouts = wire::layouts;
using base::json::object;
using base::json::value;

/// A function's argument from either form.
template <typename T>
using Argument = Outcome<T>;

Failure undecodable(std::string_view why) {
    return {ErrorCode::vm_error, fmt::format("Panic: Argument should correctly deserialize: {}", why)};
}

Argument<ledger::AccountKey> key_argument(base::ByteView body, bool json) {
    if (json) {
        boost::system::error_code error;
        const auto parsed = boost::json::parse(base::text(body), error);
        const auto* text = error ? nullptr : parsed.if_string();
        const auto bytes = text != nullptr ? base::from_base58(*text) : std::nullopt;
        const auto key = bytes ? crypto::PublicKey::decode(*bytes) : std::nullopt;
        if (!key) return fail(ErrorCode::invalid_input, "Invalid JSON: an account in base58 is expected");
        return key->bytes();
    }
    const auto archived = wire::rkyv::unarchive<layouts::Key>(body);
    if (!archived) return std::unexpected(undecodable(archived.error()));
    const auto key = crypto::PublicKey::decode_raw(archived->bytes);
    if (!key) return std::unexpected(undecodable("invalid account public key"));
    return key->bytes();
}

Argument<ledger::ContractId> id_argument(base::ByteView body, bool json) {
    if (json) {
        boost::system::error_code error;
        const auto parsed = boost::json::parse(base::text(body), error);
        const auto* text = error ? nullptr : parsed.if_string();
        const auto id = text != nullptr ? base::array_from_hex<32>(*text) : std::nullopt;
        if (!id) return fail(ErrorCode::invalid_input, "Invalid JSON: a contract id in hex is expected");
        return *id;
    }
    const auto archived = wire::rkyv::unarchive<layouts::Id>(body);
    if (!archived) return std::unexpected(undecodable(archived.error()));
    return *archived;
}

value stake_json(const ledger::Stake& stake) {
    const auto number = [](std::uint64_t n) { return std::to_string(n); };
    value amount = nullptr;
    if (stake.amount) {
        amount = object{{"eligibility", number(stake.amount->eligibility)},
                        {"locked", number(stake.amount->locked)},
                        {"value", number(stake.amount->value)}};
    }
    return object{{"amount", std::move(amount)},
                  {"faults", stake.faults},
                  {"hard_faults", stake.hard_faults},
                  {"reward", number(stake.reward)}};
}

base::Bytes stake_bytes(const std::optional<ledger::Stake>& stake) {
    std::optional<layouts::StakeData> out;
    if (stake) {
        out.emplace();
        if (stake->amount)
            out->amount = layouts::StakeAmount{stake->amount->value, stake->amount->locked, stake->amount->eligibility};
        out->reward = stake->reward;
        out->faults = stake->faults;
        out->hard_faults = stake->hard_faults;
    }
    return wire::rkyv::archive(out);
}

using Query = Outcome<Answer> (*)(const Context& context, const store::Snapshot& state, base::ByteView body, bool json);

Outcome<Answer> account(const Context&, const store::Snapshot& state, base::ByteView body, bool json) {
    const auto key = key_argument(body, json);
    if (!key) return std::unexpected(key.error());
    const auto found = state.account(*key).value_or(ledger::Account{});
    if (json) return object{{"balance", std::to_string(found.balance)}, {"nonce", std::to_string(found.nonce)}};
    return wire::rkyv::archive(layouts::AccountData{found.nonce, found.balance});
}

Outcome<Answer> contract_balance(const Context&, const store::Snapshot& state, base::ByteView body, bool json) {
    const auto id = id_argument(body, json);
    if (!id) return std::unexpected(id.error());
    const auto balance = state.contract_balance(*id).value_or(0);
    if (json) return value(boost::json::string(std::to_string(balance)));
    return wire::rkyv::archive(balance);
}

Outcome<Answer> chain_id(const Context& context, const store::Snapshot&, base::ByteView body, bool json) {
    const std::uint8_t id = context.chain.options().chain_id;
    if (!json) return wire::rkyv::archive(id);
    if (base::trimmed(base::text(body)) != "null")
        return fail(ErrorCode::invalid_input, "Invalid JSON: null is expected");
    return value(id);
}

Outcome<Answer> get_stake(const Context&, const store::Snapshot& state, base::ByteView body, bool json) {
    const auto key = key_argument(body, json);
    if (!key) return std::unexpected(key.error());
    const auto stake = state.stake(*key);
    if (json) return stake ? stake_json(*stake) : value(nullptr);
    return stake_bytes(stake);
}

/// What needs the tree of notes, which is not here (decisions 30). LM 8.3.
constexpr std::string_view kNoteTree[] = {
    "root", "num_notes",      "opening", "existing_nullifiers", "leaves_from_height", "leaves_from_pos",
    "sync", "sync_nullifiers"};

struct Function {
    ledger::ContractId contract;
    std::string_view name;
    Query query;
};

constexpr Function kFunctions[] = {
    {ledger::kTransferContract, "account", &account},
    {ledger::kTransferContract, "contract_balance", &contract_balance},
    {ledger::kTransferContract, "chain_id", &chain_id},
    {ledger::kStakeContract, "get_stake", &get_stake},
};

std::optional<ledger::ContractId> contract_of(std::string_view text) {
    while (text.starts_with("0x")) text.remove_prefix(2);
    return base::array_from_hex<32>(text);
}

}  // namespace

void call_function(const Context& context, Call call) {
    const auto contract = contract_of(call.entity);
    if (!contract) return std::move(call).fail({ErrorCode::invalid_input, "Invalid contract bytes"});
    const bool json = wire::is_json_type(call.request.header("content-type"));
    if (*contract == ledger::kTransferContract && std::ranges::find(kNoteTree, call.topic) != std::end(kNoteTree)) {
        return std::move(call).fail({ErrorCode::unsupported, {}});
    }
    const auto* function = std::ranges::find_if(
        kFunctions, [&](const Function& f) { return f.contract == *contract && f.name == call.topic; });
    if (function == std::end(kFunctions)) {
        if (json)
            return std::move(call).fail(
                {ErrorCode::invalid_input, fmt::format("Invalid JSON: Unsupported(\"fn_name {}\")", call.topic)});
        const bool genesis = *contract == ledger::kTransferContract || *contract == ledger::kStakeContract;
        return std::move(call).fail({ErrorCode::not_found, genesis
                                                               ? fmt::format("function {}", call.topic)
                                                               : fmt::format("contract {}", base::to_hex(*contract))});
    }
    // The value of a function that does not feed is dropped when it is called as one that does (LM 8.3).
    const bool feeder = call.request.header("rusk-feeder").has_value();
    base::Bytes body = std::move(call.body);
    if (feeder) return std::move(call).empty(200);
    read(context, std::move(call),
         [&context, query = function->query, body = std::move(body), json](const store::Snapshot& state) {
             return query(context, state, body, json);
         });
}

}  // namespace rues::api::contracts
