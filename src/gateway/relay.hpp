#pragma once

#include "api/context.hpp"
#include "api/elsewhere.hpp"
#include "client/http.hpp"
#include "gateway/fan_out.hpp"
#include "gateway/followed_chain.hpp"

namespace rues::gateway {

/// Most bytes of one answer that is passed on, and of all answers under way together.
inline constexpr std::size_t kMostAnswer = 64 << 20;
inline constexpr std::size_t kMostAnswers = 512 << 20;
/// How long a node may be silent before its answer is given up; a proof takes longer.
inline constexpr std::chrono::milliseconds kAnswerTimeout{30'000};
inline constexpr std::chrono::milliseconds kProofTimeout{120'000};

/// The headers of a client's request that a node gets: all but those of the connection, and the session, which is one
/// of the gateway. `X-Forwarded-For` names the client.
client::Headers headers_for_node(const net::Request& request);
/// The headers of a node's answer that the client gets: all but those of the connection.
net::Headers headers_for_client(const client::Headers& headers);
/// Whether a request of this row is passed to a node. Not passed: what the log and the store of the gateway answer, and
/// pages of the program. `watched`: a propagate with `Rues-Watch` or `Rues-Wait`, whose session and events are here.
bool is_passed(std::string_view path, std::string_view method, bool watched);
/// Whether a gateway that executes the blocks answers a request of this row itself, though `is_passed` is true: the
/// state of the contracts, or the mempool that it follows, has the answer. `entity`: of the request. `whole`: the store
/// has every block of the chain.
bool is_known(const api::Route& row, std::string_view entity, bool whole);
/// Whether an answer says that this node cannot prove now, though another may.
bool is_without_prover(unsigned status) noexcept;

/// Passes requests to nodes and their answers to clients, bytes and status untouched. A request waits for a thread of
/// the executor as one of the class `relay`; a node that does not answer is left for the next one, as long as the
/// request's own time is not over. Any loop.
class Relay final : public api::Elsewhere {
public:
    /// All outlive it.
    Relay(Upstreams& nodes, const FollowedChain& chain, net::Executor executor)
        : nodes_(nodes), chain_(chain), executor_(std::move(executor)), held_(kMostAnswers) {}

    bool takes(const api::Route& row, const api::Exchange& exchange) const override;
    void answer(const api::Context& context, const api::Route& row, api::Exchange exchange) override;

private:
    void status(const api::Context& context, api::Exchange exchange) const;
    void pass(api::Exchange exchange, bool is_proof);
    void propagate(api::Exchange exchange);
    Result<client::Answer> ask(std::size_t node, const NodeRequest& request, const api::Exchange& exchange,
                               api::Place& held, std::chrono::milliseconds timeout) const;

    Upstreams& nodes_;
    const FollowedChain& chain_;
    const net::Executor executor_;
    const api::Bound held_;
};

}  // namespace rues::gateway
