#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "wire/frame.hpp"
#include "wire/uri.hpp"

namespace rues::client {

/// The reports that a client gives its user between events.
struct Lost {
    std::string why;
};
struct Resumed {};  ///< connected again; a `Gap` came before it if events may be missing
struct Gap {        ///< events of this subscription after `after`, up to `from`, may be missing
    std::string path;
    std::optional<wire::Position> after;  ///< nullopt: unknown
    std::optional<wire::Position> from;   ///< after it nothing is missing; nullopt: the server has no positions
};
struct Ended {  ///< the server refused to take the subscription again
    std::string path;
    std::string why;
};
struct Warning {  ///< no event can match the subscription; it stays
    std::string path;
    std::string why;
};
using Notice = std::variant<Lost, Resumed, Gap, Ended, Warning>;

/// Decides how a client gets every event of its subscriptions exactly once and in order, over any number of
/// connections. Pure: the caller reports each result and performs the step that `next` returns.
///
/// All subscriptions of a session are kept at one position of the server's log. Earlier events (for a subscription with
/// `after`, or one made again in a new session) are fetched by resuming the client's own session from the earlier
/// position: then everything comes in one order, and an event that a subscription got before is recognised by its
/// position. Rejected: `Rues-After` with each subscription. The server may then send an event once for each of two
/// matching subscriptions at different positions, and a client cannot tell which of the two has it behind itself.
///
/// When the server says that it could not recover a session, the session is given up: the answer does not say whether
/// the session or only its position was unknown. The client makes a new session, subscribes anew, and resumes it from
/// the same position. There a `false` can only mean that events are missing, and a `Gap` reports it.
class Resumption {
public:
    struct Connect {         ///< replaces the present connection, which stays until the new one is open
        std::string resume;  ///< a session id; empty: a new session
        std::optional<wire::Position> after;
    };
    struct Subscribe {
        std::string path;
    };
    struct Unsubscribe {
        std::string path;
    };
    struct Listen {};
    using Step = std::variant<Connect, Subscribe, Unsubscribe, Listen>;

    /// How often in a row, on working connections, a session is made anew to reach a position before the gap is
    /// accepted.
    static constexpr unsigned kMaxRebuilds = 3;

    /// The step that the caller performs now. It then calls the matching function: `opened` or `lost` for `Connect`,
    /// `subscribed` or `refused` for `Subscribe`, `unsubscribed` for `Unsubscribe`, `event` for `Listen`; `lost`
    /// whenever the connection fails.
    Step next() const;

    enum class Added : std::uint8_t { ok, not_a_path, already_subscribed };
    /// Adds a subscription to the events after `after`, or after the moment when it is made.
    Added add(std::string_view path, std::optional<wire::Position> after = std::nullopt);
    /// Ends a subscription; `event` gives nothing more for it. False: there is none.
    bool remove(std::string_view path);
    /// True when the server has confirmed the subscription.
    bool is_made(std::string_view path) const;

    struct Opened {
        std::string session;
        std::optional<bool> recovered;  ///< nullopt: the server says nothing about resuming
        std::optional<wire::Position> from;
    };
    /// The step `asked` opened a connection, with this answer.
    void opened(const Connect& asked, const Opened& got);
    /// The server took a subscription. `at`: it delivers the events after this position; nullopt from a server without
    /// positions.
    void subscribed(std::string_view path, std::optional<wire::Position> at);
    /// The server refused a subscription for good: it is removed, and an `Ended` reports it.
    void refused(std::string_view path, std::string why);
    void unsubscribed(std::string_view path);
    /// The connection, or an attempt to make one, failed.
    void lost(std::string why);

    /// The subscriptions that an event must be delivered to, as the user wrote them; empty when all have got it before.
    /// `replay`: the event is marked as older than the subscription (a late subscription).
    std::vector<std::string> event(const wire::Uri& at, std::optional<wire::Position> position, bool replay);

    std::vector<Notice> take_notices() { return std::exchange(notices_, {}); }
    /// If the connection is lost now, the events after this position come again.
    std::optional<wire::Position> position() const { return connected_ ? resume_position() : std::nullopt; }
    bool has_positions() const { return has_positions_; }

private:
    struct Subscription {
        std::string path;  ///< as the user wrote it
        wire::Uri uri;
        bool wanted = true;
        bool made = false;
        bool was_made = false;                ///< it was made in an earlier session
        bool behind = false;                  ///< the session delivers its events only from a position after `floor`
        bool again = false;                   ///< it must be unsubscribed and subscribed again
        bool for_late = false;                ///< subscribed again only to get its late events
        bool late = false;                    ///< the server sends it events that happened before
        std::optional<wire::Position> floor;  ///< every event up to here was delivered
        std::optional<wire::Position> last;   ///< position of the last event that was delivered
    };

    Subscription* find(std::string_view path);
    const Subscription* find(std::string_view path) const;
    std::optional<wire::Position> covered(const Subscription& one) const;
    std::optional<wire::Position> resume_position() const;
    void keep_floors();
    void forget_session();
    void tell_gap(Subscription& one, std::optional<wire::Position> from);
    void settle();

    std::vector<Subscription> subscriptions_;
    std::vector<Notice> notices_;
    std::string session_;
    bool connected_ = false;
    bool lost_ = false;
    bool has_positions_ = false;
    unsigned rebuilds_ = 0;
    std::optional<wire::Position> main_;  ///< the session's position in the log; the events before it were delivered
};

}  // namespace rues::client
