#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

/// One table of every error that a client can see. docs/reference/rusk-1.7.md 1.6, docs/reference/differences.md 1
/// and 7.
namespace rues::api {

enum class ErrorCode : std::uint8_t {
    invalid_input,
    version_mismatch,
    invalid_payload,
    vm_error,
    driver_error,
    forbidden,
    not_found,
    path_not_found,
    invalid_path,
    not_subscribed,
    method_not_allowed,
    request_timeout,
    too_large,
    range_not_satisfiable,
    session_unknown,
    head_too_large,
    too_many,
    client_limit,
    share_spent,
    internal,
    unsupported,
    overloaded,
    bad_request,
    invalid_url,
    bad_handshake,
    handshake_method,
    upgrade_required,
    origin_not_allowed,
    block_not_reached,
    block_taken_back,
};

inline constexpr std::size_t kErrorCodes = 30;

struct ErrorRow {
    ErrorCode code;
    std::string_view name;  ///< the value of Rues-Error-Code; never changes
    unsigned status;
    bool retryable;
    std::string_view text;  ///< the body's text; `…` stands for the detail; empty: no body
    bool plain = false;     ///< the body is the text alone instead of `{"error":…}` (docs/reference/rusk-1.7.md 1.6)
};

/// All rows, by HTTP status.
std::span<const ErrorRow> error_table();
const ErrorRow& row_of(ErrorCode code);

/// A row of the table and the detail of this case.
struct Failure {
    ErrorCode code;
    std::string detail;
    /// Value of Retry-After, in seconds, where the row has one.
    unsigned retry_after = 1;

    /// The row's text with the detail in place of `…`.
    std::string text() const;
};

template <typename T>
using Result = std::expected<T, Failure>;

inline std::unexpected<Failure> fail(ErrorCode code, std::string detail = {}) {
    return std::unexpected(Failure{code, std::move(detail)});
}

}  // namespace rues::api
