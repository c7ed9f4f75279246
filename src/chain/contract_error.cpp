#include "chain/contract_error.hpp"

#include <fmt/format.h>

namespace rues::chain {

std::string ContractError::display() const {
    switch (kind) {
    case Kind::panic:
        return "Panic: " + message;
    case Kind::out_of_gas:
        return "OutOfGas";
    case Kind::does_not_exist:
        return "Contract does not exist";
    case Kind::unknown:
        break;
    }
    return "Unknown";
}

std::string ContractError::debug() const {
    if (kind == Kind::panic) return fmt::format("Panic({})", chain::quoted(message));
    return kind == Kind::does_not_exist ? "DoesNotExist" : display();
}

std::string quoted(std::string_view utf8) {
    std::string out = "\"";
    for (const char c : utf8) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\r') {
            out += "\\r";
        } else if (c == '\t') {
            out += "\\t";
        } else if (c == '\0') {
            out += "\\0";
        } else if (byte < 0x20 || byte == 0x7f) {
            out += fmt::format("\\u{{{:x}}}", byte);
        } else {
            out += c;
        }
    }
    return out + '"';
}

}  // namespace rues::chain
