#pragma once

#include "unit/api/recorded_scenarios.hpp"
#include "wire/uri.hpp"

/// The events of the blocks of two chains with the same transactions, in a form in which they must be equal.
namespace rues::recorded {

/// An event as a client reads it.
struct Event {
    std::string component;
    std::string entity;
    std::string topic;
    std::string origin;
    std::string payload;
};
/// An event in a form in which two chains can be compared: block hashes are heights.
struct Comparable {
    std::string location;
    std::string origin;
    value payload;
    friend bool operator==(const Comparable&, const Comparable&) = default;
};
inline std::ostream& operator<<(std::ostream& out, const Comparable& event) {
    return out << event.location << " of " << event.origin << ": " << event.payload;
}

/// Replaces 64 hex digits that are the hash of a block.
class Heights {
public:
    void add(std::string_view hash, std::uint64_t height) { of_[std::string(hash)] = height; }
    std::string named(const std::string& entity) const {
        const auto found = of_.find(entity);
        return found == of_.end() ? entity : "block " + std::to_string(found->second);
    }

private:
    std::map<std::string, std::uint64_t, std::less<>> of_;
};

/// The fields of a header that depend neither on time nor on keys.
inline value lasting(const object& header) {
    object out;
    for (const auto* key : {"version", "height", "state_hash", "event_bloom", "generator_bls_pubkey", "txroot",
                            "faultroot", "gas_limit", "iteration", "failed_iterations"})
        out[key] = header.at(key);
    return out;
}

/// Collects events until the block ends that they belong to.
class BlockEvents {
public:
    /// Whether an event comes with a block. Events of the mempool do not. The additional event of a deployment
    /// (docs/reference/differences.md 37) is left out, because no node has it.
    static bool belongs(std::string_view component, std::string_view topic) {
        if (component == "contracts") return topic != "deploy";
        return component != "transactions" || topic == "executed" || topic == "removed";
    }
    void add(Comparable event) { open_.push_back(std::move(event)); }
    /// Ends the block with its event `accepted`.
    void end(const object& header, const value& transactions) {
        open_.back().payload = {{"header", lasting(header)}, {"transactions", transactions}};
        std::erase_if(open_, [&](const Comparable& event) {
            if (!event.location.ends_with("/removed")) return false;
            const auto& list = transactions.as_array();
            return std::ranges::none_of(
                list, [&](const value& id) { return event.location.contains(std::string_view(id.as_string())); });
        });
        blocks_.push_back(std::exchange(open_, {}));
    }
    std::vector<std::vector<Comparable>> blocks() && { return std::move(blocks_); }

private:
    std::vector<Comparable> open_;
    std::vector<std::vector<Comparable>> blocks_;
};

/// The events of the recorded blocks, from the frames of a session that saw them all.
inline std::vector<std::vector<Comparable>> blocks_of_session(const Scenarios& scenarios,
                                                              const ledger::Recording& chain, const value& frames) {
    Heights heights;
    for (std::size_t height = 1; height < chain.size(); ++height)
        heights.add(chain.header_json(height)->at("hash").as_string(), height);
    BlockEvents out;
    for (const auto& frame : frames.as_array()) {
        const auto uri = *wire::Uri::parse(frame.at(1).at("Content-Location").as_string());
        const std::string component(wire::name(uri.component));
        if (!BlockEvents::belongs(component, uri.topic)) continue;
        const auto* origin = frame.at(1).as_object().if_contains("Rusk-Origin");
        Comparable event{component + ':' + heights.named(uri.entity.value_or("")) + '/' + uri.topic,
                         origin != nullptr ? heights.named(std::string(origin->as_string())) : "", frame.at(2)};
        if (component == "contracts") {
            const auto* reference = event.payload.as_object().if_contains("contract_event_in_chain");
            if (reference == nullptr) break;  // the session outlived the recorded chain
            const auto& at = reference->as_array();
            event.payload = boost::json::string(
                base::to_hex(*chain.event_data(at[0].to_number<std::size_t>(), at[1].to_number<std::size_t>())));
        } else if (uri.topic == "executed") {
            value& inner = event.payload.at("inner");
            inner = scenarios.transaction(inner.at("json_in_chain").as_string());
        }
        out.add(event);
        if (uri.topic != "accepted") continue;
        const auto height = event.payload.at("header").at("in_chain").to_number<std::size_t>();
        out.end(*chain.header_json(height), event.payload.at("transactions"));
    }
    return std::move(out).blocks();
}

/// The events of the blocks of a whole log.
inline std::vector<std::vector<Comparable>> blocks_of_log(const std::vector<Event>& log) {
    Heights heights;
    for (const auto& event : log) {
        if (event.topic != "accepted") continue;
        const auto header = boost::json::parse(event.payload).at("header");
        heights.add(header.at("hash").as_string(), header.at("height").to_number<std::uint64_t>());
    }
    BlockEvents out;
    for (const auto& event : log) {
        if (!BlockEvents::belongs(event.component, event.topic)) continue;
        value payload = "";
        if (event.component == "contracts") {
            payload = boost::json::string(base::to_hex(base::view(event.payload)));
        } else if (!event.payload.empty()) {
            payload = boost::json::parse(event.payload);
        }
        out.add({event.component + ':' + heights.named(event.entity) + '/' + event.topic, heights.named(event.origin),
                 payload});
        if (event.topic == "accepted") out.end(payload.at("header").as_object(), payload.at("transactions"));
    }
    return std::move(out).blocks();
}

}  // namespace rues::recorded
