#include "app/contract_argument.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "app/input.hpp"
#include "base/encoding.hpp"
#include "client/failure.hpp"

namespace rues::app {
namespace {

constexpr auto kInvalid = base::Error::Kind::invalid;

bool is_json(std::string_view text) {
    boost::system::error_code problem;
    boost::json::parse(text, problem);
    return !problem;
}

/// True for a driver's error about a function that it does not have: `Unsupported("fn_name x")`, of dusk-forge
/// `Unsupported("encode_input: unknown fn x")`. The node quotes the error of an uploaded driver once more, so there its
/// quotes have backslashes (docs/reference/machine.md 4).
bool is_unknown_function(std::string_view error) {
    constexpr std::string_view kUnsupported = "Unsupported(";
    const auto at = error.find(kUnsupported);
    if (at == std::string_view::npos) return false;
    auto rest = error.substr(at + kUnsupported.size());
    rest.remove_prefix(std::min(rest.find_first_not_of('\\'), rest.size()));
    return rest.starts_with("\"fn_name ") || rest.starts_with("\"encode_input: unknown fn ");
}

std::unexpected<Error> wrong(std::string text) {
    return client::failure(Error::Kind::invalid, "ARG: " + std::move(text));
}

}  // namespace

base::Result<ledger::ContractId> contract_of(std::string_view text) {
    if (text == "transfer") return ledger::kTransferContract;
    if (text == "stake") return ledger::kStakeContract;
    const bool has_prefix = text.starts_with("0x");
    const auto id = base::array_from_hex<32>(has_prefix ? text.substr(2) : text);
    if (!id)
        return base::failure(kInvalid,
                             fmt::format("`{}` is not a contract's id: 64 hex digits, or transfer or stake", text));
    return *id;
}

bool is_genesis_contract(const ledger::ContractId& contract) {
    return contract == ledger::kTransferContract || contract == ledger::kStakeContract;
}

base::Result<ContractArgument> read_contract_argument(const std::optional<std::string>& given) {
    if (!given) return ContractArgument{};
    const auto read = read_argument(*given);
    if (!read) return std::unexpected(read.error());
    const auto text = base::trimmed(*read);
    if (text.empty()) return base::failure(kInvalid, "ARG is empty; without an argument leave it out");
    if (!text.starts_with("0x")) return ContractArgument{std::nullopt, std::string(text)};
    auto bytes = base::from_hex(text.substr(2));
    if (!bytes) return base::failure(kInvalid, "ARG: after 0x come hex digits, two for each byte");
    return ContractArgument{std::move(bytes), {}};
}

Result<base::Bytes> argument_bytes(const ContractArgument& argument, const ledger::ContractId& contract,
                                   std::string_view function, ContractJson& drivers) {
    if (argument.bytes) return *argument.bytes;
    const bool is_given = !argument.json.empty();
    if (is_given && !is_json(argument.json))
        return wrong("expected JSON (a text needs quotes), or 0x and hex digits for the bytes themselves");
    auto bytes = drivers.encode(contract, function, is_given ? argument.json : "null");
    if (bytes && *bytes) return std::move(**bytes);
    if (!bytes && bytes.error().kind != Error::Kind::invalid) return std::unexpected(bytes.error());
    const bool is_unknown = !bytes && is_unknown_function(bytes.error().text);
    if (!is_given && (bytes || is_unknown)) return base::Bytes();
    if (bytes) return wrong("the contract has no data driver (Driver not registered), so expected 0x and hex digits");
    if (is_unknown)
        return wrong(
            fmt::format("the contract's driver does not know the function `{}`; with 0x and hex digits it gets "
                        "these bytes",
                        function));
    return wrong(is_given ? bytes.error().text : "the function needs one: " + bytes.error().text);
}

}  // namespace rues::app
