#include <fmt/format.h>

#include <algorithm>

#include "api/endpoints/contract_functions.hpp"
#include "api/endpoints/contract_id.hpp"
#include "api/endpoints/feeder_body.hpp"
#include "api/routes.hpp"
#include "drivers/driver.hpp"
#include "wire/headers.hpp"

/// Calls of the contracts' read functions: raw (rkyv in, rkyv out), in hex, and in the JSON form of the data drivers.
/// docs/reference/ledger.md 8.3; docs/reference/protocol.md 5.4, 5.5.
namespace rues::api::contracts {
namespace {

/// Functions that need the tree of notes, which this node does not have (docs/reference/differences.md 30).
/// docs/reference/ledger.md 8.3.
constexpr std::string_view kNoteTree[] = {
    "root", "num_notes",      "opening", "existing_nullifiers", "leaves_from_height", "leaves_from_pos",
    "sync", "sync_nullifiers"};

/// The error for an unknown function or contract (docs/reference/differences.md 1).
Failure unknown_function(const ledger::ContractId& contract, std::string_view name) {
    return {ErrorCode::not_found, drivers::driver_of(contract) != nullptr
                                      ? fmt::format("function {}", name)
                                      : fmt::format("contract {}", base::to_hex(contract))};
}

/// Encodes a JSON argument with the contract's driver. A contract without a driver has no function to encode for.
Result<base::Bytes> argument_from_json(const ledger::ContractId& contract, std::string_view function,
                                       std::string_view text) {
    const auto* driver = drivers::driver_of(contract);
    if (driver == nullptr)
        return fail(ErrorCode::invalid_input, fmt::format("Invalid JSON: Unsupported(\"fn_name {}\")", function));
    auto archived = driver->encode_input(function, text);
    if (!archived) return fail(ErrorCode::invalid_input, "Invalid JSON: " + archived.error().text);
    return std::move(*archived);
}

/// Decodes a function's result with the contract's driver. REQUIRES: `result` is a result of `function`, so the
/// contract has a driver.
base::json::value result_to_json(const Function& function, base::ByteView result) {
    return drivers::driver_of(function.contract)->decode_output(function.name, result).value_or(nullptr);
}

/// Holds one of the kMaxFeeds places for feeders while it lives. False when all places are taken.
class Place {
public:
    explicit Place(std::shared_ptr<std::atomic<std::size_t>> taken) : taken_(std::move(taken)) {
        if (taken_->fetch_add(1) < kMaxFeeders) return;
        taken_->fetch_sub(1);
        taken_.reset();
    }
    Place(Place&&) noexcept = default;
    Place& operator=(Place&&) = delete;
    ~Place() {
        if (taken_) taken_->fetch_sub(1);
    }
    explicit operator bool() const noexcept { return taken_ != nullptr; }

private:
    std::shared_ptr<std::atomic<std::size_t>> taken_;
};

/// Answers a call of a feeder function. The pool collects the feeder's items, then encodes them one by one while they
/// are sent.
void feed(const Context& context, Exchange exchange, const Function& function, base::Bytes argument, FeederForm form) {
    auto place = std::make_shared<Place>(context.feeds);
    if (!*place) return std::move(exchange).fail({ErrorCode::overloaded, "too many feeds are sent"});
    on_pool(context, std::move(exchange),
            [&context, place, &function, form, argument = std::move(argument)](Exchange asked) mutable {
                const auto snapshot = context.store.snapshot();
                auto items = function.feed(context, *snapshot, argument);
                if (!items) return std::move(asked).fail(items.error());
                forbid_buffering(asked.extra);
                Items held = [place, items = std::move(*items)]() mutable { return items(); };
                const auto to_json = [&function](base::ByteView item) { return result_to_json(function, item); };
                std::move(asked).stream(200, form == FeederForm::json ? "application/json" : "",
                                        std::make_unique<FeederBody>(std::move(held), form, to_json),
                                        context.read_pool);
            });
}

/// Calls the function with an archived argument. `json`: the answer is JSON, else raw.
void call_archived(const Context& context, Exchange exchange, const ledger::ContractId& contract, base::Bytes argument,
                   bool json) {
    if (contract == ledger::kTransferContract && std::ranges::find(kNoteTree, exchange.topic) != std::end(kNoteTree)) {
        return std::move(exchange).fail({ErrorCode::unsupported, {}});
    }
    const auto known = functions();
    const auto function = std::ranges::find_if(
        known, [&](const Function& f) { return f.contract == contract && f.name == exchange.topic; });
    if (function == known.end()) {
        const Failure unknown = unknown_function(contract, exchange.topic);
        return std::move(exchange).fail(unknown);
    }
    const bool feeds = wire::wants_feeder(exchange.request.headers);
    if (function->feed != nullptr) {
        if (!feeds) {
            return std::move(exchange).fail({ErrorCode::invalid_input, "rusk-feeder header is missing (Missing feed)"});
        }
        const auto form = json                                           ? FeederForm::json
                          : wire::wants_binary(exchange.request.headers) ? FeederForm::bytes
                                                                         : FeederForm::hex;
        return feed(context, std::move(exchange), *function, std::move(argument), form);
    }
    // A function that is no feeder, called with `Rusk-Feeder`, streams nothing: its value is dropped
    // (docs/reference/ledger.md 8.3).
    if (feeds && json) return std::move(exchange).json(base::json::array{});
    if (feeds) return std::move(exchange).empty(200);
    const auto query = [&context, &known_function = *function, argument = std::move(argument),
                        json](const store::Snapshot& state) -> Result<Answer> {
        auto result = known_function.query(context, state, argument);
        if (!result) return std::unexpected(result.error());
        if (json) return result_to_json(known_function, *result);
        return std::move(*result);
    };
    read_point(context, std::move(exchange), query);
}

}  // namespace

void call_function(const Context& context, Exchange exchange) {
    const auto contract = contract_id(exchange.entity);
    if (!contract) return std::move(exchange).fail({ErrorCode::invalid_input, "Invalid contract bytes"});
    base::Bytes body = std::move(exchange.body);
    if (!wire::is_json_type(exchange.request.header("content-type")))
        return call_archived(context, std::move(exchange), *contract, std::move(body), false);
    // On the pool, because the driver checks that keys and points in JSON are valid. Errors of the driver come before
    // all errors of the contract.
    on_pool(context, std::move(exchange), [&context, contract = *contract, body = std::move(body)](Exchange asked) {
        auto archived = argument_from_json(contract, asked.topic, base::text(body));
        if (!archived) return std::move(asked).fail(archived.error());
        call_archived(context, std::move(asked), contract, std::move(*archived), true);
    });
}

}  // namespace rues::api::contracts
