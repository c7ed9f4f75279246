#pragma once

#include <functional>
#include <optional>
#include <span>

#include "base/log.hpp"
#include "gateway/cluster/bus.hpp"
#include "gateway/cluster/pieces.hpp"
#include "gateway/followed_log.hpp"

namespace rues::gateway::cluster {

/// Why a machine cannot go on with the stream.
struct StreamFailure {
    enum class Kind : std::uint8_t {
        bus,     ///< the bus does not answer now: try again
        store,   ///< this machine's store cannot be written
        stream,  ///< the stream is not the one of this machine's log, or does not reach back to it
    };
    Kind kind = Kind::bus;
    std::string text;
};

/// Keeps one machine's log equal to the stream. Every machine applies every commit in the order of the stream, and
/// writes with it, in the same batch, the sequence of its last message. So all logs are equal byte for byte, and a
/// machine that was killed anywhere goes on where it was.
///
/// A commit is published with the sequence of the last message that this machine has read as the expected one. So the
/// stream takes it only from a machine that has applied everything before it, whatever the lease says.
///
/// One thread.
class SharedLog final : public CommitSink {
public:
    struct Options {
        std::uint64_t epoch = 0;
        base::ByteArray<16> writer{};         ///< `CommitId::writer`
        Timeout answer{3'000};                ///< how long a question may take
        std::chrono::milliseconds rest{250};  ///< before a publish that failed is tried again
    };
    /// All outlive it. `may_write` says whether this machine is the ingester still; any thread sets what it looks at.
    /// `on_trouble` gets a sentence when a commit has to wait, and an empty one when it goes on.
    SharedLog(Bus& bus, Stream& stream, FollowedLog& log, const Options& options, std::function<bool()> may_write,
              std::function<void(std::string)> on_trouble, base::Log lines);

    /// Applies what the stream has, at most `kBatch` messages. When it has nothing new, waits for it; 0: nothing came.
    std::expected<std::size_t, StreamFailure> advance(Timeout wait);
    /// Applies everything that the stream has now.
    std::expected<void, StreamFailure> catch_up();
    /// Publishes the commit and applies it. While the stream cannot take it, waits as long as `may_write` holds. An
    /// error of kind `would_block`: this machine may not write any more, or the stream had another commit, which was
    /// applied now: of another machine, or one of this machine that came late. Then what this one was made from is not
    /// true any more. `invalid`: the commit does not fit; no machine applies it. Others are of the store, or of the
    /// stream (`failure`).
    base::Result<void> commit(Commit commit) override;

    /// The last failure of `commit` that is one of store or stream.
    const std::optional<StreamFailure>& failure() const noexcept { return failure_; }
    /// The sequence of the last message that was read. Pieces of a commit that is not complete count too.
    std::uint64_t read_up_to() const noexcept { return next_ - 1; }

    static constexpr std::size_t kBatch = 256;

private:
    std::expected<void, StreamFailure> take(std::uint64_t sequence, base::ByteView message);
    std::expected<void, StreamFailure> apply(const CommitId& id, base::ByteView bytes, std::uint64_t sequence);
    enum class Sent : std::uint8_t {
        all,
        behind,     ///< the stream has messages that were not read here
        unknown,    ///< the stream did not take one of them, or nobody knows
        not_taken,  ///< the bus does not take a message such as this one
        failed,     ///< `failure_`
    };
    Sent publish(std::span<const Bytes> pieces, const CommitId& id, std::uint32_t& next_piece);

    Bus& bus_;
    Stream& stream_;
    FollowedLog& log_;
    const Options options_;
    const std::function<bool()> may_write_;
    const std::function<void(std::string)> on_trouble_;
    const base::Log lines_;
    Assembler assembler_;
    std::uint64_t next_;                ///< the message to read next
    std::uint64_t number_ = 0;          ///< of `own_`
    CommitId applied_;                  ///< the last commit that was applied
    std::optional<base::Error> unfit_;  ///< why it did not fit
    CommitId own_;                      ///< the last commit that was made here
    bool is_overtaken_ = false;         ///< a message of another commit was read since that one began
    std::optional<StreamFailure> failure_;
};

}  // namespace rues::gateway::cluster
