#pragma once

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>
#include <set>

#include "client/backoff.hpp"
#include "client/resumption.hpp"

// The rules come from docs/delivery.md.

namespace rues::client {

using wire::Position;
using wire::Uri;

using Added = Resumption::Added;

inline constexpr std::uint64_t kEpoch = 7;
inline constexpr std::string_view kAccepted = "/on/blocks/accepted";
inline constexpr std::string_view kExecuted = "/on/transactions/executed";
inline constexpr std::string_view kOwn = "/on/transactions:aa/executed";

inline Position at(std::uint64_t seq) {
    return {kEpoch, seq};
}

template <typename T>
T step(const Resumption& resumption) {
    const auto next = resumption.next();
    const auto* out = std::get_if<T>(&next);
    EXPECT_NE(out, nullptr) << "the step is number " << next.index() << " of its variant";
    return out != nullptr ? *out : T{};
}

inline bool listens(const Resumption& resumption) {
    return std::holds_alternative<Resumption::Listen>(resumption.next());
}

inline std::vector<std::string> deliver(Resumption& to, std::string_view location, std::uint64_t seq,
                                        bool replay = false) {
    return to.event(*Uri::parse(location), at(seq), replay);
}

/// A client with the session `s1` and these subscriptions, all made at position 10.
inline Resumption connected(std::initializer_list<std::string_view> paths) {
    Resumption out;
    out.opened({}, {"s1", {}, {}});
    for (const auto path : paths) {
        EXPECT_EQ(out.add(path), Added::ok);
        EXPECT_EQ(step<Resumption::Subscribe>(out).path, path);
        out.subscribed(path, at(10));
    }
    EXPECT_TRUE(listens(out));
    return out;
}

template <typename T>
std::vector<T> of_kind(const std::vector<Notice>& notices) {
    std::vector<T> out;
    for (const auto& one : notices) {
        if (const auto* found = std::get_if<T>(&one)) out.push_back(*found);
    }
    return out;
}

}  // namespace rues::client
