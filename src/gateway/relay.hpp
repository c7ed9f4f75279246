#pragma once

#include <atomic>

#include "api/context.hpp"
#include "api/elsewhere.hpp"
#include "client/http.hpp"
#include "gateway/fan_out.hpp"
#include "gateway/followed_chain.hpp"
#include "gateway/shared_answers.hpp"

namespace rues::gateway {

/// Most bytes of one answer that is passed on, and of all answers under way together.
inline constexpr std::size_t kMostAnswer = 64 << 20;
inline constexpr std::size_t kMostAnswers = 512 << 20;
/// Memory of the answers that are kept for later requests at the same tip.
inline constexpr std::size_t kMostShared = 16 << 20;
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

/// Whether a node of this program computed its answer at a tip below `height`, as its header says.
bool is_from_before(std::uint64_t height, const client::Answer& answer);

/// Passes requests to nodes and their answers to clients, bytes and status untouched. A request waits for a thread of
/// the executor as one of the class `relay`; a node that does not answer is left for the next one, as long as the
/// request's own time is not over. Reads that follow from the state at the tip (`is_shared`) are asked once for all
/// clients that ask the same at one tip of the gateway, and only of nodes that have it. Any loop.
class Relay final : public api::Elsewhere {
public:
    /// All outlive it.
    Relay(Upstreams& nodes, const FollowedChain& chain, net::Executor executor)
        : nodes_(nodes), chain_(chain), executor_(std::move(executor)), held_(kMostAnswers), shared_(kMostShared) {}

    bool takes(const api::Route& row, const api::Exchange& exchange) const override;
    bool needs_node(const api::Route& row, const api::Exchange& exchange) const override;
    bool has_node_at(std::uint64_t height) const override { return nodes_.has_node_at(height); }
    void answer(const api::Context& context, const api::Route& row, api::Exchange exchange) override;

private:
    void status(const api::Context& context, api::Exchange exchange) const;
    enum class Kind : std::uint8_t { read, shared_read, proof, driver_upload, transaction };
    static Kind kind_of(const api::Route& row, const net::Request& request);
    /// `least`: nodes must have this block of the chain here; 0: any node.
    struct Asked {
        api::Exchange exchange;
        std::uint64_t least = 0;
    };
    void pass(Asked asked, Kind kind);
    void pass_shared(Asked asked);
    void give_to_all(std::vector<Asked> all, const Result<SharedAnswerPtr>& answer);
    std::optional<std::string> share_key_of(const net::Request& request) const;
    void propagate(api::Exchange exchange);
    /// `gone`: nobody waits for the answer any more.
    Result<client::Answer> ask(std::size_t node, const NodeRequest& request, const std::function<bool()>& gone,
                               api::Place& held, std::chrono::milliseconds timeout) const;

    Upstreams& nodes_;
    const FollowedChain& chain_;
    const net::Executor executor_;
    const api::Bound held_;
    SharedAnswers<Asked> shared_;
    /// Data drivers that were uploaded through this gateway. Calls in JSON are decoded by drivers, so none of them
    /// shares an answer from before an upload.
    std::atomic<std::uint64_t> driver_uploads_{0};
};

}  // namespace rues::gateway
