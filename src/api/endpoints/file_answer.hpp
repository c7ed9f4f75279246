#pragma once

#include "api/api.hpp"

namespace rues::api {

/// Answers with a file, or with the range that a GET asks for: If-None-Match (304), If-Range, Range with one range
/// (206, 416); RFC 9110 13 and 14. For any other method Range is ignored (14.2). `in_hex`: the body is lower-case hex,
/// which has no ranges. Any thread.
void send_file(const Context& context, Exchange exchange, const File& file, std::string_view content_type, bool in_hex);

}  // namespace rues::api
