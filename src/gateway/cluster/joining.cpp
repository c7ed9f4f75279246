#include "gateway/cluster/joining.hpp"

#include <fmt/format.h>

#include <thread>

#include "base/encoding.hpp"
#include "base/endian.hpp"
#include "gateway/first_block.hpp"

namespace rues::gateway::cluster {
namespace {

constexpr Timeout kAnswer{3'000};
constexpr std::chrono::milliseconds kAgain{250};

/// Publishes the begin when the stream never had a message. A refusal says that another machine was first.
BusResult<void> write_begin(Stream& stream, const LogBegin& begin) {
    const auto bytes = begin.encode();
    const auto sent = stream.publish(bytes, fmt::format("begin-{}", begin.epoch), 0, kAnswer);
    if (!sent && sent.error().kind != BusError::Kind::refused) return std::unexpected(sent.error());
    return {};
}

base::Result<LogBegin> decoded(const Message& message) {
    auto begin = LogBegin::decode(message.body);
    if (message.sequence != 1 || !begin)
        return base::failure(base::Error::Kind::invalid,
                             "the stream of this name is none of a cluster of gateways of this version: use another "
                             "--cluster-name");
    return std::move(*begin);
}

}  // namespace

base::Result<LogBegin> join(Bus& bus, const MakeBegin& make, std::chrono::milliseconds patience,
                            const std::function<bool()>& is_over) {
    const auto until = std::chrono::steady_clock::now() + patience;
    std::string why = "no server of the cluster answers";
    std::optional<LogBegin> own;
    while (std::chrono::steady_clock::now() < until) {
        if (is_over()) return base::failure(base::Error::Kind::io, "stopped before the cluster was joined");
        const auto stream = bus.stream(kAnswer);
        const auto state = stream ? (*stream)->state(kAnswer) : BusResult<StreamState>(std::unexpected(stream.error()));
        if (state && state->last == 0) {
            if (!own) {
                auto made = make();
                if (!made) return made;
                own = std::move(*made);
            }
            const auto done = write_begin(**stream, *own);
            if (!done) why = done.error().text;
        } else if (state && state->first > 1) {
            return base::failure(
                base::Error::Kind::invalid,
                fmt::format("the stream of the cluster begins with message {}, so a new machine cannot build its log "
                            "from it; copy the data folder of another machine of the cluster that is stopped",
                            state->first));
        } else if (state) {
            const auto first = (*stream)->read(1, 1, kAnswer);
            if (first && !first->empty()) return decoded(first->front());
            if (!first) why = first.error().text;
        } else {
            why = state.error().text;
        }
        std::this_thread::sleep_for(kAgain);
    }
    return base::failure(base::Error::Kind::io, fmt::format("the cluster cannot be joined: {}", why));
}

base::Result<LogBegin> new_begin(const Upstreams& nodes, std::uint64_t from, const base::RandomSource& random) {
    auto first = first_block(nodes, from);
    if (!first) return std::unexpected(first.error());
    base::ByteArray<8> drawn{};
    if (!random(drawn)) return base::failure(base::Error::Kind::io, "the system provides no randomness");
    return LogBegin{base::load_le<std::uint64_t>(drawn.data()), first->chain_id, std::move(first->header)};
}

}  // namespace rues::gateway::cluster
