#include "chain/stored_state.hpp"

#include <algorithm>

namespace rues::chain {
namespace {

store::StoredContract stored(const ledger::ContractId& id, const vm::Contract& contract) {
    return {
        id, contract.position, contract.memory64(), contract.image.size_pages(), *contract.owner, contract.code->bytes};
}

/// A contract that was read and whose pages come next.
struct Waiting {
    store::StoredContract contract;
    base::Bytes owner;
    base::Bytes code;
};

}  // namespace

store::MemoryChanges memory_changes(const vm::Commit& commit) {
    store::MemoryChanges out;
    for (const auto& id : commit.deployed) out.deployed.push_back(stored(id, *commit.state->find(id)));
    for (const auto& [id, size] : commit.resized) {
        if (!std::ranges::binary_search(commit.deployed, id)) out.resized.push_back({id, size});
    }
    for (const auto& [id, number, page, changed] : commit.pages)
        out.pages.push_back({id, number, page.hash(), page.bytes(), changed});
    return out;
}

store::MemoryChanges memory_of(const vm::State& state) {
    store::MemoryChanges out;
    state.each([&out](const ledger::ContractId& id, const vm::Contract& contract) {
        out.deployed.push_back(stored(id, contract));
        for (const auto& [number, page] : contract.image.pages())
            out.pages.push_back({id, number, page.hash(), page.bytes()});
    });
    return out;
}

base::Result<std::shared_ptr<const vm::State>> read_state(vm::Machine& machine, const store::Snapshot& stored,
                                                          const base::Hash32& root) {
    std::vector<Waiting> contracts;
    const auto listed = stored.for_each_contract([&](const store::StoredContract& contract) {
        contracts.push_back({contract, base::to_bytes(contract.owner), base::to_bytes(contract.code)});
        return true;
    });
    if (!listed) return std::unexpected(listed.error());

    // Contracts and pages both come in order of the contracts' ids.
    vm::StateBuilder builder(machine);
    base::Result<void> added;
    std::size_t next = 0;
    const auto begin_next = [&] {
        Waiting& one = contracts[next++];
        added = builder.add_contract(one.contract.id, std::move(one.code), std::move(one.owner), one.contract.memory64,
                                     one.contract.position, one.contract.memory_pages);
        return added.has_value();
    };
    const auto walked = stored.for_each_page([&](const store::StoredPage& page) {
        while (next == 0 || contracts[next - 1].contract.id != page.contract) {
            if (next == contracts.size()) {
                added = base::failure(base::Error::Kind::corrupt, "a stored page belongs to no contract");
                return false;
            }
            if (!begin_next()) return false;
        }
        added = builder.add_page(page.number, page.bytes, page.hash);
        return added.has_value();
    });
    if (!walked) return std::unexpected(walked.error());
    while (added && next < contracts.size()) {
        if (!begin_next()) break;
    }
    if (!added) return std::unexpected(added.error());
    return std::move(builder).finish(root);
}

}  // namespace rues::chain
