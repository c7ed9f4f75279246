#pragma once

#include <map>
#include <optional>
#include <string_view>

#include "base/json.hpp"
#include "client/url.hpp"
#include "ledger/event.hpp"

namespace rues::app {

/// Converts between the JSON and the bytes of contracts. The program contains the data drivers of the genesis
/// contracts; those of other contracts run on the node. Main thread only.
class ContractJson {
public:
    /// Without a node only the genesis contracts have a driver.
    explicit ContractJson(std::optional<client::Url> node) : node_(std::move(node)) {}

    /// @name The JSON of what a contract got, gave or emitted; nullopt: no driver, or it cannot decode this. A node
    /// that does not answer counts as one without a driver.
    /// @{
    std::optional<base::json::value> input(const ledger::Call& call);
    std::optional<base::json::value> output(const ledger::ContractId& contract, std::string_view function,
                                            base::ByteView bytes);
    std::optional<base::json::value> event(const ledger::ContractEvent& event);
    /// @}

    /// The argument of a function, from JSON text. nullopt: the contract has no driver. `invalid`: the driver's error;
    /// other errors are those of the node.
    Result<std::optional<base::Bytes>> encode(const ledger::ContractId& contract, std::string_view function,
                                              std::string_view json);

private:
    std::optional<base::json::value> decode(const ledger::ContractId& contract, std::string_view method,
                                            std::string_view name, base::ByteView bytes);
    bool has_driver(const ledger::ContractId& contract);

    std::optional<client::Url> node_;
    std::map<ledger::ContractId, bool> has_driver_;  ///< contracts that the node was asked about, at most kMostKnown
};

}  // namespace rues::app
