#include "client/contracts.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "client/answer_json.hpp"
#include "wire/path.hpp"

namespace rues::client {
namespace {

using base::json::object;
using base::json::value;

constexpr unsigned kNotFound = 404;
constexpr std::string_view kNoDriver = "Driver not registered";

Headers bytes_both_ways() {
    return {{"Content-Type", "application/octet-stream"}, {"Accept", "application/octet-stream"}};
}

std::string path_of(std::string_view component, const ledger::ContractId& contract, std::string_view topic) {
    return fmt::format("/on/{}:{}/{}", component, base::to_hex(contract), wire::percent_encoded(topic));
}

/// Metadata does not tell an unknown contract from one whose deployment named no owner.
Result<bool> exists(const Url& url, const ledger::ContractId& contract) {
    const auto path = path_of("contract_owner", contract, "owner");
    const auto answer = http(url, "POST", path, bytes_both_ways(), {});
    if (!answer) return std::unexpected(answer.error());
    if (answer->ok()) return true;
    if (answer->status == kNotFound && error_text(*answer).find("owner not found") != std::string::npos) return false;
    return refused(path, *answer);
}

/// The owner of the metadata. An owner that is too long for `from_base58` is read from the hex.
std::optional<base::Bytes> owner_in(const object& metadata) {
    const auto owner = text_in(metadata, "owner");
    if (auto bytes = owner ? base::from_base58(*owner) : std::nullopt) return bytes;
    const auto hex = text_in(metadata, "contract_owner");
    return hex ? base::from_hex(*hex) : std::nullopt;
}

}  // namespace

Result<std::optional<ContractInfo>> contract_info(const Url& url, const ledger::ContractId& contract) {
    const auto path = path_of("contract", contract, "metadata");
    const auto answer = http(url, "POST", path, {}, {});
    if (!answer) return std::unexpected(answer.error());
    const auto json = json_of(path, *answer);
    if (!json) return std::unexpected(json.error());
    const auto* body = json->if_object();
    auto bytes = body == nullptr ? std::nullopt : owner_in(*body);
    if (!bytes) return failure(Error::Kind::malformed, path + ": no owner");
    if (bytes->empty()) {
        const auto known = exists(url, contract);
        if (!known) return std::unexpected(known.error());
        if (!*known) return std::optional<ContractInfo>();
    }
    const auto* available = body->if_contains("driver_available");
    return ContractInfo{std::move(*bytes), text_in(*body, "driver_signature"),
                        available != nullptr && *available == value(true)};
}

Result<base::Bytes> query(const Url& url, const ledger::ContractId& contract, std::string_view function,
                          base::ByteView argument, bool feeder) {
    const auto path = path_of("contracts", contract, function);
    auto headers = bytes_both_ways();
    if (feeder) headers.emplace_back("Rusk-Feeder", "1");
    auto answer = http(url, "POST", path, headers, argument);
    if (!answer) return std::unexpected(answer.error());
    if (!answer->ok()) return refused(path, *answer);
    return std::move(answer->body);
}

Result<void> query_feed(const Url& url, const ledger::ContractId& contract, std::string_view function,
                        base::ByteView argument, const Take& take) {
    const auto path = path_of("contracts", contract, function);
    auto headers = bytes_both_ways();
    headers.emplace_back("Rusk-Feeder", "1");
    const auto answer = http_stream(url, "POST", path, headers, argument, take);
    if (!answer) return std::unexpected(answer.error());
    if (!answer->ok()) return refused(path, *answer);
    return {};
}

Result<base::json::array> query_items(const Url& url, const ledger::ContractId& contract, std::string_view function,
                                      std::string_view json_argument) {
    const auto path = path_of("contracts", contract, function);
    const Headers headers{{"Content-Type", "application/json"}, {"Rusk-Feeder", "1"}};
    const auto answer = http(url, "POST", path, headers, base::to_bytes(json_argument));
    if (!answer) return std::unexpected(answer.error());
    auto json = json_of(path, *answer);
    if (!json) return std::unexpected(json.error());
    if (auto* items = json->if_array()) return std::move(*items);
    return failure(Error::Kind::malformed, path + ": not a JSON array");
}

Result<std::optional<base::Bytes>> run_driver(const Url& url, const ledger::ContractId& contract,
                                              std::string_view method, base::ByteView input) {
    const auto path = path_of("driver", contract, method);
    auto answer = http(url, "POST", path, bytes_both_ways(), input);
    if (!answer) return std::unexpected(answer.error());
    if (answer->ok()) return std::optional(std::move(answer->body));
    if (answer->status == kNotFound && error_text(*answer).find(kNoDriver) != std::string::npos)
        return std::optional<base::Bytes>();
    return refused(path, *answer);
}

Result<void> upload_driver(const Url& url, const ledger::ContractId& contract, base::ByteView module,
                           const crypto::Signature& signature) {
    const auto path = path_of("contract", contract, "upload_driver");
    const Headers headers{{"Content-Type", "application/octet-stream"}, {"sign", base::to_hex(signature.bytes())}};
    const auto answer = http(url, "POST", path, headers, module);
    if (!answer) return std::unexpected(answer.error());
    if (!answer->ok()) return refused(path, *answer);
    return {};
}

}  // namespace rues::client
