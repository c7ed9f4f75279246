#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "base/json.hpp"

namespace rues::test {

/// Checks that the gas of a trace (schema `Trace`) adds up: at each call, and for the whole transaction. Returns the
/// number of its calls.
inline std::size_t expect_sums(const base::json::value& trace) {
    struct Open {
        const base::json::object* call;
        std::uint64_t parts;
    };
    const auto number = [](const base::json::value& from, std::string_view key) {
        return from.at(key).to_number<std::uint64_t>();
    };
    std::vector<Open> open;
    const auto close = [&](std::size_t depth) {
        for (; open.size() > depth; open.pop_back())
            EXPECT_EQ(number(*open.back().call, "gas_spent"), open.back().parts) << *open.back().call;
    };
    std::uint64_t paid = number(trace, "deploy_charge") + number(trace, "blob_charge") + number(trace, "gas_lost");
    std::size_t calls = 0;
    for (const auto& step : trace.at("steps").as_array()) {
        const auto depth = number(step, "depth");
        close(depth);
        EXPECT_EQ(open.size(), depth) << "a step stands behind the call that it belongs to";
        const auto* call = step.as_object().if_contains("call");
        if (call == nullptr) continue;
        ++calls;
        const auto spent = number(*call, "gas_spent");
        if (depth > 0) open.back().parts += spent;
        if (depth == 0 && call->at("paid").as_bool()) paid += spent;
        open.push_back({&call->as_object(), number(*call, "gas_own") + number(*call, "gas_lost") +
                                                number(call->at("left_out"), "gas_spent")});
    }
    close(0);
    EXPECT_EQ(number(trace, "gas_spent"), paid);
    return calls;
}

}  // namespace rues::test
