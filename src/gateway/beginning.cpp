#include "gateway/beginning.hpp"

#include <fmt/format.h>

#include "chain/origin.hpp"
#include "chain/stored_state.hpp"
#include "vm/genesis_contracts.hpp"

namespace rues::gateway {
namespace {

/// The first block of a network whose rules this program executes (docs/reference/rusk-1.7.md 7.2, HARDFORK_BOREAS).
std::uint64_t first_executable(std::uint8_t chain_id) {
    constexpr std::uint8_t kMainnet = 1;
    constexpr std::uint8_t kTestnet = 2;
    return chain_id == kMainnet ? 4'414'095 : chain_id == kTestnet ? 3'378'000 : 1;
}

/// The origin in the store of a gateway that does not execute: of a chain whose genesis it does not have.
store::ChainOrigin origin_of(std::uint8_t chain_id) {
    return {chain_id, {}, {}, false};
}

/// Refuses a store that was begun in another way.
base::Result<void> check_origin(const store::ChainOrigin& stored, const vm::Machine& machine, bool executes) {
    const auto refuse = [](std::string_view why) {
        return base::failure(base::Error::Kind::invalid, std::string(why));
    };
    const bool was_executed = chain::is_followed(stored);
    if (!was_executed && stored != origin_of(stored.chain_id))
        return refuse("the data folder belongs to a node, not to a gateway");
    if (was_executed && !executes)
        return refuse("the data folder was begun with --execute: go on with it, or begin a new folder");
    if (!was_executed && executes)
        return refuse("the data folder was begun without --execute: go on without it, or begin a new folder");
    if (executes && stored.contract_log != machine.contract_log())
        return refuse(stored.contract_log ? "the data folder was begun with contract-log"
                                          : "the data folder was begun without contract-log");
    return {};
}

base::Result<Begun> go_on(const store::Store& store, vm::Machine& machine, const store::ChainOrigin& origin) {
    const auto stored = store.snapshot();
    const auto tip = stored->block(stored->height());
    if (!tip) return std::unexpected(tip.error());
    if (!*tip) return base::failure(base::Error::Kind::corrupt, "the store has no block at its own height");
    Begun out{origin.chain_id, (*tip)->header.height, (*tip)->header.hash};
    if (!chain::is_followed(origin)) return out;
    auto state = chain::read_state(machine, *stored, (*tip)->header.state_hash);
    if (!state) return std::unexpected(state.error());
    out.state = std::move(*state);
    const auto first = stored->block(0);
    if (!first) return std::unexpected(first.error());
    out.is_whole = first->has_value();
    return out;
}

/// The state with which a gateway begins that executes, and the height of its block.
struct First {
    std::uint64_t height = 0;
    std::shared_ptr<const vm::State> state;
};

base::Result<First> from_genesis(vm::Machine& machine, const ExecuteOptions& options) {
    const chain::GenesisParts parts{options.genesis, options.contracts ? *options.contracts : vm::genesis_contracts(),
                                    options.prepared};
    auto state = chain::genesis_state(machine, parts);
    if (!state) return std::unexpected(state.error());
    return First{0, std::move(*state)};
}

base::Result<First> from_snapshot(vm::Machine& machine, const std::filesystem::path& folder) {
    const auto failed = [&folder](const base::Error& error) {
        return base::failure(error.kind, fmt::format("snapshot {}: {}", folder.string(), error.text));
    };
    std::error_code ignored;
    if (!std::filesystem::exists(folder / "store", ignored))
        return failed({base::Error::Kind::not_found, "it is no data folder of rues: it has no store"});
    const auto opened = store::Store::open({.directory = folder / "store"});
    if (!opened) return failed(opened.error());
    const auto origin = (*opened)->origin();
    if (!origin) return failed(origin.error());
    const auto stored = (*opened)->snapshot();
    const auto height = stored->last_final();
    if (!height) return failed(height.error());
    const auto header = stored->block(height->value_or(0));
    if (!header) return failed(header.error());
    if (!*origin || !*header) return failed({base::Error::Kind::not_found, "it has no chain"});
    if (**origin == origin_of((*origin)->chain_id))
        return failed({base::Error::Kind::invalid, "it is of a gateway that does not execute"});
    if (auto rewound = stored->rewind_memory((*header)->header.height); !rewound) return failed(rewound.error());
    auto state = chain::read_state(machine, *stored, (*header)->header.state_hash);
    if (!state) return failed(state.error());
    if ((*origin)->contract_log != machine.contract_log())
        return failed({base::Error::Kind::invalid, "it has another value of contract-log"});
    return First{(*header)->header.height, std::move(*state)};
}

base::Result<Begun> begin_executing(store::Store& store, vm::Machine& machine, const Upstreams& nodes,
                                    const ExecuteOptions& options) {
    auto first = options.snapshot.empty() ? from_genesis(machine, options) : from_snapshot(machine, options.snapshot);
    if (!first) return std::unexpected(first.error());
    const auto block = first_block(nodes, first->height);
    if (!block) return std::unexpected(block.error());
    if (block->header.state_hash != first->state->root()) {
        return base::failure(
            base::Error::Kind::invalid,
            fmt::format("block {} of the nodes has the state hash {}, and {} gives {}: it is of another chain",
                        first->height, base::to_hex(block->header.state_hash),
                        options.snapshot.empty() ? "this genesis" : "this snapshot",
                        base::to_hex(first->state->root())));
    }
    if (const auto least = first_executable(block->chain_id); first->height + 1 < least) {
        return base::failure(base::Error::Kind::invalid,
                             fmt::format("blocks of chain {} below {} follow rules that this version does not execute: "
                                         "begin with a snapshot of a later block",
                                         block->chain_id, least));
    }
    const auto origin = chain::followed_origin(block->chain_id, machine.contract_log());
    if (const auto done = store.set_origin(origin); !done) return std::unexpected(done.error());
    if (const auto done = store.commit_genesis(block->header, chain::memory_of(*first->state)); !done)
        return std::unexpected(done.error());
    return Begun{block->chain_id, block->header.height, block->header.hash, std::move(first->state),
                 first->height == 0};
}

}  // namespace

base::Result<Begun> begin(store::Store& store, vm::Machine& machine, const Upstreams& nodes,
                          const FollowOptions& options) {
    const auto origin = store.origin();
    if (!origin) return std::unexpected(origin.error());
    if (*origin) {
        if (const auto good = check_origin(**origin, machine, options.execute.has_value()); !good)
            return std::unexpected(good.error());
        if (store.has_chain()) return go_on(store, machine, **origin);
    }
    if (options.execute) return begin_executing(store, machine, nodes, *options.execute);
    const auto first =
        options.seat ? base::Result<FirstBlock>(FirstBlock{options.seat->begin.header, options.seat->begin.chain_id})
                     : first_block(nodes, options.from);
    if (!first) return std::unexpected(first.error());
    if (const auto done = store.set_origin(origin_of(first->chain_id)); !done) return std::unexpected(done.error());
    if (const auto done = store.commit_genesis(first->header, {}); !done) return std::unexpected(done.error());
    return Begun{first->chain_id, first->header.height, first->header.hash};
}

}  // namespace rues::gateway
