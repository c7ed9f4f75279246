#include <algorithm>

#include "api/endpoints/contract_id.hpp"
#include "api/routes.hpp"
#include "crypto/hash.hpp"
#include "store/driver_files.hpp"

/// Balance, owner and data driver of a contract. docs/reference/rusk-1.7.md 1.8, 9.
namespace rues::api::contract {
namespace {

/// The owner of a genesis contract; null for other contracts, which cannot be deployed yet.
const ledger::AccountKey* owner_of(const Context& context, const ledger::ContractId& id) {
    const bool genesis = id == ledger::kTransferContract || id == ledger::kStakeContract;
    return genesis ? &context.contracts_owner : nullptr;
}

bool is_signed(const ledger::AccountKey& owner, const crypto::Signature& signature, base::ByteView module) {
    const auto key = crypto::PublicKey::decode(owner);
    return key && crypto::verify(*key, signature, crypto::sha3_256(module));
}

/// The uploaded driver of a contract; nullptr: none was uploaded. Waits for the disk, so call it on the pool.
Result<store::DriverFilePtr> stored_driver(const Context& context, const ledger::ContractId& id) {
    const auto* owner = owner_of(context, id);
    if (context.drivers == nullptr || owner == nullptr) return nullptr;
    auto found = context.drivers->find(id, [&](const store::DriverFile& driver) {
        const auto signature = crypto::Signature::decode(driver.signature);
        return signature && is_signed(*owner, *signature, driver.module);
    });
    if (!found) return fail(ErrorCode::internal, found.error().text);
    return std::move(*found);
}

}  // namespace

Result<Answer> status(const Context&, const Exchange& exchange, const store::Snapshot& state) {
    const auto id = contract_id(exchange.entity);
    if (!id)
        return fail(ErrorCode::invalid_input, "Invalid contract ID: an error occurred when formatting an argument");
    return base::json::object{{"balance", state.contract_balance(*id).value_or(0)}};
}

/// Answers with empty owners for a contract that does not exist, as the node does.
Result<Answer> metadata(const Context& context, Exchange& exchange) {
    const auto id = contract_id(exchange.entity);
    if (!id) return fail(ErrorCode::invalid_input, "Invalid contract id");
    const auto* owner = owner_of(context, *id);
    const auto driver = stored_driver(context, *id);
    if (!driver) return std::unexpected(driver.error());
    base::json::value signature = nullptr;
    if (*driver) signature = base::json::hex((*driver)->signature);
    return base::json::object{{"contract_owner", owner != nullptr ? base::to_hex(*owner) : ""},
                              {"created_at", nullptr},
                              {"driver_available", *driver != nullptr},
                              {"driver_signature", std::move(signature)},
                              {"owner", owner != nullptr ? base::to_base58(*owner) : ""}};
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
    const auto* owner = owner_of(context, *id);
    if (owner == nullptr || context.drivers == nullptr)
        return fail(ErrorCode::not_found, "Contract owner not found: " + base::to_hex(*id));
    if (!is_signed(*owner, *signature, exchange.body))
        return fail(ErrorCode::invalid_input, "Invalid signature: not the owner's over this driver");
    store::DriverFile driver{signature->bytes(), std::move(exchange.body)};
    if (const auto stored = context.drivers->put(*id, std::move(driver)); !stored)
        return fail(ErrorCode::internal, stored.error().text);
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
    const auto* found = owner_of(context, *id);
    if (found == nullptr) return fail(ErrorCode::not_found, "Contract owner not found: " + base::to_hex(*id));
    return base::to_bytes(*found);
}

}  // namespace rues::api::contract
