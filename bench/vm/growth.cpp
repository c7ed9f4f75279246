// Measures on states of different sizes: transfers, commits and starts, and the feeders that give all accounts or all
// notes. Nothing here has a limit.
#include <unistd.h>

#include <algorithm>
#include <deque>

#include "chain/execution.hpp"
#include "chain/producer.hpp"
#include "chain/stored_state.hpp"
#include "support/load.hpp"
#include "support/many_accounts.hpp"
#include "support/stream.hpp"
#include "vm/parts.hpp"
#include "wire/layouts.hpp"

namespace {

using namespace rues;
using namespace rues::bench;

constexpr std::size_t kSizes[] = {1'000, 10'000, 100'000, 1'000'000};
constexpr std::size_t kRounds = 3;
constexpr std::size_t kTransfers = 960;
constexpr std::size_t kSenders = 64;
constexpr std::size_t kOnLoop = 20;  ///< blocks with one transfer in each round
constexpr std::size_t kNoteReads = 50;
constexpr std::size_t kNotes = 2'068;  ///< of the default genesis
constexpr std::size_t kNoteBytes = 736;
constexpr std::size_t kAccountBytes = 216;

/// A chain in this process, from the state of many accounts on: blocks are executed and committed, each measured.
class GrownChain {
public:
    GrownChain(const ManyAccounts& accounts, const std::filesystem::path& folder)
        : accounts_(accounts), state_(accounts.state()), store_(*store::Store::open({.directory = folder / "store"})) {
        accounts.write(*store_);
        const auto tip = *store_->snapshot()->block(0);
        tip_ = tip->header;
        generator_ = crypto::PublicKey::decode(ledger::dusk_key().bytes()).value();
        for (std::size_t i = 0; i < kSenders; ++i) senders_.push_back({accounts.key(spread(i)), 0});
    }

    struct Measured {
        double transfer_us = 0;  ///< executing one
        double commit_us = 0;    ///< everything of the block behind its transactions
        std::size_t pages = 0;   ///< that the block wrote
    };
    /// A block of transfers between accounts that lie anywhere in the state.
    Measured block(std::size_t transfers) {
        std::vector<ledger::Transaction> signed_ones;
        for (std::size_t i = 0; i < transfers; ++i) signed_ones.push_back(next_transfer());

        chain::BlockContext context;
        context.height = tip_.height + 1;
        context.generator = generator_;
        chain::BlockExecution execution(accounts_.machine(), state_, context);
        require(execution.begin().has_value(), "a block cannot begin");
        Measured out;
        double before = thread_cpu_us();
        for (const auto& tx : signed_ones) {
            const auto done = execution.add(tx, chain::SpendProof::good);
            require(done.has_value(), done ? "" : done.error().text);
        }
        out.transfer_us = (thread_cpu_us() - before) / static_cast<double>(transfers);
        before = thread_cpu_us();
        auto outcome = std::move(execution).finish();
        require(outcome.has_value(), "a block cannot be finished");
        ledger::Block block;
        block.header.height = context.height;
        block.header.prev_block_hash = tip_.hash;
        block.header.state_hash = outcome->commit.state->root();
        block.header.hash = block.header.compute_hash();
        block.transactions = outcome->transactions;
        store::BlockCommit commit;
        commit.block = &block;
        commit.memory = chain::memory_changes(outcome->commit);
        chain::append_events(commit, block, *outcome, {}, [](const auto&) { return std::vector<ledger::TxId>{}; });
        require(store_->commit_block(commit).has_value(), "a block cannot be stored");
        out.pages = outcome->commit.pages.size();
        state_ = std::move(outcome->commit.state);
        tip_ = block.header;
        out.commit_us = thread_cpu_us() - before;
        return out;
    }

private:
    struct Sender {
        crypto::SecretKey key;
        std::uint64_t nonce;
    };

    /// Numbers from 0 to the number of accounts, far apart from each other.
    std::size_t spread(std::uint64_t i) const { return i * 2'654'435'761U % accounts_.count(); }

    ledger::Transaction next_transfer() {
        Sender& sender = senders_[made_ % kSenders];
        ledger::Moonlight body;
        body.sender = sender.key.public_key();
        body.receiver = accounts_.key(spread(kSenders + made_)).public_key();
        body.value = 1;
        body.gas_limit = 10'000'000;
        body.gas_price = 1;
        body.nonce = ++sender.nonce;
        ++made_;
        return ledger::sign(std::move(body), sender.key);
    }

    const ManyAccounts& accounts_;
    chain::SharedState state_;
    const std::unique_ptr<store::Store> store_;
    ledger::Header tip_;
    crypto::PublicKey generator_;
    std::vector<Sender> senders_;
    std::size_t made_ = 0;
};

/// The rows of one number of accounts.
struct Size {
    Row transfer;
    Row commit;
    Row small;
    Row start;
    std::uint32_t pages = 0;          ///< of the contract
    std::vector<double> written{};    ///< pages by a block of transfers
    std::vector<double> one_wrote{};  ///< pages by a block with one transfer
    double resident_megabytes = 0;

    explicit Size(std::size_t accounts)
        : transfer{fmt::format("a transfer executed, {:>9} accounts", accounts)},
          commit{fmt::format("a block of {} committed, {:>9} accounts", kTransfers, accounts)},
          small{fmt::format("a block of one committed, {:>9} accounts", accounts)},
          start{fmt::format("a start, {:>9} accounts", accounts)} {}

    void measure(const ManyAccounts& accounts, int cpu) {
        pages = accounts.pages();
        const TemporaryFolder folder;
        {
            GrownChain chain(accounts, folder.path());
            chain.block(1);  // loads what the first block loads
            for (std::size_t round = 0; round < kRounds; ++round) {
                const auto measured = chain.block(kTransfers);
                transfer.us.push_back(measured.transfer_us);
                commit.us.push_back(measured.commit_us);
                written.push_back(static_cast<double>(measured.pages));
                double us = 0;
                for (std::size_t i = 0; i < kOnLoop; ++i) {
                    const auto one = chain.block(1);
                    us += one.commit_us / kOnLoop;
                    one_wrote.push_back(static_cast<double>(one.pages));
                }
                small.us.push_back(us);
            }
        }
        for (std::size_t round = 0; round < kRounds; ++round) {
            Node node({"--data", folder.path().string(), "--mining", "manual"}, cpu);
            const int socket = connect_to(node.port());
            ask(socket, http_request("POST", "/on/node/info"), 200);
            start.us.push_back(node.process().cpu_us());
            resident_megabytes = static_cast<double>(node.process().resident_bytes()) / 1e6;
            ::close(socket);
        }
    }
};

/// Reads a feeder's stream as often as asked and prints its rate and the memory of the server.
void print_feeder(Node& node, std::string_view function, std::string_view argument, std::size_t bytes,
                  std::size_t times) {
    const auto request = http_request(
        "POST", fmt::format("/on/contracts:01{:062}/{}", 0, function), argument,
        "Rusk-Feeder: 1\r\nAccept: application/octet-stream\r\nContent-Type: application/octet-stream\r\n");
    const auto megabytes = [&] { return static_cast<double>(node.process().resident_bytes()) / 1e6; };
    const auto read = [&](std::size_t& most) {
        const int socket = connect_to(node.port());
        std::size_t next = 0;
        const std::size_t got = read_stream(socket, request, [&](std::size_t so_far) {
            if (so_far < next) return;
            most = std::max(most, node.process().resident_bytes());
            next = so_far + (std::size_t{4} << 20);
        });
        ::close(socket);
        require(got == bytes, fmt::format("{} gave {} bytes, not {}", function, got, bytes));
    };
    const double at_rest = megabytes();
    std::size_t first_most = 0;
    read(first_most);  // maps the memory that the contract reads
    const double before = node.process().cpu_us();
    std::size_t most = 0;
    for (std::size_t i = 0; i < times; ++i) read(most);
    const double seconds = (node.process().cpu_us() - before) / 1e6;
    fmt::print(
        "{:<28}{:>12} bytes{:>10.1f} MB a CPU second; resident {:.1f} MB before, at most {:.1f} MB while it is "
        "read first, {:.1f} MB later\n",
        function, bytes, static_cast<double>(bytes * times) / 1e6 / seconds, at_rest,
        static_cast<double>(first_most) / 1e6, static_cast<double>(most) / 1e6);
    std::fflush(stdout);
}

std::string range(std::uint64_t from, std::uint64_t limit) {
    return std::string(base::text(wire::rkyv::archive(wire::layouts::Range{from, limit})));
}

}  // namespace

bool rues::bench::measure_growth() {
    const auto [cpu, other] = cpus();
    ManyAccounts accounts;
    std::deque<Size> sizes;
    for (const std::size_t size : kSizes) {
        accounts.grow_to(size);
        sizes.emplace_back(size).measure(accounts, other);
    }
    std::vector<const Row*> rows;
    for (Row Size::* const row : {&Size::transfer, &Size::commit, &Size::small, &Size::start}) {
        for (Size& size : sizes) {
            if (&size != &sizes.front()) (size.*row).peer = &(sizes.front().*row);
            rows.push_back(&(size.*row));
        }
    }
    const bool kept = print("Growth with the accounts", rows);
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        const Size& size = sizes[i];
        fmt::print(
            "{:>9} accounts: {} pages of 64 KiB; {:.0f} written by a block of {}, {:.0f} by a block of one; "
            "resident after the start {:.1f} MB\n",
            kSizes[i], size.pages, median(size.written), kTransfers, median(size.one_wrote), size.resident_megabytes);
    }

    fmt::print("\nFeeders over HTTP\n");
    {
        Node node({"--mining", "manual"}, other);
        print_feeder(node, "leaves_from_height", std::string(8, '\0'), kNotes * kNoteBytes, kNoteReads);
    }
    const TemporaryFolder folder;
    accounts.write(**store::Store::open({.directory = folder.path() / "store"}));
    Node node({"--mining", "manual", "--data", folder.path().string()}, other);
    const std::size_t all = accounts.count() + 4;  // those of the default genesis
    print_feeder(node, "sync_accounts", range(0, 0), all * kAccountBytes, 1);
    return kept;
}
