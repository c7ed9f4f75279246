#pragma once

#include <array>
#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "net/body_source.hpp"
#include "net/limits.hpp"

namespace rues::net {

/// Whose handshakes are counted together: those of one IPv4 address, or of one IPv6 network of 64 bits, because a
/// household or a server usually has a whole one.
using PeerKey = std::pair<bool, std::uint64_t>;
PeerKey peer_key(const boost::asio::ip::address& address) noexcept;

/// The TLS handshakes of all loops that are under way. Signing takes milliseconds, so it is done on a pool, in steps:
/// everything that one flight of the client makes possible is one step. Peers take turns, so a peer that begins a
/// thousand handshakes delays another one by a single step. Any thread.
///
/// A connection that has not sent a whole first message yet holds at most 8 KiB (`TlsSession::kMaxHello`), out of
/// `Limits::max_hello_bytes` for all and an eighth of it for one peer. Only then OpenSSL's session is made, which takes
/// some 40 KiB. At most `Limits::max_handshakes` are under way at once, an eighth of them for one peer; the others wait
/// for their turn, and are ended by `Limits::handshake_timeout`.
class Handshakes : public std::enable_shared_from_this<Handshakes> {
public:
    /// Steps that run at once: more threads of the pool are of no use.
    static constexpr std::size_t kThreads = 2;
    /// The largest part of each bound that one peer can take.
    static constexpr std::size_t kPartOfOne = 8;

    /// `pool` runs the steps; empty: they run inside the call that makes them possible.
    Handshakes(const Limits& limits, Executor pool) noexcept;

    /// What one connection has of the bounds, until it is destroyed. A step that still waits then never runs.
    class Place {
    public:
        Place(std::shared_ptr<Handshakes> all, PeerKey peer);
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        ~Place();
        /// Holds this many bytes of an incomplete first message, instead of those before. False: the bounds have no
        /// room, and nothing has changed.
        bool hold(std::size_t bytes);
        /// Runs `step` when it is its turn. REQUIRES: no step of this place waits. The bytes that it holds are given
        /// back when the step begins.
        void run(std::move_only_function<void()> step);

    private:
        friend class Handshakes;
        struct State;
        std::shared_ptr<Handshakes> all_;
        std::shared_ptr<State> state_;
    };

    /// Handshakes whose session is made.
    std::size_t under_way() const;
    /// Bytes of incomplete first messages.
    std::size_t held_bytes() const;
    /// Steps that wait.
    std::size_t waiting() const;

private:
    using Step = std::move_only_function<void()>;
    struct Entry {
        std::shared_ptr<Place::State> of;
        Step step;
    };
    using Entries = std::list<Entry>;
    /// Steps that make a session, or steps of sessions that are made.
    enum class Kind : std::uint8_t { first, later };
    struct Peer {
        std::size_t places = 0;    ///< connections that have one
        std::size_t sessions = 0;  ///< handshakes whose session is made
        std::size_t bytes = 0;
        std::array<Entries, 2> waiting;  ///< by kind
    };
    /// Steps of one kind that wait.
    struct Line {
        std::deque<PeerKey> turns;  ///< each peer that has some, once, in the order of their turns
        std::size_t steps = 0;
    };

    void offer();
    void work();
    std::optional<Entry> next();
    std::optional<Entry> next(Kind kind);
    bool may_begin(const Peer& peer) const noexcept;
    std::size_t ready() const noexcept;
    void add(Entry entry, Kind kind);
    void release_bytes(Place::State& state) noexcept;

    const std::size_t most_;
    const std::size_t most_bytes_;
    const Executor pool_;
    mutable std::mutex mutex_;  ///< guards everything below
    std::map<PeerKey, Peer> peers_;
    std::array<Line, 2> lines_;  ///< by kind
    Kind turn_ = Kind::later;    ///< the kind whose turn it is
    std::size_t sessions_ = 0;
    std::size_t bytes_ = 0;
    std::size_t workers_ = 0;  ///< tasks of the pool that run steps, or will
};

}  // namespace rues::net
