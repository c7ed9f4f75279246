#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/error.hpp"
#include "ledger/transaction.hpp"
#include "vm/pages/image.hpp"
#include "vm/pages/state_tree.hpp"

namespace rues::vm {

using base::Bytes;
using base::ByteView;
using base::Hash32;
using ledger::ContractId;

class Machine;

/// A contract's bytecode. Immutable and shared.
struct Bytecode {
    explicit Bytecode(Bytes code);
    Bytes bytes;
    Hash32 hash;  ///< BLAKE3 of the bytes; key of the compiled module
};

/// A contract at one state. Cheap to copy.
struct Contract {
    std::shared_ptr<const Bytecode> code;
    std::shared_ptr<const Bytes> owner;
    std::uint32_t position = 0;  ///< leaf of the tree of contracts: 1, 2, 3, ... (docs/reference/machine.md 1.9)
    Image image{};               ///< pages and size of the memory

    bool memory64() const noexcept { return image.memory() == Image::Memory::memory64; }
};

/// All contracts at one block. Immutable: any thread reads it for as long as it holds the pointer. A version shares
/// with the one before it what did not change.
class State {
public:
    /// The state without contracts.
    static std::shared_ptr<const State> empty();

    const Contract* find(const ContractId& id) const noexcept;
    /// All contracts, in ascending order of ids.
    void each(const std::function<void(const ContractId&, const Contract&)>& visit) const;
    std::size_t contracts() const noexcept { return contracts_; }
    /// docs/reference/machine.md 1.9.
    const Hash32& root() const noexcept { return root_; }

    struct Change {
        ContractId id{};
        Contract contract;  ///< `position` is not looked at
    };
    /// The state after a block that loaded these contracts. Those that are new get their positions in this order.
    /// REQUIRES: ids ascend.
    std::shared_ptr<const State> with(std::span<const Change> loaded) const;

private:
    friend class StateBuilder;
    /// Contracts whose ids begin with the same byte.
    using Shard = std::map<ContractId, Contract>;
    /// Contracts whose ids have the same sum of words share a leaf, so the sum is what gets a position.
    using Positions = std::map<std::uint32_t, std::uint32_t>;

    std::array<std::shared_ptr<const Shard>, 256> shards_;
    std::shared_ptr<const Positions> positions_;
    std::size_t contracts_ = 0;
    StateTree tree_;
    Hash32 root_{};
};

/// Makes a state of stored parts. One thread. Modules are compiled when they are first called, not here.
class StateBuilder {
public:
    explicit StateBuilder(Machine& machine);

    /// Fails when the id is there already, or its position cannot be.
    base::Result<void> add_contract(const ContractId& id, Bytes code, Bytes owner, bool memory64,
                                    std::uint32_t position, std::uint32_t size_pages);
    /// A page of the contract that was added last, in ascending order of numbers. `bytes` has 64 KiB; `hash` is their
    /// BLAKE3 and is not checked.
    base::Result<void> add_page(std::uint32_t number, ByteView bytes, const Hash32& hash);
    /// Fails when a position below the largest one is missing, or when the state does not have this root. Contracts
    /// that share a leaf do not say which of them set it: the root does.
    base::Result<std::shared_ptr<const State>> finish(const Hash32& root) &&;
    static constexpr std::size_t kMaxTries = 4'096;  ///< trees that are made to find that out

private:
    struct Part {
        ContractId id{};
        Contract contract;
        std::uint32_t size_pages = 0;
        std::vector<NumberedPage> pages;
    };
    base::Result<void> close();  ///< the contract that was added last has all its pages

    std::shared_ptr<PageFile> file_;
    std::optional<Part> open_;
    std::map<ContractId, Contract> contracts_;
    State::Positions positions_;
};

/// The key of a contract's leaf: the sum of its id's eight words, little endian, wrapping.
/// docs/reference/machine.md 1.9.
std::uint32_t leaf_key(const ContractId& id) noexcept;

}  // namespace rues::vm
