#include "resumption_fixture.hpp"

namespace rues::client {
namespace {

/// A model of a server that follows docs/delivery.md, without sockets: a log, and sessions with one cursor each.
class Model {
public:
    struct Session {
        std::set<std::string> paths;
        std::map<std::string, std::uint64_t> begun;
        std::uint64_t cursor = 0;
    };
    std::vector<std::string> log{"nothing has number 0"};
    std::uint64_t oldest = 0;  ///< the events before this position are pruned
    std::map<std::string, Session> sessions;
    std::string current;  ///< the connected session; empty: none
    unsigned opened = 0;

    std::uint64_t head() const { return log.size() - 1; }

    Resumption::Opened open(const Resumption::Connect& asked) {
        const std::string id = "s" + std::to_string(++opened);
        Session next;
        next.cursor = head();
        Resumption::Opened out{id, {}, {}};
        if (!asked.resume.empty()) {
            const auto known = sessions.find(asked.resume);
            const auto seq = asked.after->seq;
            const bool recovered = known != sessions.end() && seq >= oldest && seq <= head();
            if (known != sessions.end()) {
                next = known->second;
                next.begun.clear();  // "everything after the position that they match"
                next.cursor = recovered ? seq : std::max(oldest, std::min(seq, head()));
                sessions.erase(known);
            }
            out.recovered = recovered;
            out.from = at(next.cursor);
        }
        sessions[id] = next;
        current = id;
        return out;
    }
};

void whatever_happens() {
    const std::vector<std::string> locations{"/on/blocks:b1/accepted", "/on/transactions:aa/executed",
                                             "/on/transactions:bb/executed", "/on/transactions:aa/included"};
    const std::vector<std::string> paths{"/on/blocks/accepted", "/on/transactions/executed",
                                         "/on/transactions:aa/executed", "/on/transactions/included"};
    Model model;
    Resumption resumption;
    struct Wanted {
        std::uint64_t from = 0;  ///< numbers above it are expected
        bool began = false;      ///< `from` is known
        std::vector<std::uint64_t> got;
        std::vector<std::pair<std::uint64_t, std::uint64_t>> gaps;
    };
    std::map<std::string, Wanted> wanted;
    bool connected = false;
    unsigned prunings = 0;

    const auto collect = [&] {
        for (const auto& notice : resumption.take_notices()) {
            if (const auto* gap = std::get_if<Gap>(&notice))
                wanted[gap->path].gaps.emplace_back(gap->after->seq, gap->from->seq);
        }
    };
    const auto advance = [&] {  // performs one step of the client, or delivers one event
        const auto step = resumption.next();
        if (const auto* connect = std::get_if<Resumption::Connect>(&step)) {
            resumption.opened(*connect, model.open(*connect));
            connected = true;
        } else if (const auto* subscribe = std::get_if<Resumption::Subscribe>(&step)) {
            auto& session = model.sessions[model.current];
            session.paths.insert(subscribe->path);
            session.begun[subscribe->path] = model.head();
            resumption.subscribed(subscribe->path, at(model.head()));
            auto& one = wanted[subscribe->path];
            if (!std::exchange(one.began, true)) one.from = model.head();
        } else if (const auto* unsubscribe = std::get_if<Resumption::Unsubscribe>(&step)) {
            model.sessions[model.current].paths.erase(unsubscribe->path);
            resumption.unsubscribed(unsubscribe->path);
        } else {
            auto& session = model.sessions[model.current];
            if (session.cursor == model.head()) return false;
            const auto seq = ++session.cursor;
            const auto location = *Uri::parse(model.log[seq]);
            const bool sent = std::ranges::any_of(session.paths, [&](const auto& path) {
                const auto begun = session.begun.find(path);
                return Uri::parse(path)->matches(location) && (begun == session.begun.end() || seq > begun->second);
            });
            if (sent) {
                for (const auto& path : resumption.event(location, at(seq), false)) wanted[path].got.push_back(seq);
            }
        }
        collect();
        return true;
    };

    const auto count = *rc::gen::inRange(1, 120);
    for (int i = 0; i < count; ++i) {
        switch (*rc::gen::weightedElement<int>({{6, 0}, {6, 1}, {2, 2}, {2, 3}, {1, 4}, {1, 5}})) {
        case 0:
            model.log.push_back(*rc::gen::elementOf(locations));
            break;
        case 1:
            advance();
            break;
        case 2:  // a subscription, sometimes from an earlier position
        {
            const auto path = *rc::gen::elementOf(paths);
            const bool back = *rc::gen::arbitrary<bool>();
            const auto from = *rc::gen::inRange<std::uint64_t>(model.oldest, model.head() + 1);
            // The replay of earlier events of one transaction is another rule, which resumption_test.cpp tests.
            if (!back && path == "/on/transactions:aa/executed") break;
            if (resumption.add(path, back ? std::optional(at(from)) : std::nullopt) != Added::ok) break;
            wanted[path] = {from, back, {}, {}};
            break;
        }
        case 3:  // the connection breaks
            if (connected) resumption.lost("");
            break;
        case 4:  // the server forgets its sessions
            if (!connected) break;
            model.sessions.clear();
            resumption.lost("");
            break;
        case 5:  // the server prunes old events, but not as often as the client tries again
            if (++prunings > Resumption::kMaxRebuilds - 2) break;
            model.oldest = *rc::gen::inRange(model.oldest, model.head() + 1);
            break;
        }
    }
    int steps = 0;
    while (advance()) RC_ASSERT(++steps < 10'000);

    for (const auto& [path, one] : wanted) {
        std::vector<std::uint64_t> expected;
        for (auto seq = one.from + 1; seq <= model.head(); ++seq) {
            const bool missed =
                std::ranges::any_of(one.gaps, [&](const auto& gap) { return seq > gap.first && seq <= gap.second; });
            if (!missed && Uri::parse(path)->matches(*Uri::parse(model.log[seq]))) expected.push_back(seq);
        }
        RC_ASSERT(one.got == expected);
        for (const auto& [after, from] : one.gaps) RC_ASSERT(after < model.oldest);
    }
}

TEST(Resumption, every_event_comes_once_in_order_or_a_gap_is_reported) {
    EXPECT_TRUE(rc::check(whatever_happens));
}

}  // namespace
}  // namespace rues::client
