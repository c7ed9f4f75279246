#pragma once

#include <optional>
#include <string>
#include <utility>

#include "api/errors.hpp"
#include "net/message.hpp"

/// The parameters of requests for a page of a list whose newest entry comes first.
namespace rues::api {

struct PageRequest {
    std::uint64_t limit = 25;  ///< most entries in the page
    std::string before;        ///< `next` of the page before; empty: the newest page
    std::optional<std::string> topic;
};
inline constexpr std::uint64_t kMaxPage = 200;

/// Reads `limit` and `before`, and `topic` when the list has one. 400 for any other parameter.
enum class Topic : bool { none, optional };
Result<PageRequest> page_request(const net::Request& request, Topic topic = Topic::none);

/// A cursor of two numbers, `<a>-<b>`. nullopt for any other text.
std::optional<std::pair<std::uint64_t, std::uint64_t>> parse_cursor(std::string_view text);
std::string cursor_text(std::uint64_t a, std::uint64_t b);
std::unexpected<Failure> bad_cursor();

}  // namespace rues::api
