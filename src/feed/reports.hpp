#pragma once

#include <optional>
#include <span>
#include <vector>

#include "feed/session_table.hpp"

/// What `/debug/sessions` shows of the sessions of one loop. Call these on the loop's thread.
namespace rues::feed {

/// Reports on the `most` sessions that are farthest behind, without their subscriptions and decisions.
std::vector<Report> list(const LoopContext& loop, const SessionTable& sessions, std::size_t most);
/// A whole report on the first session whose id begins with these bytes.
std::optional<Report> inspect(const LoopContext& loop, const SessionTable& sessions,
                              std::span<const std::byte> first_bytes);

}  // namespace rues::feed
