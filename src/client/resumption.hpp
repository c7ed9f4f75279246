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

/// What a client tells its user between events.
struct Lost {
    std::string why;
};
struct Resumed {};  ///< connected again; whatever may be missing was told before
struct Gap {        ///< events of this subscription behind `after` may be missing
    std::string path;
    std::optional<wire::Position> after;  ///< nullopt: not known
    std::optional<wire::Position> from;   ///< what follows it is complete; nullopt: the server has no positions
};
struct Ended {  ///< the server did not take the subscription again
    std::string path;
    std::string why;
};
struct Warning {  ///< no event can match the subscription, which stays
    std::string path;
    std::string why;
};
using Notice = std::variant<Lost, Resumed, Gap, Ended, Warning>;

/// Decides how a client gets every event of its subscriptions exactly once and in order, over any number of
/// connections. Pure: it is told what happened and says what to do next.
///
/// All subscriptions of a session are kept at one place of the server's log. What lies further back (a subscription
/// with `after`, or one made again in a new session) is fetched by resuming the client's own session from there:
/// then everything comes in one order, and what a subscription has had already is recognised by its position. The
/// other way, `Rues-After` with each subscription, lets the server send an event once for each of two subscriptions
/// that match it and are at different places, and a client cannot see which of the two has it behind itself.
///
/// A session that the server says it could not recover is given up: the answer does not tell whether the session or
/// only its position was unknown. In a new one, subscribed anew and resumed from the same position, `false` can mean
/// only that events are missing, and this is told.
class Resumption {
public:
    struct Connect {         ///< in place of the present connection, which stays until the new one is open
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

    /// How often in a row, on connections that work, a session is built anew for the sake of a position before the gap
    /// is accepted.
    static constexpr unsigned kMaxRebuilds = 3;

    Step next() const;

    enum class Added : std::uint8_t { ok, not_a_path, already_subscribed };
    /// Adds a subscription to what follows `after`, or follows the moment when it is made.
    Added add(std::string_view path, std::optional<wire::Position> after = std::nullopt);
    /// False: there is none.
    bool remove(std::string_view path);
    bool is_made(std::string_view path) const;

    struct Opened {
        std::string session;
        std::optional<bool> recovered;  ///< nullopt: the server says nothing about it
        std::optional<wire::Position> from;
    };
    void opened(const Connect& asked, const Opened& got);
    /// `at`: events after it are covered; nullopt from a server without positions.
    void subscribed(std::string_view path, std::optional<wire::Position> at);
    void refused(std::string_view path, std::string why);
    void unsubscribed(std::string_view path);
    /// The connection, or an attempt to make one, failed.
    void lost(std::string why);

    /// The paths to which an event is to be delivered; empty when all have had it. `replay`: marked as having happened
    /// before the subscription was made (a late subscription).
    std::vector<std::string> event(const wire::Uri& at, std::optional<wire::Position> position, bool replay);

    std::vector<Notice> take_notices() { return std::exchange(notices_, {}); }
    /// Behind this everything will come again if the connection is lost now.
    std::optional<wire::Position> position() const { return connected_ ? resume_position() : std::nullopt; }
    bool has_positions() const { return has_positions_; }

private:
    struct Subscription {
        std::string path;  ///< as the user wrote it
        wire::Uri uri;
        bool wanted = true;
        bool made = false;
        bool was_made = false;                ///< in an earlier session
        bool behind = false;                  ///< the session covers it from later on than `floor`
        bool again = false;                   ///< to be ended and made anew
        bool for_late = false;                ///< made anew only for its late events
        bool late = false;                    ///< the server sends it what has happened already
        std::optional<wire::Position> floor;  ///< everything up to here was delivered
        std::optional<wire::Position> last;   ///< of the last event delivered
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
    std::optional<wire::Position> main_;  ///< where the session is in the log; what lies before was delivered
};

}  // namespace rues::client
