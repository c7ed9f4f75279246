#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace rues::wire {

/// How firm a block must be before its events are delivered to a subscription (docs/decisions/0032). Each state
/// includes the ones before it.
enum class Finality : std::uint8_t {
    accepted,   ///< the block is in the chain; the default
    confirmed,  ///< another block follows it
    final       ///< no rule of the network takes it back any more
};
inline constexpr std::size_t kFinalities = 3;

constexpr std::string_view to_text(Finality finality) noexcept {
    constexpr std::string_view kTexts[kFinalities] = {"accepted", "confirmed", "final"};
    return kTexts[static_cast<std::size_t>(finality)];
}

/// nullopt unless `text` is one of the three words.
constexpr std::optional<Finality> finality_of(std::string_view text) noexcept {
    for (const auto each : {Finality::accepted, Finality::confirmed, Finality::final}) {
        if (text == to_text(each)) return each;
    }
    return std::nullopt;
}

/// What a subscription gets when blocks become firmer, or are taken back.
struct Certainty {
    Finality finality = Finality::accepted;  ///< an event comes when its block has this state
    /// When a block is taken back whose events were delivered, a copy of each of them follows.
    bool retractions = false;
    friend bool operator==(const Certainty&, const Certainty&) = default;
};

}  // namespace rues::wire
