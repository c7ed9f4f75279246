#include "api/errors.hpp"

#include <algorithm>

namespace rues::api {
namespace {

constexpr ErrorRow kErrors[] = {
    // code                         name                  HTTP  retry  text
    {ErrorCode::invalid_input, "invalid_input", 400, false, "Invalid input: …"},
    {ErrorCode::version_mismatch, "version_mismatch", 400, false, "…"},
    {ErrorCode::bad_request, "bad_request", 400, false, "…"},
    {ErrorCode::invalid_url, "invalid_url", 400, false, "Invalid URL: Invalid UTF-8 in `…`", true},
    {ErrorCode::bad_handshake, "bad_handshake", 400, false, "…", true},
    {ErrorCode::vm_error, "vm_error", 400, false, "VM error: …"},
    {ErrorCode::forbidden, "forbidden", 403, false, "forbidden"},
    {ErrorCode::origin_not_allowed, "origin_not_allowed", 403, false,
     "WebSockets of the origin … are not allowed here"},
    {ErrorCode::not_found, "not_found", 404, false, "Not found: …"},
    {ErrorCode::path_not_found, "path_not_found", 404, false, "Path not found"},
    {ErrorCode::invalid_path, "invalid_path", 404, false, "Invalid URL path"},
    {ErrorCode::not_subscribed, "not_subscribed", 404, false, "Subscription not found"},
    {ErrorCode::method_not_allowed, "method_not_allowed", 405, false, ""},
    {ErrorCode::handshake_method, "handshake_method", 405, false, "…", true},
    {ErrorCode::request_timeout, "request_timeout", 408, true, "request timeout"},
    {ErrorCode::block_taken_back, "block_taken_back", 412, false, "the block … was taken back"},
    {ErrorCode::too_large, "too_large", 413, false, "length limit exceeded"},
    {ErrorCode::range_not_satisfiable, "range_not_satisfiable", 416, false, "range not satisfiable"},
    {ErrorCode::invalid_payload, "invalid_payload", 422, false, "…"},
    {ErrorCode::driver_error, "driver_error", 422, false, "Data driver error: Data-Driver Error: …"},
    {ErrorCode::session_unknown, "session_unknown", 424, false, "Session ID not provided or invalid"},
    {ErrorCode::upgrade_required, "upgrade_required", 426, false, "…", true},
    {ErrorCode::too_many, "too_many", 429, true, "too_many_requests"},
    {ErrorCode::client_limit, "client_limit", 429, true, "…"},
    {ErrorCode::share_spent, "share_spent", 429, true,
     "your address has spent its share of processor time while others wait (setting client-share)"},
    {ErrorCode::head_too_large, "head_too_large", 431, false, "request head too large"},
    {ErrorCode::internal, "internal", 500, false, "Internal server error"},
    {ErrorCode::unsupported, "unsupported", 501, false, "Unsupported operation"},
    {ErrorCode::overloaded, "overloaded", 503, true, "…"},
    {ErrorCode::block_not_reached, "block_not_reached", 503, true, "the wanted block is not there yet: …"},
};

static_assert(std::size(kErrors) == kErrorCodes);

constexpr std::string_view kDetail = "…";

}  // namespace

std::span<const ErrorRow> error_table() {
    return kErrors;
}

const ErrorRow& row_of(ErrorCode code) {
    return *std::ranges::find(kErrors, code, &ErrorRow::code);
}

std::string Failure::text() const {
    std::string out(row_of(code).text);
    if (const auto at = out.find(kDetail); at != std::string::npos) out.replace(at, kDetail.size(), detail);
    return out;
}

}  // namespace rues::api
