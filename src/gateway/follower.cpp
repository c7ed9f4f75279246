#include "gateway/follower.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/json_reading.hpp"
#include "gateway/pause.hpp"
#include "wire/topics.hpp"

namespace rues::gateway {
namespace {

using client::Client;

constexpr std::string_view kAccepted = "/on/blocks/accepted";
/// A node may not know all of these topics; blocks come without them too.
constexpr std::array<std::string_view, 5> kOtherPaths{"/on/blocks/reverted", "/on/transactions/included",
                                                      "/on/transactions/removed", "/on/transactions/deferred",
                                                      "/on/transactions/dropped"};

constexpr std::chrono::milliseconds kTurn{100};      ///< the longest wait for the stream
constexpr std::chrono::milliseconds kFirstLook{20};  ///< between two looks whether all nodes have answered
constexpr std::chrono::milliseconds kPause{200};     ///< before a node is looked for again
/// A stream that is silent for so long, while the node has another block, has missed that block.
constexpr std::chrono::milliseconds kSilence{1'000};
constexpr client::Patience kPatience{.timeout = std::chrono::seconds(5), .silence = std::chrono::seconds(5)};

std::optional<wire::Position> position_of(const wire::Frame& frame) {
    const auto text = frame.header("Rues-Position");
    return text ? wire::Position::parse(*text) : std::nullopt;
}

/// The block that the event of this topic is about.
std::optional<base::Hash32> block_of(const wire::Frame& frame, std::string_view topic) {
    const auto location = frame.header("Content-Location");
    const auto uri = location ? wire::Uri::of_location(*location) : std::nullopt;
    if (!uri || uri->component != wire::Component::blocks || uri->topic != topic || !uri->entity) return std::nullopt;
    return base::array_from_hex<32>(*uri->entity);
}

/// The height of an accepted block: of its header in JSON, because a node need not send `Rues-Height`.
std::optional<std::uint64_t> height_of(const wire::Frame& frame) {
    const auto json = base::json::parse(base::text(frame.payload));
    const auto* in = json ? json->if_object() : nullptr;
    const auto* header = in != nullptr && in->contains("header") ? in->at("header").if_object() : nullptr;
    const auto* height = header != nullptr ? header->if_contains("height") : nullptr;
    if (height == nullptr) return std::nullopt;
    boost::system::error_code error;
    const auto out = height->to_number<std::uint64_t>(error);
    return error ? std::nullopt : std::optional(out);
}

}  // namespace

Follower::Follower(Upstreams& upstreams, const FollowedLog& log, Execution* execution, CommitSink& sink,
                   const base::Clock& clock, base::Log lines, OnReport on_report)
    : upstreams_(upstreams),
      log_(log),
      execution_(execution),
      sink_(sink),
      clock_(clock),
      lines_(std::move(lines)),
      on_report_(std::move(on_report)),
      looked_at_(upstreams.size()),
      turns_(upstreams.size()) {}

base::Result<void> Follower::run(const std::stop_token& stop) {
    for (std::size_t i = 0; i < upstreams_.size() && log_.checkpoint(); ++i) {
        if (upstreams_[i].text == log_.checkpoint()->upstream) source_ = i;
    }
    // Not the fastest node is followed, but the best: each has its time to answer once.
    const auto until = std::chrono::steady_clock::now() + kTipTimeout;
    while (!stop.stop_requested() && !upstreams_.are_all_asked() && std::chrono::steady_clock::now() < until)
        pause(kFirstLook, stop);
    while (!stop.stop_requested()) {
        if (const auto node = upstreams_.best(log_.tip().height)) follow(*node, stop);
        if (broken_) return std::unexpected(*broken_);
        report_.upstream.clear();
        report();
        pause(kPause, stop);
    }
    return {};
}

void Follower::report() {
    on_report_(report_);
}

void Follower::broke(base::Error error) {
    broken_ = std::move(error);
}

void Follower::follow(std::size_t node, const std::stop_token& stop) {
    report_.upstream = upstreams_[node].text;
    report();
    meanwhile_.clear();
    meanwhile_bytes_ = 0;
    kept_.reset();
    auto stream = Client::connect(upstreams_[node].url, kPatience);
    if (!stream) return upstreams_.failed(node, stream.error().text);
    heard_ = std::chrono::steady_clock::now();
    if (!begin(node, *stream, stop)) return;
    while (may_stay(node, stop)) {
        auto what = kept_ ? std::exchange(kept_, std::nullopt) : stream->next(client::Clock::now() + kTurn);
        const bool goes_on = what ? happened(node, *stream, std::move(*what), stop) : idle(node, stop);
        if (!goes_on) return;
    }
}

/// From a position in the node's log everything comes by the stream, in its order. Without one, blocks come by queries
/// first, and the stream begins where they end.
bool Follower::begin(std::size_t node, Client& stream, const std::stop_token& stop) {
    if (!agrees(node, stop)) return false;
    const auto& known = log_.checkpoint();
    const auto after =
        known && known->upstream == upstreams_[node].text ? std::optional(known->position) : std::nullopt;
    if (!after) {
        if (known && !commit({CheckpointForgotten(), {}})) return false;
        if (!catch_up(node, stop)) return false;
    }
    if (const auto done = stream.subscribe(kAccepted, after); !done) {
        upstreams_.failed(node, done.error().text);
        return false;
    }
    for (const auto path : kOtherPaths) {
        const auto done = stream.subscribe(path, after);
        if (done || done.error().kind == Error::Kind::refused) continue;
        upstreams_.failed(node, done.error().text);
        return false;
    }
    if (!after && !(catch_up(node, stop) && match_pool(node))) return false;
    source_ = node;
    upstreams_.compared(node, false);
    return true;
}

bool Follower::may_stay(std::size_t node, const std::stop_token& stop) const {
    return !stop.stop_requested() && !broken_ && upstreams_.standing(node).state == Standing::State::healthy;
}

bool Follower::happened(std::size_t node, Client& stream, Client::Happening what, const std::stop_token& stop) {
    if (const auto* delivery = std::get_if<Client::Delivery>(&what)) {
        heard_ = std::chrono::steady_clock::now();
        return delivered(node, stream, delivery->frame, stop);
    }
    const auto& notice = std::get<client::Notice>(what);
    if (std::holds_alternative<client::Gap>(notice)) return catch_up(node, stop) && match_pool(node);
    const auto* ended = std::get_if<client::Ended>(&notice);
    if (ended == nullptr || ended->path != kAccepted) return true;
    upstreams_.failed(node, ended->why);
    return false;
}

bool Follower::idle(std::size_t node, const std::stop_token& stop) {
    if (!compare_branches(node, stop) || !may_stay(node, stop)) return false;
    if (std::exchange(is_pool_unsure_, false) && !match_pool(node)) return false;
    const bool is_silent = std::chrono::steady_clock::now() - heard_ >= kSilence;
    if (!is_silent || upstreams_.standing(node).height <= log_.tip().height) return true;
    const auto before = log_.tip().height;
    if (!catch_up(node, stop)) return false;
    heard_ = std::chrono::steady_clock::now();
    if (log_.tip().height > before) return true;
    upstreams_.eject(node, fmt::format("it reports block {}, and does not show block {}",
                                       upstreams_.standing(node).height, before + 1));
    return false;
}

bool Follower::delivered(std::size_t node, Client& stream, const wire::Frame& frame, const std::stop_token& stop) {
    auto event = pool_event_of(frame, log_.tip().height);
    if (!event) {
        const auto taken_back = block_of(frame, wire::topic::kReverted);
        return taken_back ? reverted(node, *taken_back, stop) : accepted(node, frame, stop);
    }
    if (event->height <= log_.tip().height) return pool_events(node, stream, std::move(*event), position_of(frame));
    meanwhile_bytes_ += event->payload.size();
    meanwhile_.push_back(std::move(*event));
    if (meanwhile_.size() <= kMostMeanwhile && meanwhile_bytes_ <= kMostMeanwhileBytes) return true;
    upstreams_.eject(node, "its stream has too many events of one block");
    return false;
}

bool Follower::accepted(std::size_t node, const wire::Frame& frame, const std::stop_token& stop) {
    const auto height = height_of(frame);
    if (!height) return true;  // not a block: this stream is only a hint, and queries bring what it hides
    if (*height <= log_.tip().height) {
        const auto own = log_.hash_at(*height);
        if (!own) {
            broke(own.error());
            return false;
        }
        const bool is_own = *own == block_of(frame, wire::topic::kAccepted);
        if (!is_own && turn(node, stop) == Step::over) return false;
        return flush_meanwhile(checkpoint_at(node, position_of(frame)));
    }
    if (*height > log_.tip().height + 1 && !catch_up(node, stop, *height - 1)) return false;
    if (*height != log_.tip().height + 1) return true;  // the node has not so many blocks yet
    return ask(node, *height, checkpoint_at(node, position_of(frame)), stop) != Step::over;
}

/// The block of these events came by a query, before the stream said so.
bool Follower::flush_meanwhile(const std::optional<Checkpoint>& checkpoint) {
    auto change = change_of(meanwhile_, {});
    meanwhile_.clear();
    meanwhile_bytes_ = 0;
    return append(std::move(change), checkpoint);
}

/// `first`, and the events of the mempool that have arrived after it, so that their transactions are asked for
/// together.
std::vector<ledger::Event> Follower::ready_events(Client& stream, ledger::Event first,
                                                  std::optional<wire::Position>& position) {
    std::vector<ledger::Event> out;
    out.push_back(std::move(first));
    while (out.size() < kMostTransactions) {
        auto what = stream.next(client::Clock::now());
        if (!what) break;
        const auto* delivery = std::get_if<Client::Delivery>(&*what);
        auto event = delivery != nullptr ? pool_event_of(delivery->frame, log_.tip().height) : std::nullopt;
        if (!event || event->height > log_.tip().height) {
            kept_ = std::move(what);
            break;
        }
        position = position_of(delivery->frame);
        out.push_back(std::move(*event));
    }
    return out;
}

bool Follower::pool_events(std::size_t node, Client& stream, ledger::Event first,
                           std::optional<wire::Position> position) {
    const auto events = ready_events(stream, std::move(first), position);
    const auto shown = shown_by(node, to_show(events, log_.pool()));
    return shown && append(change_of(events, *shown), checkpoint_at(node, position));
}

/// nullopt: the node does not answer.
std::optional<std::map<ledger::TxId, ledger::Transaction>> Follower::shown_by(std::size_t node,
                                                                              std::span<const ledger::TxId> ids) {
    std::map<ledger::TxId, ledger::Transaction> out;
    for (; !ids.empty(); ids = ids.subspan(std::min(ids.size(), kMostTransactions))) {
        auto some = transactions_of(upstreams_[node].url, ids.first(std::min(ids.size(), kMostTransactions)));
        if (!some) {
            upstreams_.failed(node, some.error().text);
            return std::nullopt;
        }
        out.merge(*some);
    }
    return out;
}

PoolChange Follower::change_of(std::span<const ledger::Event> events,
                               const std::map<ledger::TxId, ledger::Transaction>& shown) const {
    const std::function<bool(const ledger::TxId&)> executed = [this](const auto& id) { return log_.has_executed(id); };
    return pool_change(events, {log_.pool(), executed, shown, base::unix_ms(clock_.wall())});
}

/// Makes the mempool here equal to that of the node.
bool Follower::match_pool(std::size_t node) {
    const auto ids = pool_of(upstreams_[node].url);
    if (!ids) {
        upstreams_.failed(node, ids.error().text);
        return false;
    }
    std::vector<ledger::TxId> unknown;
    std::ranges::copy_if(*ids, std::back_inserter(unknown),
                         [this](const auto& id) { return !log_.pool().contains(id); });
    const auto shown = shown_by(node, unknown);
    if (!shown) return false;
    const std::function<bool(const ledger::TxId&)> executed = [this](const auto& id) { return log_.has_executed(id); };
    return append(difference({ids->begin(), ids->end()}, {log_.pool(), executed, *shown, base::unix_ms(clock_.wall())},
                             log_.tip().height),
                  std::nullopt);
}

bool Follower::append(PoolChange change, const std::optional<Checkpoint>& checkpoint) {
    if (change.empty() && (!checkpoint || checkpoint == log_.checkpoint())) return true;
    return commit({std::move(change), checkpoint});
}

bool Follower::commit(Commit what) {
    if (const auto done = sink_.commit(std::move(what)); !done) {
        broke(done.error());
        return false;
    }
    report();
    return true;
}

std::optional<Checkpoint> Follower::checkpoint_at(std::size_t node, std::optional<wire::Position> position) const {
    if (!position) return std::nullopt;
    return Checkpoint{upstreams_[node].text, *position};
}

bool Follower::catch_up(std::size_t node, const std::stop_token& stop, std::uint64_t to) {
    while (log_.tip().height < to) {
        const auto step = ask(node, to, std::nullopt, stop);
        if (step != Step::advanced) return step == Step::at_tip;
    }
    return true;
}

/// Appends what the node has from the tip on up to block `last`, at most kMostBlocks.
Follower::Step Follower::ask(std::size_t node, std::uint64_t last, const std::optional<Checkpoint>& checkpoint,
                             const std::stop_token& stop) {
    for (unsigned tries = 1; !stop.stop_requested(); ++tries) {
        const auto first = log_.tip().height + 1;
        auto answer =
            blocks_of(upstreams_[node].url, first, std::min(last, first + kMostBlocks - 1), log_.lowest_pending());
        Error wrong;
        if (answer) {
            if (answer->blocks.empty()) return Step::at_tip;
            const auto fault = append_proved(std::move(*answer), checkpoint, stop);
            if (broken_ || stop.stop_requested()) return Step::over;
            if (!fault) {
                upstreams_.showed(node, log_.tip().height, log_.tip().hash);
                return Step::advanced;
            }
            if (fault->broken == Broken::previous) return turn(node, stop);
            if (is_beyond_execution(node, *fault)) return Step::over;
            wrong = {Error::Kind::malformed, fault->text};
        } else {
            wrong = answer.error();
        }
        if (!may_ask_again(node, wrong, tries, stop)) return Step::over;
    }
    return Step::over;
}

/// True: the node is ejected, because its block cannot be executed here, and could not be when it is asked for again.
bool Follower::is_beyond_execution(std::size_t node, const Fault& fault) {
    if (fault.broken != Broken::unexecuted) return false;
    upstreams_.eject(node, fault.text);
    return true;
}

/// Waits after an answer that did not stand its check, because the node may not have written everything yet. False: it
/// was the last try, and the node is ejected, or it does not answer.
bool Follower::may_ask_again(std::size_t node, const Error& wrong, unsigned tries, const std::stop_token& stop) {
    if (wrong.kind != Error::Kind::refused && wrong.kind != Error::Kind::malformed) {
        upstreams_.failed(node, wrong.text);
        return false;
    }
    ++report_.asked_again;
    report();
    if (tries == kTries) {
        upstreams_.eject(node, wrong.text);
        return false;
    }
    pause(kAskAgain, stop);
    return true;
}

/// Appends the blocks up to the first that is not good. The checkpoint and the events of the mempool belong to the last
/// block.
std::optional<Fault> Follower::append_proved(BlocksAnswer answer, const std::optional<Checkpoint>& checkpoint,
                                             const std::stop_token& stop) {
    const auto is_over = [&stop] { return stop.stop_requested(); };
    for (auto& block : answer.blocks) {
        if (const auto good = prove(block, log_.tip()); !good) return good.error();
        if (execution_ != nullptr) {
            if (const auto good = execution_->check(block, is_over); !good) return good.error();
        }
        const bool is_last = &block == &answer.blocks.back();
        std::vector<ledger::Event> meanwhile;
        if (is_last && checkpoint) {
            meanwhile = std::exchange(meanwhile_, {});
            meanwhile_bytes_ = 0;
        }
        ++report_.blocks;
        if (!commit(
                {NewBlock{std::move(block), answer.labels, std::move(meanwhile)}, is_last ? checkpoint : std::nullopt}))
            return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace rues::gateway
