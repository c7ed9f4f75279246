#include <algorithm>

#include "api/reading.hpp"
#include "api/routes.hpp"

/// What is known of a contract besides its functions: balance, owner, data driver. rusk-1.7 1.8, 9.
namespace rues::api::contract {
namespace {

std::optional<ledger::ContractId> id_of(std::string_view text) {
    if (text.starts_with("0x")) text.remove_prefix(2);
    return base::array_from_hex<32>(text);
}

/// Contracts of the genesis have one; others cannot be deployed yet.
const ledger::AccountKey* owner_of(const Context& context, const ledger::ContractId& id) {
    const bool genesis = id == ledger::kTransferContract || id == ledger::kStakeContract;
    return genesis ? &context.contracts_owner : nullptr;
}

}  // namespace

void status(const Context& context, Call call) {
    const auto id = id_of(call.entity);
    if (!id) {
        return std::move(call).fail(
            {ErrorCode::invalid_input, "Invalid contract ID: an error occurred when formatting an argument"});
    }
    read_point(context, std::move(call), [id = *id](const store::Snapshot& state) -> Outcome<Answer> {
        return base::json::object{{"balance", state.contract_balance(id).value_or(0)}};
    });
}

/// A contract that is not there has empty owners, as on the node.
void metadata(const Context& context, Call call) {
    const auto id = id_of(call.entity);
    if (!id) return std::move(call).fail({ErrorCode::invalid_input, "Invalid contract id"});
    const auto* owner = owner_of(context, *id);
    std::move(call).json(base::json::object{{"contract_owner", owner != nullptr ? base::to_hex(*owner) : ""},
                                            {"created_at", nullptr},
                                            {"driver_available", false},
                                            {"driver_signature", nullptr},
                                            {"owner", owner != nullptr ? base::to_base58(*owner) : ""}});
}

void owner(const Context& context, Call call) {
    // The link goes with errors too. An entity that no header can carry has none.
    if (std::ranges::all_of(call.entity, [](char c) { return c > 0x20 && c < 0x7f; })) {
        call.extra.emplace_back("link", "</on/contract:" + call.entity + "/metadata>; rel=\"successor-version\"");
    }
    const auto id = id_of(call.entity);
    if (!id) return std::move(call).fail({ErrorCode::invalid_input, "Invalid contract id"});
    const auto* found = owner_of(context, *id);
    if (found == nullptr) {
        return std::move(call).fail({ErrorCode::not_found, "Contract owner not found: " + base::to_hex(*id)});
    }
    std::move(call).raw(*found);
}

}  // namespace rues::api::contract
