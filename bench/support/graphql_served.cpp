#include "support/graphql_served.hpp"

#include <unistd.h>

#include <cstdlib>
#include <future>

#include "app/node.hpp"
#include "chain/genesis_file.hpp"
#include "crypto/keys.hpp"
#include "support/load.hpp"
#include "support/measure.hpp"

namespace rues::bench {
namespace {

ledger::Transaction transfer(std::uint64_t nonce) {
    const auto key = crypto::account_key(ledger::local_chain_seed(), 0);
    ledger::Moonlight body;
    body.sender = key.public_key();
    body.receiver = crypto::account_key(ledger::local_chain_seed(), 1).public_key();
    body.value = nonce;
    body.gas_limit = 100'000'000;
    body.gas_price = 1;
    body.nonce = nonce;
    return ledger::sign(std::move(body), key);
}

void propagate(chain::Chain& chain, const ledger::Transaction& tx) {
    std::promise<chain::Verdict> verdict;
    chain.propagate(tx.encode(ledger::Envelope::aegis), [&](chain::Verdict v) { verdict.set_value(std::move(v)); });
    require(verdict.get_future().get().has_value(), "a transfer was refused");
}

void mine(chain::Chain& chain) {
    std::promise<bool> mined;
    chain.mine(1, [&](const chain::Numbered& height) { mined.set_value(height.has_value()); });
    require(mined.get_future().get(), "no block was made");
}

std::vector<std::string> js_arguments(const TemporaryFolder& folder, const Node& node, std::size_t blocks) {
    const int socket = connect_to(node.port());
    const std::string sdl = folder.write("schema.graphql", ask(socket, http_request("POST", "/on/graphql/query"), 200));
    const std::string query = fmt::format(
        "{{ blocks(range: [0, {}]) {{ header {{ height hash timestamp }} transactions {{ id err gasSpent blockHash "
        "blockHeight "
        "blockTimestamp tx {{ id gasLimit gasPrice txType memo isDeploy callData {{ fnName }} }} }} }} }}",
        blocks);
    const std::string data =
        folder.write("data.json", ask(socket, http_request("POST", "/on/graphql/query", query), 200));
    ::close(socket);
    return {"node", RUES_BENCH_SOURCES "/support/graphql_js.mjs", sdl, data};
}

}  // namespace

MadeChain::MadeChain() {
    base::SystemClock clock;
    app::Node::Options options{{.directory = folder_.path() / "store", .sync_blocks = false},
                               {},
                               *chain::read_genesis(chain::default_genesis()),
                               {},
                               {},
                               {}};
    options.chain.mining = chain::Mining::manual;
    options.chain.eligible_after = chain::milliseconds(0);
    options.server.port = 0;
    options.server.loops = 1;
    options.on_fatal = [](const std::string& why) { give_up(why); };
    const auto node = app::Node::create(std::move(options), clock, base::no_log());
    require(node.has_value(), "no chain");
    chain::Chain& chain = (*node)->chain();
    (*node)->run_chain();
    std::uint64_t nonce = 0;
    for (std::size_t block = 0; block < kBlocks; ++block) {
        for (std::size_t i = 0; i < kTransactions; ++i) {
            const auto tx = transfer(++nonce);
            propagate(chain, tx);
            ids_.push_back(base::to_hex(tx.id()));
        }
        mine(chain);
    }
    require(chain.mempool_size() == 0, "a transfer was not executed");
}

GraphqlJs::GraphqlJs(const Node& node, std::size_t blocks, int cpu)
    : process_(js_arguments(folder_, node, blocks), cpu),
      port_(static_cast<std::uint16_t>(std::strtoul(process_.line_after("port ").c_str(), nullptr, 10))) {}

}  // namespace rues::bench
