#include <algorithm>

#include "api/endpoints/contract_id.hpp"
#include "api/endpoints/driving.hpp"
#include "api/routes.hpp"
#include "api/stated_tip.hpp"
#include "crypto/bls.hpp"

/// Balance, owner and data driver of a contract. docs/reference/rusk-1.7.md 1.8, 9.
namespace rues::api::contract {
namespace {

/// The owner's bytes: what a deployment said, which need not be a key. Null: no such contract. The answer states the
/// tip.
std::shared_ptr<const base::Bytes> owner_of(const Context& context, Exchange& exchange, const ledger::ContractId& id) {
    const auto state = context.view.state();
    state_tip(exchange.extra, tip_of(*state));
    return state->owner(id);
}

/// The uploaded driver of a contract; nullptr: none was uploaded. Waits for the disk, so call it on the pool.
Result<store::DriverFilePtr> stored_driver(const Context& context, const ledger::ContractId& id) {
    auto found = context.drivers->file(id);
    if (!found) return std::unexpected(failure_of(found.error()));
    return std::move(*found);
}

/// Base58 takes quadratic time: 0.1 ms for an owner of this size, half a second for the largest that a deployment can
/// name. Such an answer must not hold up other reads.
constexpr std::size_t kShortOwner = 1'024;

/// Has empty owners for a contract that does not exist, as on the node. `owner`: null when there is none.
Result<Answer> metadata_of(const Context& context, const ledger::ContractId& id, const base::Bytes* owner) {
    const auto driver = stored_driver(context, id);
    if (!driver) return std::unexpected(driver.error());
    base::json::value signature = nullptr;
    if (*driver) signature = base::json::hex((*driver)->signature);
    return base::json::object{{"contract_owner", owner != nullptr ? base::to_hex(*owner) : ""},
                              {"created_at", nullptr},
                              {"driver_available", *driver != nullptr},
                              {"driver_signature", std::move(signature)},
                              {"owner", owner != nullptr ? base::to_base58(*owner) : ""}};
}

}  // namespace

Result<Answer> status(const Context&, const Exchange& exchange, const ContractState& state) {
    const auto id = contract_id(exchange.entity);
    if (!id)
        return fail(ErrorCode::invalid_input, "Invalid contract ID: an error occurred when formatting an argument");
    const auto balance = state.contract_balance(*id);
    if (!balance) return std::unexpected(balance.error());
    return base::json::object{{"balance", *balance}};
}

void metadata(const Context& context, Exchange exchange) {
    const auto id = contract_id(exchange.entity);
    if (!id) return std::move(exchange).fail({ErrorCode::invalid_input, "Invalid contract id"});
    auto owner = owner_of(context, exchange, *id);
    const bool is_long = owner != nullptr && owner->size() > kShortOwner;
    on_pool(context, is_long ? Work::call : Work::scan, std::move(exchange),
            [&context, id = *id, owner = std::move(owner)](Exchange asked) {
                auto made = metadata_of(context, id, owner.get());
                std::move(asked).answer(std::move(made), context.read_pool);
            });
}

Result<Answer> download_driver(const Context& context, Exchange& exchange) {
    const auto id = contract_id(exchange.entity);
    if (!id) return fail(ErrorCode::invalid_input, "Invalid contract id");
    auto driver = stored_driver(context, *id);
    if (!driver) return std::unexpected(driver.error());
    if (!*driver) return fail(ErrorCode::not_found, "Driver not registered");
    return Typed{"application/wasm", (*driver)->module};
}

/// Stores a driver (docs/reference/protocol.md 8.5). Nothing checks that the body is a driver; the owner's signature
/// vouches for it. The node hides a wrong signature behind an internal error; here the client learns of it
/// (docs/reference/differences.md 1).
Result<Answer> upload_driver(const Context& context, Exchange& exchange) {
    const auto id = contract_id(exchange.entity);
    if (!id) return fail(ErrorCode::invalid_input, "Invalid contract id");
    const auto sign = exchange.request.header("sign");
    if (!sign) return fail(ErrorCode::invalid_input, "Signature missing");
    const auto bytes = base::from_hex(*sign);
    const auto signature = bytes ? crypto::Signature::decode(*bytes) : std::nullopt;
    if (!signature) return fail(ErrorCode::invalid_input, "Invalid signature: not 48 bytes of a point");
    const auto owner = owner_of(context, exchange, *id);
    if (owner == nullptr) return fail(ErrorCode::not_found, "Contract owner not found: " + base::to_hex(*id));
    if (!ContractDrivers::is_signed(*owner, *bytes, exchange.body))
        return fail(ErrorCode::invalid_input, "Invalid signature: not the owner's over this driver");
    // Signatures are public, so anybody can upload the present driver again.
    const auto present = context.drivers->file(*id);
    const bool is_the_same = present && *present && (*present)->module == exchange.body;
    store::DriverFile driver{signature->bytes(), std::move(exchange.body)};
    const auto stored = context.drivers->put(*id, std::move(driver));
    // Also after a failure: the driver may be in place, and only not synced.
    if (!is_the_same && stored.value_or(true)) context.hub.driver_changed();
    if (!stored) return std::unexpected(failure_of(stored.error()));
    if (!*stored)
        return fail(ErrorCode::invalid_input,
                    "Replaced driver: another one has replaced it. To use it again, change its bytes (an empty custom "
                    "section is enough) and sign it again");
    return Text{"driver upload ok"};
}

Result<Answer> owner(const Context& context, Exchange& exchange) {
    // Errors carry the link too. There is no link for an entity that a header cannot carry.
    if (std::ranges::all_of(exchange.entity, [](char c) { return c > 0x20 && c < 0x7f; })) {
        exchange.extra.emplace_back("link",
                                    "</on/contract:" + exchange.entity + "/metadata>; rel=\"successor-version\"");
    }
    const auto id = contract_id(exchange.entity);
    if (!id) return fail(ErrorCode::invalid_input, "Invalid contract id");
    const auto found = owner_of(context, exchange, *id);
    if (found == nullptr) return fail(ErrorCode::not_found, "Contract owner not found: " + base::to_hex(*id));
    return *found;
}

}  // namespace rues::api::contract
