#include "client/proving.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "client/answer_json.hpp"

namespace rues::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kProve = "/on/prover/prove";
constexpr std::size_t kProofBytes = 1'008;  ///< docs/reference/phoenix-and-plonk.md 4.5
constexpr unsigned kNoProver = 404;
constexpr unsigned kBusy = 503;

seconds pause_of(const Answer& busy) {
    constexpr std::uint64_t kLongest = 60;
    const auto text = busy.header("retry-after");
    const auto asked = text ? base::parse_u64(*text).value_or(1) : 1;
    return seconds(std::clamp<std::uint64_t>(asked, 1, kLongest));
}

}  // namespace

Result<base::Bytes> prove(const Url& url, base::ByteView circuit, milliseconds patience,
                          const std::function<void(std::string_view why, seconds pause)>& wait) {
    const Headers headers{{"Content-Type", "application/octet-stream"}, {"Accept", "application/octet-stream"}};
    const auto deadline = Clock::now() + patience;
    for (;;) {
        const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
        auto answer = http(url, "POST", kProve, headers, circuit, std::max(left, milliseconds(1)));
        if (!answer) return std::unexpected(answer.error());
        if (answer->status == kNoProver && answer->header("rusk-version"))
            return failure(Error::Kind::refused, std::string(kNoProofs));
        if (answer->status != kBusy) {
            if (!answer->ok()) return refused(kProve, *answer);
            if (answer->body.size() != kProofBytes)
                return failure(Error::Kind::malformed, fmt::format("{}: not a proof", kProve));
            return std::move(answer->body);
        }
        const auto pause = pause_of(*answer);
        if (Clock::now() + pause >= deadline)
            return failure(Error::Kind::timed_out,
                           fmt::format("the node made no proof in time: {}", error_text(*answer)));
        wait(error_text(*answer), pause);
    }
}

}  // namespace rues::client
