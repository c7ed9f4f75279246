#pragma once

#include "store/store.hpp"
#include "vm/session.hpp"

/// The state of the machine in the form of the store, and back.
namespace rues::chain {

/// What a block changed. The result has views into `commit`, which must outlive it.
store::MemoryChanges memory_changes(const vm::Commit& commit);
/// All of a state, as the genesis writes it. The result has views into `state`, which must outlive it.
store::MemoryChanges memory_of(const vm::State& state);

/// Reads the state of the tip, which must have this root. Takes time that grows with its pages.
base::Result<std::shared_ptr<const vm::State>> read_state(vm::Machine& machine, const store::Snapshot& stored,
                                                          const base::Hash32& root);

}  // namespace rues::chain
