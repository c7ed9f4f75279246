#include "gateway/cluster/shared_log.hpp"

#include <fmt/format.h>

#include <thread>

namespace rues::gateway::cluster {
namespace {

using Kind = BusError::Kind;

std::unexpected<StreamFailure> failed_as(StreamFailure::Kind kind, std::string text) {
    return std::unexpected(StreamFailure{kind, std::move(text)});
}

constexpr const char* kWayOut =
    "copy the data folder of another machine of the cluster that is stopped, or restore the stream";

}  // namespace

SharedLog::SharedLog(Bus& bus, Stream& stream, FollowedLog& log, const Options& options,
                     std::function<bool()> may_write, std::function<void(std::string)> on_trouble, base::Log lines)
    : bus_(bus),
      stream_(stream),
      log_(log),
      options_(options),
      may_write_(std::move(may_write)),
      on_trouble_(std::move(on_trouble)),
      lines_(std::move(lines)),
      next_(std::max<std::uint64_t>(log.last_commit(), 1) + 1) {}

/// What a commit does depends only on it and on the log, so one that does not fit here fits nowhere, and every machine
/// leaves it out.
std::expected<void, StreamFailure> SharedLog::apply(const CommitId& id, base::ByteView bytes, std::uint64_t sequence) {
    applied_ = id;
    unfit_.reset();
    auto commit = Commit::decode(bytes);
    const auto done = commit ? log_.apply(std::move(*commit), sequence)
                             : base::failure(base::Error::Kind::invalid, "the bytes are no commit of this version");
    if (done) return {};
    const bool is_unfit =
        done.error().kind == base::Error::Kind::invalid || done.error().kind == base::Error::Kind::not_found;
    if (!is_unfit) return failed_as(StreamFailure::Kind::store, done.error().text);
    if (!commit)
        return failed_as(StreamFailure::Kind::stream, fmt::format("message {}: {}", sequence, done.error().text));
    unfit_ = done.error();
    lines_(base::LogLevel::warning,
           fmt::format("message {} of the stream does not fit and is left out: {}", sequence, done.error().text));
    return {};
}

std::expected<void, StreamFailure> SharedLog::take(std::uint64_t sequence, base::ByteView message) {
    const auto piece = Piece::decode(message);
    if (!piece || piece->epoch != options_.epoch)
        return failed_as(StreamFailure::Kind::stream,
                         fmt::format("message {} of the stream is not of this machine's log; {}", sequence,
                                     "begin with an empty data folder, or use another --cluster-name"));
    next_ = sequence + 1;
    if (piece->id != own_) is_overtaken_ = true;
    const auto whole = assembler_.add(*piece);
    if (!whole) return {};
    return apply(piece->id, *whole, sequence);
}

std::expected<std::size_t, StreamFailure> SharedLog::advance(Timeout wait) {
    const auto messages = stream_.read(next_, kBatch, wait);
    if (!messages && messages.error().kind == Kind::not_found)
        return failed_as(
            StreamFailure::Kind::stream,
            fmt::format("message {} of the stream is needed and gone ({}); {}", next_, messages.error().text, kWayOut));
    if (!messages) return failed_as(StreamFailure::Kind::bus, messages.error().text);
    for (const auto& each : *messages) {
        if (const auto done = take(each.sequence, each.body); !done) return std::unexpected(done.error());
    }
    return messages->size();
}

std::expected<void, StreamFailure> SharedLog::catch_up() {
    for (;;) {
        const auto state = stream_.state(options_.answer);
        if (!state) return failed_as(StreamFailure::Kind::bus, state.error().text);
        if (state->last < next_) {
            stream_.pause_reading();
            return {};
        }
        const auto done = advance(options_.answer);
        if (!done) return std::unexpected(done.error());
    }
}

/// Publishes the pieces from `next_piece` on, each directly after the last message that was read, and takes them as if
/// they had been read.
SharedLog::Sent SharedLog::publish(std::span<const Bytes> pieces, const CommitId& id, std::uint32_t& next_piece) {
    for (; next_piece < pieces.size(); ++next_piece) {
        const auto& piece = pieces[next_piece];
        const auto sent = stream_.publish(piece, id.of_piece(next_piece), next_ - 1, options_.answer);
        if (!sent) {
            if (sent.error().kind == Kind::refused) return Sent::behind;
            on_trouble_(sent.error().text);
            return sent.error().kind == Kind::invalid ? Sent::not_taken : Sent::unknown;
        }
        if (*sent != next_) return Sent::behind;
        if (const auto done = take(*sent, piece); !done) {
            failure_ = done.error();
            return Sent::failed;
        }
    }
    return Sent::all;
}

base::Result<void> SharedLog::commit(Commit commit) {
    const auto bytes = commit.encode();
    if (bytes.size() > kMostCommit)
        return base::failure(base::Error::Kind::invalid, fmt::format("a commit has {} bytes", bytes.size()));
    std::vector<Bytes> pieces;
    std::uint32_t next_piece = 0;
    // A part of a commit may be in the stream already, so one that is split in another way gets another name.
    const auto split = [&] {
        own_ = {options_.writer, ++number_};
        pieces = pieces_of(bytes, options_.epoch, own_, bus_.most_bytes());
        next_piece = 0;
    };
    const auto applied = [&]() -> base::Result<void> {
        on_trouble_("");
        if (unfit_) return std::unexpected(*unfit_);
        return {};
    };
    const auto failed = [&] { return base::failure(base::Error::Kind::io, failure_->text); };
    split();
    is_overtaken_ = false;
    while (may_write_()) {
        const auto sent = publish(pieces, own_, next_piece);
        if (sent == Sent::all) return applied();
        if (sent == Sent::failed) return failed();
        // Only the stream knows what has become of the piece.
        if (const auto seen = catch_up(); !seen) {
            if (seen.error().kind != StreamFailure::Kind::bus) {
                failure_ = seen.error();
                return failed();
            }
            if (sent == Sent::behind) on_trouble_(seen.error().text);
        }
        if (applied_ == own_) return applied();
        if (is_overtaken_)
            return base::failure(base::Error::Kind::would_block, "the stream has a commit that was not known here");
        if (sent == Sent::not_taken) {
            split();
        } else {
            next_piece = assembler_.pending(own_);
        }
        std::this_thread::sleep_for(options_.rest);
    }
    return base::failure(base::Error::Kind::would_block, "this machine is not the ingester any more");
}

}  // namespace rues::gateway::cluster
