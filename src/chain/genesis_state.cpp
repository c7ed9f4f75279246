#include "chain/genesis_state.hpp"

#include <fmt/format.h>

#include <limits>

#include "base/endian.hpp"
#include "chain/contract_calls.hpp"
#include "chain/stored_state.hpp"
#include "crypto/hash.hpp"
#include "ledger/genesis_notes.hpp"
#include "store/memory_layout.hpp"

namespace rues::chain {
namespace {

using base::Error;
using base::Result;

constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();
/// The chain id of the node's genesis session (docs/reference/ledger.md 11.2). Nothing stores it.
constexpr std::uint8_t kGenesisChainId = 0xfa;

/// Calls one function after the other; after a failure it does nothing more.
class Calls {
public:
    explicit Calls(vm::Machine& machine)
        : session_(vm::Session::of_block(machine, vm::State::empty(), {.chain_id = kGenesisChainId, .genesis = true})) {
    }

    void deploy(const ledger::ContractId& id, base::ByteView code, base::ByteView owner) {
        if (!done_) return;
        const auto deployed = session_.deploy(id, code, owner, std::nullopt, kUnlimited);
        if (!deployed) {
            const auto* file = id == ledger::kTransferContract ? "transfer_contract.wasm" : "stake_contract.wasm";
            done_ = base::failure(Error::Kind::invalid,
                                  fmt::format("genesis: {} cannot be deployed: {}", file, deployed.error().debug));
            return;
        }
        done_ = session_.keep();
    }
    void call(const ledger::ContractId& id, std::string_view function, base::ByteView argument) {
        if (!done_) return;
        const auto called = session_.call(id, function, argument, kUnlimited);
        if (!called) {
            done_ = base::failure(Error::Kind::invalid,
                                  fmt::format("genesis: {} failed: {}", function, called.error().to_string()));
            return;
        }
        done_ = session_.keep();
    }
    Result<SharedState> finish() && {
        if (!done_) return std::unexpected(done_.error());
        auto commit = std::move(session_).commit();
        if (!commit) return std::unexpected(commit.error());
        return std::move(commit->state);
    }

private:
    vm::Session session_;
    Result<void> done_;
};

constexpr std::string_view kMagic = "ruesgen1";

/// What a prepared state was made of.
base::Bytes origin_of(const GenesisParts& parts) {
    const auto digest = parts.genesis.digest();
    base::Writer out;
    out.put(base::view(kMagic));
    for (const auto& part : {digest.owner, digest.stakes, digest.accounts, digest.notes, parts.contracts_hash()})
        out.put(base::ByteView(part));
    return out.take();
}

}  // namespace

base::Hash32 GenesisParts::contracts_hash() const {
    base::Bytes both = contracts.transfer;
    base::append(both, contracts.stake);
    return crypto::blake3(both);
}

Result<SharedState> make_genesis_state(vm::Machine& machine, const GenesisParts& parts) {
    const ledger::Genesis& genesis = parts.genesis;
    const vm::GenesisContracts& contracts = parts.contracts;
    using ledger::kStakeContract;
    using ledger::kTransferContract;
    if (const auto wrong = genesis.problem()) return base::failure(Error::Kind::invalid, *wrong);
    Calls run(machine);
    const auto owner = genesis.owner.value_or(ledger::dusk_key()).bytes();
    run.deploy(kTransferContract, contracts.transfer, owner);
    run.deploy(kStakeContract, contracts.stake, owner);
    run.call(kStakeContract, calls::kInsertStake, calls::genesis_stake({ledger::dusk_key(), {}, 0, 0, 0}));
    run.call(kTransferContract, calls::kAddContractBalance, calls::contract_and_value(kStakeContract, 0));
    run.call(kTransferContract, calls::kUpdateRoot, {});
    for (const auto& balance : genesis.notes) {
        const auto notes = ledger::genesis_notes(balance);
        if (!notes) return base::failure(Error::Kind::invalid, notes.error());
        for (const auto& note : *notes) run.call(kTransferContract, calls::kPushNote, calls::new_note(0, note));
    }
    for (const auto& [account, balance] : genesis.accounts)
        run.call(kTransferContract, calls::kAddAccountBalance, calls::key_and_value(account, balance));
    if (!genesis.notes.empty()) run.call(kTransferContract, calls::kUpdateRoot, {});
    std::uint64_t staked = 0;
    for (const auto& stake : genesis.stakes) {
        run.call(kStakeContract, calls::kInsertStake, calls::genesis_stake(stake));
        staked += stake.amount;
    }
    run.call(kTransferContract, calls::kAddContractBalance, calls::contract_and_value(kStakeContract, staked));
    return std::move(run).finish();
}

base::Bytes encode_genesis_state(const GenesisParts& parts, const vm::State& state) {
    base::Writer out;
    out.put(base::ByteView(origin_of(parts))).put(base::ByteView(state.root()));
    const auto all = memory_of(state);
    out.put(static_cast<std::uint32_t>(all.deployed.size()));
    auto page = all.pages.begin();
    for (const auto& contract : all.deployed) {
        // The code is not part of it: the program has the genesis contracts anyway.
        const auto last = std::find_if(page, all.pages.end(), [&](const auto& p) { return p.contract != contract.id; });
        out.put(base::ByteView(contract.id)).put(contract.position).put(std::uint8_t{contract.memory64});
        out.put(contract.memory_pages).put(static_cast<std::uint32_t>(contract.owner.size())).put(contract.owner);
        out.put(static_cast<std::uint32_t>(last - page));
        for (; page != last; ++page) {
            const auto bytes = store::layout::encode_page(page->hash, page->bytes);  // compressed as in the store
            out.put(page->number).put(static_cast<std::uint32_t>(bytes.size())).put(base::ByteView(bytes));
        }
    }
    return out.take();
}

Result<std::optional<SharedState>> decode_genesis_state(vm::Machine& machine, const GenesisParts& parts) {
    const auto malformed = base::failure(Error::Kind::corrupt, "the prepared state of the genesis is malformed");
    const auto origin = origin_of(parts);
    base::Reader in(parts.prepared);
    const auto made_of = in.take_bytes(origin.size());
    if (!made_of || !base::equal(*made_of, origin)) return std::optional<SharedState>();

    const auto root = in.take_array<32>();
    if (!root) return malformed;
    vm::StateBuilder builder(machine);
    base::Bytes bytes(store::kPageBytes);
    const auto count = in.take<std::uint32_t>();
    for (std::uint32_t i = 0; count && i < *count; ++i) {
        const auto id = in.take_array<32>();
        const auto position = in.take<std::uint32_t>();
        const auto memory64 = in.take<std::uint8_t>();
        const auto memory_pages = in.take<std::uint32_t>();
        const auto owner_size = in.take<std::uint32_t>();
        const auto owner = owner_size ? in.take_bytes(*owner_size) : std::nullopt;
        const auto pages = in.take<std::uint32_t>();
        if (!id || !position || !memory64 || !memory_pages || !owner || !pages) return malformed;
        const auto& code = *id == ledger::kTransferContract ? parts.contracts.transfer : parts.contracts.stake;
        if (auto added =
                builder.add_contract(*id, code, base::to_bytes(*owner), *memory64 == 1, *position, *memory_pages);
            !added)
            return std::unexpected(added.error());
        for (std::uint32_t n = 0; n < *pages; ++n) {
            const auto number = in.take<std::uint32_t>();
            const auto size = in.take<std::uint32_t>();
            const auto packed = size ? in.take_bytes(*size) : std::nullopt;
            const auto hash = packed ? store::layout::decode_page(*packed, bytes) : std::nullopt;
            if (!number || !hash) return malformed;
            if (auto added = builder.add_page(*number, bytes, *hash); !added) return std::unexpected(added.error());
        }
    }
    if (!count || !in.empty()) return malformed;
    auto state = std::move(builder).finish(*root);
    if (!state) return std::unexpected(state.error());
    return std::optional(std::move(*state));
}

Result<SharedState> genesis_state(vm::Machine& machine, const GenesisParts& parts) {
    auto found = decode_genesis_state(machine, parts);
    if (!found) return std::unexpected(found.error());
    if (*found) return std::move(**found);
    return make_genesis_state(machine, parts);
}

}  // namespace rues::chain
