#include "model_server.hpp"

/// Subscriptions that wait for finality, and retractions (docs/decisions/0032).
namespace rues::feed::test {
namespace {

using store::Tie;
using wire::Finality;

/// A chain as far as the feed sees it: which records the log has, and what becomes of its blocks. A block confirms the
/// one before it, and makes the one `final_after` before it final.
class Blocks {
public:
    struct Block {
        std::uint64_t first = 0;
        std::uint64_t last = 0;
        Finality reached{};
    };
    struct Record {
        wire::Uri uri;
        std::size_t block = kNone;  ///< index in `all`
        Tie tie{};
        Finality reached{};  ///< of the block, when it was taken back
    };
    static constexpr std::size_t kNone = SIZE_MAX;

    Blocks(LogOnly& log, std::size_t final_after) : log_(log), final_after_(final_after) { log_.has_fates = true; }

    store::LogBatch mempool(const std::vector<wire::Uri>& events) { return append(events, kNone, Tie::none); }

    store::LogBatch block(const std::vector<wire::Uri>& events) {
        for (std::size_t i = 0; i < chain_.size(); ++i) {
            auto& reached = all_[chain_[i]].reached;
            const bool is_final = chain_.size() - i >= final_after_;
            reached = std::max(reached, is_final ? Finality::final : Finality::confirmed);
        }
        chain_.push_back(all_.size());
        all_.push_back({records.size() + 1, records.size() + events.size(), Finality::accepted});
        return append(events, chain_.back(), Tie::block);
    }

    store::LogBatch take_back(std::size_t depth, const wire::Uri& reverted) {
        std::vector<wire::Uri> uris;
        std::vector<LogOnly::Tied> ties;
        std::vector<store::TakenBlock> taken;
        for (; depth > 0 && !chain_.empty(); --depth) {
            const std::size_t index = chain_.back();
            const Block& block = all_[index];
            chain_.pop_back();
            taken.push_back({block.first, block.last, 0, 0, block.reached});
            uris.push_back(reverted);
            ties.push_back({Tie::reverted, block.reached});
            records.push_back({reverted, index, Tie::reverted, block.reached});
            for (std::uint64_t seq = block.last; seq >= block.first; --seq) {
                const wire::Uri at = records[seq - 1].uri;
                uris.push_back(at);
                ties.push_back({Tie::retraction, block.reached});
                records.push_back({at, index, Tie::retraction, block.reached});
            }
        }
        if (uris.empty()) return nullptr;
        auto out = log_.append(uris, 3, ties);
        log_.block_fates.take_back(std::move(taken));
        advance();
        return out;
    }

    /// The events after `from` that a subscription must have got by now.
    Sequence expected(const wire::Uri& uri, const wire::Certainty& certainty, std::uint64_t from) const {
        Sequence out;
        for (std::uint64_t seq = 1; seq <= records.size(); ++seq) {
            const Record& record = records[seq - 1];
            const bool is_alive = std::ranges::count(chain_, record.block) > 0;
            if (record.tie == Tie::block && is_alive && all_[record.block].reached < certainty.finality) break;
            if (seq <= from || record.uri != uri || (record.tie == Tie::retraction && !certainty.retractions)) continue;
            const bool is_told = record.tie == Tie::reverted || record.tie == Tie::retraction;
            const Finality reached = record.tie == Tie::none ? Finality::final
                                     : is_told               ? record.reached
                                                             : all_[record.block].reached;
            if (reached >= certainty.finality) out.push_back(seq);
        }
        return out;
    }

    std::vector<Record> records;

private:
    store::LogBatch append(const std::vector<wire::Uri>& events, std::size_t block, Tie tie) {
        for (const auto& at : events) records.push_back({at, block, tie, Finality::accepted});
        auto out = log_.append(events, 3, std::vector<LogOnly::Tied>(events.size(), {tie, Finality::accepted}));
        advance();
        return out;
    }
    void advance() {
        store::Fates::Decided decided{records.size(), records.size()};
        for (const std::size_t index : chain_) {
            const Block& block = all_[index];
            if (block.reached < Finality::confirmed) decided.confirmed = std::min(decided.confirmed, block.first - 1);
            if (block.reached < Finality::final) decided.final = std::min(decided.final, block.first - 1);
        }
        log_.block_fates.advance(records.size(), decided);
    }

    LogOnly& log_;
    const std::size_t final_after_;
    std::vector<Block> all_;
    std::vector<std::size_t> chain_;  ///< the blocks that are in the chain now
};

struct ReorgClient : ModelClient {
    std::uint64_t newest = 0;  ///< the largest position that it has seen
    struct Subscribed {
        wire::Certainty certainty;
        std::uint64_t from = 0;
        Sequence seen;
    };
    std::map<std::size_t, Subscribed> subscriptions;  ///< by target
};

const std::vector<wire::Uri>& watched() {
    static const std::vector<wire::Uri> all{kAccepted, kOther, uri(wire::Component::contracts, kA, "moved"),
                                            uri(wire::Component::blocks, kA, "reverted")};
    return all;
}

TEST(FinalityModel, every_client_gets_what_its_blocks_have_reached_across_reorganisations_stalls_and_kills) {
    EXPECT_TRUE(rc::check([&] {
        ModelServer server(24);
        LogOnly& log = server.log;
        Manual& manual = server.manual;
        const auto& hub = server.hub;
        Blocks blocks(log, *rc::gen::inRange<std::size_t>(1, 5));
        server.begin();
        std::vector<ReorgClient> clients(3);
        for (std::size_t i = 0; i < clients.size(); ++i) {
            clients[i].loop = i % 2;
            clients[i].open(server);
        }

        const auto take_in = [&](ReorgClient& client) {
            for (const std::uint64_t seq : client.socket->sequence()) {
                const auto at = log.uri_at(seq);
                const auto target = static_cast<std::size_t>(std::ranges::find(watched(), at) - watched().begin());
                RC_ASSERT(client.subscriptions.contains(target));
                auto& [certainty, from, seen] = client.subscriptions[target];
                // A client that resumes from a position may get events from before a subscription that is younger.
                if (seq <= from) continue;
                if (seen.empty() || seq > seen.back()) seen.push_back(seq);
                client.newest = std::max(client.newest, seq);
            }
        };
        const auto settle = [&] {
            manual.run();
            for (ReorgClient& client : clients) client.read_all(server);
            manual.run();
        };
        const auto resume = [&](ReorgClient& client, std::optional<std::uint64_t> after) {
            client.resume(server, after, [&] { take_in(client); });
        };
        const auto events = [&] { return some_events(std::span(watched()).first(3), 4); };

        const int steps = *rc::gen::inRange(1, 100);
        for (int step = 0; step < steps; ++step) {
            ReorgClient& client = clients[*rc::gen::inRange<std::size_t>(0, clients.size())];
            switch (*rc::gen::inRange(0, 14)) {
            case 0:
            case 1: {
                const auto target = *rc::gen::inRange<std::size_t>(0, watched().size());
                if (client.subscriptions.contains(target)) break;
                SubscribeOptions options;
                const auto finality = static_cast<Finality>(*rc::gen::inRange(0, 3));
                const bool retractions = *rc::gen::arbitrary<bool>();
                options.finality = finality;
                options.retractions = retractions;
                options.after = some_position(log);
                hub->subscribe(client.id, watched()[target], options, [&](const Subscribed& subscribed) {
                    RC_ASSERT(subscribed.result == SubscribeResult::ok);
                    RC_ASSERT(subscribed.certainty == (wire::Certainty{finality, retractions}));
                    client.subscriptions[target] = {subscribed.certainty, subscribed.position.seq, {}};
                });
                manual.run();
                break;
            }
            case 2:
                client.stall(server);
                break;
            case 3:
                server.run_one_task_of_each_loop();
                break;
            case 4:
                Manual::one(manual.pool);
                break;
            case 5:  // the connection is lost; the client may or may not say what it has seen
                if (client.subscriptions.empty()) break;
                take_in(client);
                hub->closed(client.loop, client.id, false);
                resume(client,
                       client.newest > 0 && *rc::gen::arbitrary<bool>() ? std::optional(client.newest) : std::nullopt);
                break;
            case 6: {  // the server is killed; the clients say what they have seen
                if (*rc::gen::inRange(0, 3) > 0) break;
                for (ReorgClient& each : clients) take_in(each);
                server.begin();
                for (ReorgClient& each : clients) {
                    if (each.subscriptions.empty()) {
                        each.open(server);
                        continue;
                    }
                    std::uint64_t least = UINT64_MAX;  // a client that has seen nothing names where it began
                    for (const auto& [target, one_of] : each.subscriptions) least = std::min(least, one_of.from);
                    resume(each, each.newest > 0 ? std::max(each.newest, least) : least);
                }
                break;
            }
            case 7:
                if (auto batch = blocks.take_back(*rc::gen::inRange<std::size_t>(1, 4), watched()[3]))
                    hub->appended(std::move(batch));
                break;
            case 8:
                hub->appended(blocks.mempool(events()));
                break;
            default:
                hub->appended(blocks.block(events()));
            }
        }
        settle();
        for (ReorgClient& client : clients) {
            take_in(client);
            for (const auto& [target, subscribed] : client.subscriptions) {
                const auto expected = blocks.expected(watched()[target], subscribed.certainty, subscribed.from);
                RC_ASSERT(subscribed.seen == expected);
            }
        }
    }));
}

/// One connection without losses: nothing comes twice, and nothing out of order.
TEST(FinalityModel, a_connection_gets_each_event_once) {
    EXPECT_TRUE(rc::check([&] {
        LogOnly log;
        Manual manual(1);
        const base::ManualClock clock(std::chrono::milliseconds(1));
        Limits limits;
        limits.late_subscriptions = false;
        const std::size_t one = message(1, kAccepted).size();
        limits.tail_bytes = one * *rc::gen::inRange<std::size_t>(1, 24);
        Blocks blocks(log, *rc::gen::inRange<std::size_t>(1, 5));
        const auto hub = *Hub::create(log, {1, limits, {}, {}}, manual.executors(), clock, base::no_log());
        Socket socket;
        const auto id = *hub->open(0, socket, {});
        std::vector<wire::Certainty> wanted;
        for (std::size_t target = 0; target < watched().size(); ++target) {
            wanted.push_back({static_cast<Finality>(*rc::gen::inRange(0, 3)), *rc::gen::arbitrary<bool>()});
            SubscribeOptions options;
            options.finality = wanted.back().finality;
            options.retractions = wanted.back().retractions;
            hub->subscribe_here(0, id, watched()[target], options);
        }
        const int steps = *rc::gen::inRange(1, 60);
        for (int step = 0; step < steps; ++step) {
            const int what = *rc::gen::inRange(0, 8);
            const std::vector<wire::Uri> events{watched()[*rc::gen::inRange<std::size_t>(0, 3)],
                                                watched()[*rc::gen::inRange<std::size_t>(0, 3)]};
            if (what == 0) {
                if (auto batch = blocks.take_back(*rc::gen::inRange<std::size_t>(1, 4), watched()[3]))
                    hub->appended(std::move(batch));
            } else if (what == 1) {
                hub->appended(blocks.mempool(events));
            } else if (what == 2) {
                give_room(*hub, 0, id, socket, *rc::gen::inRange<std::size_t>(0, 3 * one));
            } else if (what == 3) {
                manual.run();
            } else {
                hub->appended(blocks.block(events));
            }
        }
        manual.run();
        give_room(*hub, 0, id, socket, Socket::kUnlimited);
        manual.run();
        std::map<wire::Uri, Sequence,
                 decltype([](const wire::Uri& a, const wire::Uri& b) { return a.to_string() < b.to_string(); })>
            got;
        for (const std::uint64_t seq : socket.sequence()) got[log.uri_at(seq)].push_back(seq);
        for (std::size_t target = 0; target < watched().size(); ++target)
            RC_ASSERT(got[watched()[target]] == blocks.expected(watched()[target], wanted[target], 0));
    }));
}

}  // namespace
}  // namespace rues::feed::test
