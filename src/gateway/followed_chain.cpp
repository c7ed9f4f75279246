#include "gateway/followed_chain.hpp"

#include <fmt/format.h>

#include "base/thread_rank.hpp"
#include "client/answer_json.hpp"
#include "gateway/first_block.hpp"
#include "gateway/pause.hpp"
#include "vm/state.hpp"

namespace rues::gateway {
namespace {

constexpr const char* kMakesNone = "a gateway makes no blocks: it follows the nodes behind it";

/// The origin in the store of a gateway: of a chain whose genesis it does not have.
store::ChainOrigin origin_of(std::uint8_t chain_id) {
    return {chain_id, {}, {}, false};
}

/// The chain id of the store, which gets its first block when it is new.
base::Result<std::uint8_t> begin(store::Store& store, const Upstreams& nodes, const FollowOptions& options) {
    const auto origin = store.origin();
    if (!origin) return std::unexpected(origin.error());
    if (*origin && **origin != origin_of((*origin)->chain_id))
        return base::failure(base::Error::Kind::invalid, "the data folder belongs to a node, not to a gateway");
    if (*origin && store.has_chain()) return (*origin)->chain_id;
    const auto first =
        options.seat ? base::Result<FirstBlock>(FirstBlock{options.seat->begin.header, options.seat->begin.chain_id})
                     : first_block(nodes, options.from);
    if (!first) return std::unexpected(first.error());
    if (const auto done = store.set_origin(origin_of(first->chain_id)); !done) return std::unexpected(done.error());
    if (const auto done = store.commit_genesis(first->header, {}); !done) return std::unexpected(done.error());
    return first->chain_id;
}

chain::Verdict verdict_of(Result<client::Answer> answer, base::ByteView transaction) {
    using enum chain::Rejection::Kind;
    if (!answer) return std::unexpected(chain::Rejection{full, answer.error().text});
    constexpr std::string_view kPrefix = "Invalid input: ";
    std::string text = client::error_text(*answer);
    if (text.starts_with(kPrefix)) text.erase(0, kPrefix.size());
    if (answer->status == 503 || answer->status == 429) return std::unexpected(chain::Rejection{full, text});
    if (answer->status == 400) return std::unexpected(chain::Rejection{refused, text});
    if (!answer->ok())
        return std::unexpected(chain::Rejection{failed, fmt::format("a node answers {}: {}", answer->status, text)});
    const auto decoded = ledger::Transaction::decode(transaction);
    if (!decoded) return std::unexpected(chain::Rejection{undecodable, decoded.error().text});
    return decoded->id();
}

NodeRequest posted(std::string_view topic, base::Bytes transaction) {
    return {"POST",
            fmt::format("/on/transactions/{}", topic),
            {{"Content-Type", "application/octet-stream"}},
            std::move(transaction)};
}

}  // namespace

FollowedChain::FollowedChain(Upstreams& nodes, vm::Machine& machine, FollowedLog log, std::uint8_t chain_id,
                             const base::Clock& clock, base::Log lines, net::Executor executor,
                             std::function<void(std::string)> on_fatal)
    : nodes_(nodes),
      log_(std::move(log)),
      clock_(clock),
      lines_(std::move(lines)),
      executor_(std::move(executor)),
      on_fatal_(std::move(on_fatal)),
      queries_(machine, {}) {
    parameters_.chain_id = chain_id;
    state_ = std::make_shared<chain::TipState>(queries_, vm::State::empty(),
                                               vm::Environment{chain_id, log_.tip().height}, log_.tip().hash);
    reported({});
}

base::Result<std::unique_ptr<FollowedChain>> FollowedChain::create(Upstreams& nodes, store::Store& store,
                                                                   vm::Machine& machine, const FollowOptions& options,
                                                                   const base::Clock& clock, base::Log log,
                                                                   net::Executor executor, FollowedLog::OnLog on_log,
                                                                   std::function<void(std::string)> on_fatal) {
    const auto chain_id = begin(store, nodes, options);
    if (!chain_id) return std::unexpected(chain_id.error());
    auto followed = FollowedLog::open(store, std::move(on_log));
    if (!followed) return std::unexpected(followed.error());
    std::unique_ptr<FollowedChain> out(new FollowedChain(nodes, machine, std::move(*followed), *chain_id, clock,
                                                         std::move(log), std::move(executor), std::move(on_fatal)));
    if (options.seat) out->sit(*options.seat);
    return out;
}

void FollowedChain::sit(const Seat& seat) {
    member_.emplace(*seat.bus, seat.member,
                    cluster::Member::Parts{nodes_, log_, clock_, lines_,
                                           [this](const FollowerReport& report) { reported(report); }});
}

void FollowedChain::start() {
    for (std::size_t i = 0; i < nodes_.size(); ++i)
        threads_.emplace_back([this, i](const std::stop_token& stop) { watch(i, stop); });
    threads_.emplace_back([this](const std::stop_token& stop) { follow(stop); });
    if (member_) threads_.emplace_back([this](const std::stop_token& stop) { member_->keep(stop); });
}

void FollowedChain::stop() {
    for (auto& thread : threads_) thread.request_stop();
    threads_.clear();
}

void FollowedChain::watch(std::size_t node, const std::stop_token& stop) {
    base::use_rank(base::ThreadRank::work);
    while (!stop.stop_requested()) {
        const auto found = tip_of(nodes_[node].url);
        if (found) {
            nodes_.reported(node, found->height, found->hash);
        } else {
            nodes_.failed(node, found.error().text);
        }
        pause(kLook, stop);
    }
}

void FollowedChain::follow(const std::stop_token& stop) {
    base::use_rank(base::ThreadRank::prompt);
    const auto fatal = [this](const base::Error& why) {
        lines_(base::LogLevel::error, why.text);
        on_fatal_(why.text);
    };
    if (member_) {
        if (const auto done = member_->run(stop); !done) fatal(done.error());
        return;
    }
    AppliedAtOnce sink(log_);
    Follower follower(nodes_, log_, sink, clock_, lines_, [this](const FollowerReport& report) { reported(report); });
    if (const auto done = follower.run(stop); !done) fatal(done.error());
}

/// On the following thread, or before it runs.
void FollowedChain::reported(const FollowerReport& report) {
    const auto& tip = log_.tip();
    pooled_ = log_.pool().size();
    const std::lock_guard lock(view_mutex_);
    tip_ = {tip.height, tip.hash, tip.timestamp};
    report_ = report;
}

FollowerReport FollowedChain::report() const {
    const std::lock_guard lock(view_mutex_);
    return report_;
}

chain::Tip FollowedChain::tip() const {
    const std::lock_guard lock(view_mutex_);
    return tip_;
}

void FollowedChain::propagate(base::Bytes transaction, chain::OnVerdict done, chain::Wanted) {
    auto request = posted("propagate", transaction);
    fan_out(nodes_, executor_, std::move(request),
            [transaction = std::move(transaction), done = std::move(done)](Result<client::Answer> answer) mutable {
                done(verdict_of(std::move(answer), transaction));
            });
}

void FollowedChain::preverify(base::Bytes transaction, chain::OnVerdict done, chain::Wanted) {
    auto request = posted("preverify", transaction);
    fan_out(nodes_, executor_, std::move(request),
            [transaction = std::move(transaction), done = std::move(done)](Result<client::Answer> answer) mutable {
                done(verdict_of(std::move(answer), transaction));
            });
}

void FollowedChain::simulate(base::Bytes, chain::Traced, chain::Wanted, chain::OnSimulated done) {
    done(std::unexpected(
        chain::Rejection{chain::Rejection::Kind::failed, "a gateway executes nothing: ask the nodes behind it"}));
}

void FollowedChain::mine(std::uint64_t, chain::OnNumber done) {
    done(std::unexpected(chain::Rejection{chain::Rejection::Kind::refused, kMakesNone}));
}

void FollowedChain::reorganise(chain::Reorganisation, chain::OnReorganised done) {
    done(std::unexpected(chain::Rejection{chain::Rejection::Kind::refused, kMakesNone}));
}

void FollowedChain::advance_time(std::uint64_t, chain::OnNumber done) {
    done(std::unexpected(chain::Rejection{chain::Rejection::Kind::refused, kMakesNone}));
}

}  // namespace rues::gateway
