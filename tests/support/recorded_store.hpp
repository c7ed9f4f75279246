#pragma once

#include <map>
#include <memory>
#include <stdexcept>

#include "store/store.hpp"
#include "support/recorded.hpp"
#include "support/temporary_folder.hpp"

/// A store that holds the recorded chain: blocks, transactions and contract events, but no contracts and pages. Each
/// block becomes final with the one after it; the last one stays attested.
namespace rues::recorded {

inline std::uint64_t number(const boost::json::value& of, std::string_view key) {
    return of.at(key).to_number<std::uint64_t>();
}

inline ledger::Block block_of(const ledger::Recording& chain, std::size_t height) {
    ledger::Block out{chain.header(height).value(), {}};
    for (const auto& each : chain.block(height).at("transactions").as_array()) {
        auto tx = ledger::Transaction::decode(hex(each.at("raw")));
        if (!tx) throw std::runtime_error(tx.error().text);
        std::optional<std::string> error;
        if (each.at("err").is_string()) error = std::string(each.at("err").as_string());
        out.transactions.push_back({std::move(*tx), height, number(each, "gasSpent"), std::move(error)});
    }
    return out;
}

/// The recording lists the events of a block by origin. The store needs them in the order in which they happened.
inline std::vector<ledger::ContractEvent> events_of(const ledger::Recording& chain, const ledger::Block& block) {
    const std::size_t height = block.header.height;
    std::map<base::Hash32, std::size_t> order;
    for (const auto& tx : block.transactions) order.emplace(tx.inner.id(), order.size());
    std::vector<ledger::ContractEvent> out;
    const auto& recorded = chain.block(height).at("contractEvents").as_array();
    for (std::size_t i = 0; i < recorded.size(); ++i)
        out.push_back({base::to_array<32>(hex(recorded[i].at("source"))),
                       std::string(recorded[i].at("topic").as_string()), chain.event_data(height, i).value(),
                       base::to_array<32>(hex(recorded[i].at("origin")))});
    std::ranges::stable_sort(out, {}, [&](const ledger::ContractEvent& event) {
        const auto at = order.find(event.origin);
        return at == order.end() ? order.size() : at->second;  // events of the block itself are last
    });
    return out;
}

class ChainStore {
public:
    /// `chain` is the content of the file with its abbreviations resolved. It must outlive the store.
    explicit ChainStore(const boost::json::value& chain, std::size_t height = SIZE_MAX)
        : recording_(ledger::Recording::read(chain).value()) {
        store_ = store::Store::open({.directory = folder_.path() / "store", .sync_blocks = false}).value();
        check(store_->commit_genesis(recording_.header(0).value(), {}));
        grow_to(std::min(height, recording_.size() - 1));
    }
    void grow_to(std::size_t height) {
        for (; tip_ < height; ++tip_) {
            const ledger::Block block = block_of(recording_, tip_ + 1);
            store::BlockCommit commit;
            commit.block = &block;
            commit.label = {ledger::Label::Kind::attested, 1};
            if (tip_ > 0) commit.relabelled = {{tip_, {ledger::Label::Kind::final, 1}}};
            commit.contract_events = events_of(recording_, block);
            commit.events = {ledger::block_accepted(block)};
            check(store_->commit_block(commit));
        }
    }
    store::Store& operator*() const { return *store_; }
    store::Store* operator->() const { return store_.get(); }

private:
    template <typename T>
    static void check(const base::Result<T>& done) {
        if (!done) throw std::runtime_error(done.error().text);
    }

    ledger::Recording recording_;
    test::TemporaryFolder folder_;
    std::unique_ptr<store::Store> store_;
    std::size_t tip_ = 0;
};

}  // namespace rues::recorded
