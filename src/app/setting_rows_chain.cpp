#include "app/setting_rows.hpp"

namespace rues::app::rows {
namespace {

Set set_mining(NodeSettings& s, std::string_view text) {
    if (text == "interval") {
        s.chain.mining = chain::Mining::interval;
    } else if (text == "instant") {
        s.chain.mining = chain::Mining::instant;
    } else if (text == "manual") {
        s.chain.mining = chain::Mining::manual;
    } else {
        return expected_form("interval, instant or manual");
    }
    return {};
}

constexpr Setting kChainRows[] = {
    {"data", "DIR", "",
     "data folder; the chain is in its `store/`. Without it, a temporary folder that is removed at exit",
     [](NodeSettings& s, std::string_view t) -> Set {
         s.data = t;
         return {};
     }},
    {"genesis", "FILE", "", "first state of a new chain; without it, the genesis of the local chain",
     [](NodeSettings& s, std::string_view t) -> Set {
         s.genesis = t;
         return {};
     }},
    {"genesis-contracts", "DIR", "",
     "transfer_contract.wasm and stake_contract.wasm of a new chain; without it, the network's own, which the program "
     "has",
     [](NodeSettings& s, std::string_view t) -> Set {
         s.genesis_contracts = t;
         return {};
     }},
    {"contract-log", "", "false",
     "contracts may log lines with the import `hdebug` of piecrust's feature `debug`. For development only: Rusk "
     "refuses such contracts. A chain keeps the value that it began with",
     [](NodeSettings& s, std::string_view t) { return set_bool(s.contract_log, t); }},
    {"producer-seed", "FILE", "",
     "64-byte seed in hex; its account 0 must be the first stake of the genesis, and signs blocks",
     [](NodeSettings& s, std::string_view t) -> Set {
         s.producer_seed = t;
         return {};
     }},
    {"mining", "MODE", "interval",
     "when blocks are made: `interval` every block-time, `instant` when a transaction waits, `manual` by POST "
     "/dev/mine",
     &set_mining},
    {"block-time", "DURATION", "1s", "time between blocks",
     [](NodeSettings& s, std::string_view t) {
         return set_duration(s.chain.block_time, t, std::chrono::milliseconds(10));
     }},
    {"eligible-after", "DURATION", "300ms",
     "how long a transaction waits in the mempool before a block may include it; 0 in manual mode",
     [](NodeSettings& s, std::string_view t) { return set_duration(s.chain.eligible_after, t); }},
    {"final-after", "NUMBER", "1",
     "how many blocks must follow a block until it is final, 1 to 64; with more than 1, `/dev/reorg` can take back "
     "blocks as a network can, none of them final",
     [](NodeSettings& s, std::string_view t) { return set_number(s.chain.final_after, t, 1, chain::kMaxFinalAfter); }},
    {"chain-id", "NUMBER", "0", "chain id that transactions must name",
     [](NodeSettings& s, std::string_view t) { return set_number(s.chain.chain_id, t, 0, 255); }},
    {"min-gas-limit", "GAS", "75000", "lowest gas limit that a transaction may have",
     [](NodeSettings& s, std::string_view t) { return set_number(s.chain.min_gas_limit, t, 0, kMost); }},
    {"phoenix", "SWITCH", "on",
     "whether Phoenix transactions are admitted, `on` or `off`; `off` answers as live networks do. Accounts can pay "
     "into notes either way",
     [](NodeSettings& s, std::string_view t) { return set_switch(s.chain.phoenix, t); }},
    {"mempool-capacity", "NUMBER", "10000", "maximum number of transactions in the mempool",
     [](NodeSettings& s, std::string_view t) { return set_number(s.chain.mempool_capacity, t, 1, 1'000'000); }},
    {"mempool-expiry", "DURATION", "72h", "how long a transaction may wait in the mempool, at least 1s",
     [](NodeSettings& s, std::string_view t) {
         return set_duration(s.chain.mempool_expiry, t, std::chrono::seconds(1));
     }},
    {"future-nonces", "NUMBER", "1000",
     "maximum number of staged transactions, which wait some seconds for one with an earlier nonce",
     [](NodeSettings& s, std::string_view t) { return set_number(s.chain.future_nonces, t, 0, 100'000); }},
    {"future-nonces-per-account", "NUMBER", "64", "maximum number of staged transactions of one account",
     [](NodeSettings& s, std::string_view t) { return set_number(s.chain.future_nonces_per_account, t, 0, 100'000); }},
    {"verify-threads", "NUMBER", "1", "threads that check signatures",
     [](NodeSettings& s, std::string_view t) { return set_number(s.chain.verify_threads, t, 1, 64); }},
    {"query-time", "DURATION", "10s", "a contract called by a request, or by a simulation, is stopped after this time",
     [](NodeSettings& s, std::string_view t) {
         return set_duration(s.chain.queries.time, t, std::chrono::milliseconds(10));
     }},
};

}  // namespace

std::span<const Setting> of_chain() {
    return kChainRows;
}

}  // namespace rues::app::rows
