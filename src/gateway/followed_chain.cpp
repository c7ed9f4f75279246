#include "gateway/followed_chain.hpp"

#include <fmt/format.h>

#include "base/thread_rank.hpp"
#include "client/answer_json.hpp"
#include "gateway/pause.hpp"
#include "vm/state.hpp"

namespace rues::gateway {
namespace {

constexpr const char* kMakesNone = "a gateway makes no blocks: it follows the nodes behind it";

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

FollowedChain::FollowedChain(Upstreams& nodes, vm::Machine& machine, Begun begun, Parts parts)
    : nodes_(nodes),
      clock_(parts.clock),
      lines_(std::move(parts.lines)),
      executor_(std::move(parts.executor)),
      on_fatal_(std::move(parts.on_fatal)),
      is_whole_(begun.is_whole),
      queries_(machine, parts.rules.queries) {
    parameters_.chain_id = begun.chain_id;
    no_state_ = std::make_shared<chain::TipState>(queries_, vm::State::empty(),
                                                  vm::Environment{begun.chain_id, begun.height}, begun.hash);
    if (begun.state == nullptr) return;
    executed_ = std::make_unique<Executed>(
        queries_, machine, Execution::At{begun.chain_id, begun.height, begun.hash, std::move(begun.state)},
        parts.rules);
}

FollowedChain::Executed::Executed(chain::Queries& queries, vm::Machine& machine, Execution::At at,
                                  const chain::Options& rules)
    : execution(machine, queries, std::move(at)),
      verifier(rules.verify_threads, {rules.verify_queue, rules.verify_bytes}, rules.proof_check),
      simulator(verifier, [this] { return execution.state(); }, rules.long_work) {}

base::Result<std::unique_ptr<FollowedChain>> FollowedChain::create(Upstreams& nodes, store::Store& store,
                                                                   vm::Machine& machine, const FollowOptions& options,
                                                                   Parts parts) {
    auto begun = begin(store, machine, nodes, options);
    if (!begun) return std::unexpected(begun.error());
    auto on_log = std::move(parts.on_log);
    std::unique_ptr<FollowedChain> out(new FollowedChain(nodes, machine, std::move(*begun), std::move(parts)));
    FollowedLog::Beside beside;
    if (out->executed_) beside = {&out->executed_->execution, &out->executed_->pool};
    auto log = FollowedLog::open(
        store,
        [&chain = *out, on_log = std::move(on_log)](store::LogBatch batch) {
            chain.show_tip();
            on_log(std::move(batch));
        },
        beside);
    if (!log) return std::unexpected(log.error());
    out->log_.emplace(std::move(*log));
    if (options.seat) out->sit(*options.seat);
    out->reported({});
    return out;
}

void FollowedChain::sit(const Seat& seat) {
    member_.emplace(*seat.bus, seat.member,
                    cluster::Member::Parts{nodes_, *log_, clock_, lines_,
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
    if (executed_) executed_->verifier.stop();
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
    AppliedAtOnce sink(*log_);
    Follower follower(nodes_, *log_, executed_ ? &executed_->execution : nullptr, sink, clock_, lines_,
                      [this](const FollowerReport& report) { reported(report); });
    if (const auto done = follower.run(stop); !done) fatal(done.error());
}

/// On the following thread, or before it runs.
void FollowedChain::reported(const FollowerReport& report) {
    show_tip();
    const std::lock_guard lock(view_mutex_);
    report_ = report;
}

/// The same. Before the events of a block are delivered: a client that has got them asks at the new tip.
void FollowedChain::show_tip() {
    const auto& tip = log_->tip();
    pooled_ = log_->pool().size();
    const std::lock_guard lock(view_mutex_);
    tip_ = {tip.height, tip.hash, tip.timestamp};
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

void FollowedChain::simulate(base::Bytes transaction, chain::Traced traced, chain::Wanted wanted,
                             chain::OnSimulated done) {
    if (executed_)
        return executed_->simulator.simulate(std::move(transaction), traced, std::move(wanted), std::move(done));
    done(std::unexpected(
        chain::Rejection{chain::Rejection::Kind::failed, "this gateway executes nothing: ask the nodes behind it"}));
}

std::shared_ptr<const chain::TipState> FollowedChain::state() const {
    return executed_ ? executed_->execution.state() : no_state_;
}

std::uint64_t FollowedChain::next_nonce(const ledger::AccountKey& account, std::uint64_t nonce) const {
    return executed_ ? executed_->pool.next_nonce(account, nonce) : nonce + 1;
}

chain::GasPrice FollowedChain::gas_price(std::size_t max) const {
    return executed_ ? executed_->pool.gas_price(max) : chain::GasPrice{};
}

chain::ChainStats FollowedChain::stats() const {
    chain::ChainStats out{.mempool = pooled_};
    if (!executed_) return out;
    out.verify_waiting = executed_->verifier.waiting();
    out.simulated = executed_->simulator.count();
    return out;
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
