#pragma once

#include <fmt/format.h>

#include "feed/decoded_events.hpp"
#include "fixture.hpp"

namespace rues::feed::test {

inline const wire::Uri kCalled = uri(contracts, kA, "called");
inline const wire::Uri kSlow = uri(contracts, kA, "slow");
inline const wire::Uri kBad = uri(contracts, kA, "bad");
inline const wire::Uri kForeign = uri(contracts, kB, "called");
inline const wire::Uri kAnyCalled = uri(contracts, std::nullopt, "called");

/// A hub whose decoder is under the test's control. An event of the topic `bad` cannot be decoded; the decoding of
/// `slow` runs `during` in its middle, as if other threads ran meanwhile.
struct DecodingFeed : Feed {
    DecodingFeed() {
        decoder = [this](const base::ByteArray<32>& contract, std::string_view topic,
                         ByteView payload) -> std::expected<base::json::value, std::string> {
            ++calls;
            if (topic == "slow" && during) during();
            if (topic == "bad") return std::unexpected(failure);
            return base::json::object{
                {"by", driver}, {"of", base::to_hex(contract).substr(0, 1)}, {"bytes", payload.size()}};
        };
    }
    void SetUp() override { start({.late_subscriptions = false}); }

    Subscribed decode(const wire::SessionId& id, const wire::Uri& to) {
        return change(true, id, to, {.decodes = true});
    }
    Subscribed decode_after(const wire::SessionId& id, const wire::Uri& to, std::uint64_t seq) {
        return change(true, id, to, {.after = wire::Position{kEpoch, seq}, .decodes = true});
    }
    /// What a socket received: sequence number and payload, or the reason why an event came as it is.
    static std::vector<std::string> got(const Socket& socket) {
        std::vector<std::string> out;
        for (const auto& frame : socket.frames()) {
            const auto seq = wire::Position::parse(*frame.header("Rues-Position"))->seq;
            const auto decoded = frame.header("Rues-Decoded");
            const bool is_json = frame.header("Content-Type") == "application/json";
            EXPECT_EQ(is_json, decoded == "json");
            out.push_back(fmt::format("{} {}", seq,
                                      is_json   ? base::text(frame.payload)
                                      : decoded ? *decoded
                                                : std::string_view("stored")));
        }
        return out;
    }
    static std::string json(std::uint64_t seq, char of = 'a', int by = 1) {
        return fmt::format(R"({} {{"by":{},"of":"{}","bytes":3}})", seq, by, of);
    }
    using Got = std::vector<std::string>;

    std::size_t calls = 0;
    int driver = 1;
    std::string failure = "the driver says no";
    std::function<void()> during;
    Socket other;
};

}  // namespace rues::feed::test
