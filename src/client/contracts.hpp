#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "client/http.hpp"
#include "crypto/bls.hpp"
#include "ledger/transaction.hpp"

/// Asks a node about a contract: its owner, its functions, and its data driver. docs/reference/protocol.md 8.2, 8.4,
/// 8.5. Every error that is not the server's answer is that of `http`; an answer that is not 2xx is `refused`.
namespace rues::client {

struct ContractInfo {
    base::Bytes owner;  ///< what its deployment said, which need not be a key
    std::optional<std::string> driver_signature;
    bool has_driver = false;  ///< an uploaded one
};
/// `POST /on/contract:<id>/metadata`; nullopt: there is no such contract.
Result<std::optional<ContractInfo>> contract_info(const Url& url, const ledger::ContractId& contract);

/// Calls a function on a copy of the tip's state. `feeder`: the result is all items that the function feeds, one after
/// the other.
Result<base::Bytes> query(const Url& url, const ledger::ContractId& contract, std::string_view function,
                          base::ByteView argument, bool feeder);
/// Calls a feeder and passes its items on as they arrive: their bytes one after the other, cut anywhere. Errors are
/// those of `query` and `http_stream`.
Result<void> query_feed(const Url& url, const ledger::ContractId& contract, std::string_view function,
                        base::ByteView argument, const Take& take);
/// Calls a feeder; the node decodes each item with the contract's data driver. The result is the array of the items.
Result<base::json::array> query_items(const Url& url, const ledger::ContractId& contract, std::string_view function,
                                      std::string_view json_argument);

/// The answer of a method of the contract's data driver: `encode_input_fn:<function>`, `get_version`. nullopt: the
/// contract has no driver. `refused`: the driver could not do it, or this server has no drivers.
Result<std::optional<base::Bytes>> run_driver(const Url& url, const ledger::ContractId& contract,
                                              std::string_view method, base::ByteView input);
/// Stores the contract's driver; `signature` is its owner's over the SHA3-256 of `module`.
Result<void> upload_driver(const Url& url, const ledger::ContractId& contract, base::ByteView module,
                           const crypto::Signature& signature);

}  // namespace rues::client
