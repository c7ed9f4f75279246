#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

/// Every error that a client can see, as one table. rusk-1.7 1.6, decisions 1 and 7.
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
    internal,
    unsupported,
    overloaded,
    bad_request,
    invalid_url,
    bad_handshake,
    handshake_method,
    upgrade_required,
};

struct ErrorRow {
    ErrorCode code;
    std::string_view name;  ///< stable, in Rues-Error-Code
    unsigned status;
    bool retryable;
    std::string_view text;  ///< what the body says; `…` stands for the detail
    bool plain = false;     ///< the text alone instead of `{"error":…}` (rusk-1.7 1.6)
};

std::span<const ErrorRow> error_table();
const ErrorRow& row_of(ErrorCode code);

struct Failure {
    ErrorCode code;
    std::string detail;

    /// The text of the body.
    std::string text() const;
};

template <typename T>
using Outcome = std::expected<T, Failure>;

inline std::unexpected<Failure> fail(ErrorCode code, std::string detail = {}) {
    return std::unexpected(Failure{code, std::move(detail)});
}

}  // namespace rues::api
