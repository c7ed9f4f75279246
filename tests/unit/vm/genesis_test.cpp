// The genesis of the local network, made with the contracts of the network, and the first blocks of a recorded chain.
// The oracle is a real node: docs/reference/machine.md 0.
#include "ledger/genesis.hpp"

#include <toml++/toml.h>

#include <filesystem>
#include <fstream>

#include "crypto/hash.hpp"
#include "ledger/genesis_notes.hpp"
#include "ledger/recording.hpp"
#include "support/recorded.hpp"
#include "support/temporary_folder.hpp"
#include "unit/vm/fixture.hpp"
#include "wire/transaction_layouts.hpp"

namespace rues::vm {
namespace {

using namespace test;
using ledger::kTransferContract;

constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
const std::string kGenesisFile = std::string(RUES_SHARED_VECTORS) + "/genesis/localnet.toml";

constexpr ContractId kStakeContract = [] {
    ContractId id{};
    id[0] = std::byte{2};
    return id;
}();

TEST(GenesisContracts, are_those_of_the_network) {
    EXPECT_EQ(base::to_hex(crypto::sha256(genesis_contracts().transfer)),
              "a78d3f27c8ad686c255a426d2ab877c3accaaea22bdf0db7378509ab2b67c938");
    EXPECT_EQ(base::to_hex(crypto::sha256(genesis_contracts().stake)),
              "5d5fd342c73aeeb1e858e6d1b6b0354d5e7f8ff9952763fa9a4786bb3cbe5bd5");
}

TEST(GenesisContracts, others_are_read_from_a_folder) {
    const rues::test::TemporaryFolder folder;
    const auto write = [&](std::string_view name, std::string_view bytes) {
        std::ofstream(folder.path() / name) << bytes;
    };
    EXPECT_THAT(read_genesis_contracts(folder.path()).error().text, ::testing::HasSubstr("transfer_contract.wasm"));
    write("transfer_contract.wasm", "a");
    EXPECT_THAT(read_genesis_contracts(folder.path()).error().text, ::testing::HasSubstr("stake_contract.wasm"));
    write("stake_contract.wasm", "");
    EXPECT_THAT(read_genesis_contracts(folder.path()).error().text, ::testing::HasSubstr("is empty"));
    write("stake_contract.wasm", "b");
    EXPECT_EQ(read_genesis_contracts(folder.path())->stake, bytes("b"));
    write("stake_contract.wasm", std::string((4 << 20) + 1, 'x'));
    EXPECT_THAT(read_genesis_contracts(folder.path()).error().text, ::testing::HasSubstr("larger"));
}

/// Calls that must succeed. Each is kept, as the node keeps the calls of a genesis and of a block.
class Network {
public:
    explicit Network(Session session) : session_(std::move(session)) {}

    Receipt call(const ContractId& id, std::string_view function, ByteView argument, std::uint64_t gas = kMost) {
        auto receipt = session_.call(id, function, argument, gas);
        if (!receipt) throw std::runtime_error(std::string(function) + ": " + receipt.error().to_string());
        if (auto kept = session_.keep(); !kept) throw std::runtime_error(kept.error().text);
        return std::move(*receipt);
    }
    void stake(const crypto::PublicKey& key, std::uint64_t amount) {
        base::Writer argument;
        argument.put(std::uint64_t{0});
        put_key(argument, key);
        put_key(argument, key);
        if (amount > 0)
            argument.put(std::uint64_t{1}).put(amount).put(std::uint64_t{0}).put(std::uint64_t{0});
        else
            argument.put(Bytes(32));
        argument.put(Bytes(16));
        call(kStakeContract, "insert_stake", argument.bytes());
    }
    void stake_contract_balance(std::uint64_t amount) {
        base::Writer argument;
        argument.put(kStakeContract).put(amount);
        call(kTransferContract, "add_contract_balance", argument.bytes());
    }
    static void put_key(base::Writer& out, const crypto::PublicKey& key) { out.put(key.raw()).put(Bytes(7)); }
    Session& session() { return session_; }
    std::shared_ptr<const State> commit() { return std::move(session_).commit().value().state; }

private:
    Session session_;
};

crypto::PublicKey key_of(const toml::table& entry) {
    const auto compressed = base::from_base58(entry["address"].value<std::string>().value()).value();
    return crypto::PublicKey::decode(compressed).value();
}

std::shared_ptr<const State> make_genesis() {
    const toml::table file = toml::parse_file(kGenesisFile);
    const auto entries = [&](std::string_view name) -> const toml::array& { return *file[name].as_array(); };
    Network network(Session::of_block(machine(), State::empty(), {.chain_id = 0xfa, .genesis = true}));
    for (const auto& [id, code] : {std::pair(kTransferContract, &genesis_contracts().transfer),
                                   std::pair(kStakeContract, &genesis_contracts().stake)}) {
        const auto deployed = network.session().deploy(id, *code, ledger::dusk_key().bytes(), {}, kMost);
        if (!deployed) throw std::runtime_error(deployed.error().debug);
    }
    network.stake(ledger::dusk_key(), 0);
    network.stake_contract_balance(0);
    network.call(kTransferContract, "update_root", {});
    for (const auto& entry : entries("phoenix_balance")) {
        const toml::table& table = *entry.as_table();
        ledger::GenesisNotes balance{
            base::to_array<64>(base::from_base58(table["address"].value<std::string>().value()).value()),
            table["seed"].value<std::uint64_t>(),
            {}};
        for (const auto& value : *table["notes"].as_array())
            balance.notes.push_back(value.value<std::uint64_t>().value());
        const auto notes = ledger::genesis_notes(balance).value();
        for (const auto& note : notes) {
            base::Writer argument;
            argument.put(std::uint64_t{0}).put(note);
            network.call(kTransferContract, "push_note", argument.bytes());
        }
    }
    for (const auto& entry : entries("moonlight_account")) {
        base::Writer argument;
        Network::put_key(argument, key_of(*entry.as_table()));
        argument.put((*entry.as_table())["balance"].value<std::uint64_t>().value());
        network.call(kTransferContract, "add_account_balance", argument.bytes());
    }
    network.call(kTransferContract, "update_root", {});
    std::uint64_t staked = 0;
    for (const auto& entry : entries("stake")) {
        const auto amount = (*entry.as_table())["amount"].value<std::uint64_t>().value();
        network.stake(key_of(*entry.as_table()), amount);
        staked += amount;
    }
    network.stake_contract_balance(staked);
    return network.commit();
}

Bytes spend_argument(const ledger::Moonlight& from) {
    namespace layouts = wire::layouts;
    layouts::MoonlightTransaction out;
    out.payload.sender = {from.sender.raw()};
    out.payload.receiver = {from.receiver_or_sender().raw()};
    out.payload.refund_address = {from.refund_or_sender().raw()};
    out.payload.value = from.value;
    out.payload.deposit = from.deposit;
    out.payload.gas_limit = from.gas_limit;
    out.payload.gas_price = from.gas_price;
    out.payload.nonce = from.nonce;
    out.payload.chain_id = from.chain_id;
    out.signature = {from.signature.raw()};
    return wire::rkyv::archive(layouts::Transaction(std::move(out)));
}

/// Data of the recorded events of a block with this origin, in order.
std::vector<Bytes> events_of(const ledger::Recording& chain, std::uint64_t height, const boost::json::string& origin) {
    std::vector<Bytes> out;
    const auto& events = chain.block(height).at("contractEvents").as_array();
    for (std::size_t i = 0; i < events.size(); ++i)
        if (events[i].at("origin").as_string() == origin) out.push_back(chain.event_data(height, i).value());
    return out;
}

/// Executes a recorded block of plain transfers and compares gas and events.
std::shared_ptr<const State> replay(const std::shared_ptr<const State>& state, const ledger::Recording& chain,
                                    std::uint64_t height) {
    const auto& block = chain.block(height);
    const auto& header = block.at("header").as_object();
    Network network(Session::of_block(machine(), state, {.chain_id = 0, .height = height}));
    network.call(kStakeContract, "before_state_transition", {});
    for (const auto& recorded : block.at("transactions").as_array()) {
        const auto tx = ledger::Transaction::decode(recorded::hex(recorded.at("raw"))).value();
        const ledger::Moonlight& body = *tx.moonlight();
        base::ByteArray<208> sender{};
        sender[0] = std::byte{1};
        std::ranges::copy(body.sender.raw(), sender.begin() + 8);
        network.session().public_sender(sender);
        const auto receipt = network.call(kTransferContract, "spend_and_execute", spend_argument(body), body.gas_limit);
        EXPECT_EQ(receipt.gas_spent, recorded.at("gasSpent").to_number<std::uint64_t>());
        base::Writer spent;
        spent.put(receipt.gas_spent);
        const auto refund = network.call(kTransferContract, "refund", spent.bytes());
        std::vector<Bytes> data;
        for (const auto* part : {&receipt.events, &refund.events})
            for (const auto& event : *part) data.push_back(event.data);
        EXPECT_EQ(data, events_of(chain, height, recorded.at("id").as_string()));
        network.session().public_sender(std::nullopt);
    }
    for (const Bytes& reward : events_of(chain, height, header.at("hash").as_string()))
        network.call(kStakeContract, "reward", reward);
    network.call(kTransferContract, "update_root", {});
    return network.commit();
}

TEST(Genesis, of_the_local_network_and_the_first_blocks_have_the_recorded_state_hashes) {
    if (!std::filesystem::exists(kGenesisFile)) GTEST_SKIP() << "the genesis of the recorded chain is not here";
    constexpr std::uint64_t kBlocks = 12;
    const auto recorded = recorded::load("chain.json");
    const auto chain = ledger::Recording::read(recorded).value();
    auto state = make_genesis();
    for (std::uint64_t height = 0; height <= kBlocks; ++height) {
        if (height > 0) state = replay(state, chain, height);
        ASSERT_EQ(state->root(), chain.header(height).value().state_hash) << "block " << height;
    }
}

TEST(Genesis, the_smallest_sufficient_limit_of_a_transfer_is_392_below_its_gas) {
    if (!std::filesystem::exists(kGenesisFile)) GTEST_SKIP() << "the genesis of the recorded chain is not here";
    const auto recorded = recorded::load("chain.json");
    const auto chain = ledger::Recording::read(recorded).value();
    auto state = make_genesis();
    std::uint64_t height = 1;
    for (; chain.block(height).at("transactions").as_array().empty(); ++height) state = replay(state, chain, height);
    const auto& first = chain.block(height).at("transactions").as_array().front();
    const auto tx = ledger::Transaction::decode(recorded::hex(first.at("raw"))).value();
    const Bytes argument = spend_argument(*tx.moonlight());
    const auto spend = [&](std::uint64_t limit) {
        auto session = Session::of_query(machine(), state, {.height = height});
        return session.call(kTransferContract, "spend_and_execute", argument, limit);
    };

    EXPECT_EQ(spend(tx.moonlight()->gas_limit)->gas_spent, 1'848'552U);
    EXPECT_EQ(spend(1'848'160)->gas_spent, 1'848'160U);
    EXPECT_EQ(spend(1'848'159).error().kind, Failure::Kind::out_of_gas);
}

}  // namespace
}  // namespace rues::vm
