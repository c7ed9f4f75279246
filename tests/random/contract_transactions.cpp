// The transactions that deploy contracts and call them.
#include "crypto/hash.hpp"
#include "random/contract.hpp"
#include "random/transactions.hpp"
#include "random/withdrawals.hpp"
#include "support/wasm_generator.hpp"

namespace rues::chain::test {
namespace {

using base::Bytes;
using ledger::ContractId;
using ledger::kStakeContract;
using ledger::kTransferContract;
using vm::test::call_argument;
using vm::test::words;
using wire::rkyv::archive;

constexpr std::size_t kContracts = 6;  ///< the last ones are called

const Bytes& code_of(std::size_t variant) {
    static const std::array<Bytes, 3> kCodes{random_contract().build(), random_contract(false).build(), [] {
                                                 auto third = random_contract();
                                                 third.data("a third module");
                                                 return third.build();
                                             }()};
    return kCodes.at(variant);
}

/// Modules of a generator, which have nothing to do with each other. They are few, because each is compiled.
constexpr std::size_t kGenerated = 24;
const Bytes& generated_code(std::size_t seed) {
    static std::map<std::size_t, Bytes> codes;
    auto found = codes.find(seed);
    if (found == codes.end()) {
        const wasm::test::GeneratorOptions options{.traps = seed % 3 == 0, .host = true};
        found = codes.emplace(seed, wasm::test::generate_module(seed, options).bytes).first;
    }
    return found->second;
}

/// Modules that cannot be deployed: the function `f` has a body that is not valid, or the wrong type; the module
/// imports a function that no host has; it is no module.
const Bytes& broken_code(std::size_t variant) {
    using namespace vm::test;
    static const auto with_function = [](const Code& parameters, const Code& body) {
        TestContract contract;
        const auto type = contract.assembler.type(parameters, {wasm::test::kI32});
        contract.assembler.export_function("f", 12 + contract.assembler.function(type, code(body, op::end)));
        return contract.build();
    };
    static const std::array<Bytes, 4> kCodes{with_function({wasm::test::kI32}, op::i64_const(1)),
                                             with_function({wasm::test::kI64}, op::i32_const(1)),
                                             [] {
                                                 TestContract contract;
                                                 contract.assembler.import_function("unheard_of", 0);
                                                 return contract.build();
                                             }(),
                                             base::to_bytes("no module")};
    return kCodes.at(variant);
}

}  // namespace

void RandomTransactions::deploy(Draft& draft) {
    draft.kind = "deploy";
    auto& body = draft.body;
    body.gas_price = kMinDeployPrice + below(3);
    if (percent(5)) body.gas_price = kMinDeployPrice - 1;
    ledger::Deploy deploy;
    const bool is_generated = percent(30);
    deploy.bytecode = is_generated  ? generated_code(below(kGenerated))
                      : percent(80) ? code_of(below(3))
                                    : broken_code(below(4));
    deploy.bytecode_hash = crypto::blake3(deploy.bytecode);
    if (percent(5)) deploy.bytecode_hash[3] ^= std::byte{1};
    deploy.owner = percent(70) ? base::to_bytes(random_key(any_key()).public_key().bytes()) : bytes(200);
    deploy.nonce = below(1'000'000);
    switch (below(8)) {
    case 0:
        deploy.init_args = base::to_bytes("panics, as it was told");
        break;
    case 1:
        deploy.init_args = base::to_bytes("traps");
        break;
    case 2:
        deploy.init_args = base::to_bytes("spins");
        break;
    case 3:
        deploy.init_args = base::to_bytes("emits");
        break;
    case 4:
        deploy.init_args = bytes(300);
        break;
    default:
        break;
    }
    if (!deployments_.empty() && percent(8)) deploy = deployments_[below(deployments_.size())];  // it is there already
    if (percent(10)) body.gas_limit = 5'000'000 + below(2'500'000);
    if (percent(3)) body.gas_limit = 4'999'999;
    (is_generated ? generated_ : contracts_).push_back(ledger::contract_id(deploy));
    deployments_.push_back(deploy);
    body.data = std::move(deploy);
}

void RandomTransactions::deployed(Draft& draft) {
    draft.kind = "call of a contract";
    if (percent(2)) {
        Call inner = leaf();
        const unsigned depth = 44 + static_cast<unsigned>(below(8));
        for (unsigned i = 0; i < depth; ++i) inner = {contract(), "call", nested(inner)};
        return call(draft, inner);
    }
    if (percent(25)) {
        const Bytes first = nested(tree(2));
        base::Writer both;
        both.put(static_cast<std::uint32_t>(first.size())).put(first).put(nested(tree(2)));
        return call(draft, {contract(), "pair", both.take()});
    }
    if (percent(5)) draft.body.deposit = 1 + dusk(3);  // nobody takes it
    call(draft, tree(static_cast<unsigned>(below(4))));
}

/// A call by which a deployed contract takes, pays out or passes on DUSK.
void RandomTransactions::deployed_money(Draft& draft, const TipState& tip) {
    draft.kind = "money of a contract";
    draft.body.gas_limit = percent(92) ? kDearLimit : kLimit;
    auto& body = draft.body;
    const ContractId self = contract();
    const std::uint64_t have = balance_of(tip, self);
    const std::uint64_t value = percent(80) ? 1 + below(have + 1) : have + 1;
    const std::string function = percent(80) ? "must" : "call";
    const auto ask = [&](std::string_view name, const Bytes& argument) {
        call(draft, {self, function, call_argument(kTransferContract, name, argument)});
    };
    switch (have == 0 ? 0 : below(7)) {
    case 0:
    case 1:
        body.deposit = 1 + dusk(2'000);
        return ask("deposit", archive(percent(90) ? body.deposit : body.deposit + 1));
    case 2:
        return ask("contract_to_account",
                   archive(layouts::ContractToAccount{archived(random_key(any_key()).public_key()), value}));
    case 3:
    case 4: {
        constexpr std::array<const char*, 6> kReceivers{"echo", "echo", "panic", "spin", "trap", "nothing"};
        const layouts::ContractToContract to{percent(85) ? contract() : kTransferContract, value,
                                             kReceivers[below(kReceivers.size())], archived(bytes(50))};
        return ask("contract_to_contract", archive(to));
    }
    case 5: {
        const auto withdraw = withdraw_to_account(self, value, random_key(any_key()), body.nonce);
        return ask("withdraw", archive(withdraw.withdraw));
    }
    default: {
        const auto withdraw = withdraw_to_note(self, value, 1 + below(1'000'000), body.nonce);
        return ask("withdraw", archive(withdraw.withdraw));
    }
    }
}

/// A stake that a contract owns.
void RandomTransactions::contract_stake(Draft& draft, const TipState& tip) {
    draft.kind = "stake of a contract";
    draft.body.gas_limit = percent(92) ? kDearLimit : kLimit;
    const ContractId self = contract();
    const std::size_t account = percent(60) ? 3 + below(kRandomKeys - 3) : 0;
    const auto known = stake_of(tip, account);
    const std::uint64_t have = balance_of(tip, self);
    const std::string function = percent(80) ? "must" : "call";
    if (have < 1'000 * kDusk && (!known || percent(50))) return deployed_money(draft, tip);
    if (!known || percent(30)) return begin_contract_stake(draft, self, account, 1'000 * kDusk + below(have + 1));
    const bool reward = percent(account == 0 ? 50 : 20);
    const std::uint64_t all = reward ? known->reward : known->amount ? known->amount->value + known->amount->locked : 5;
    const layouts::WithdrawToContract to{archived(random_key(account).public_key()),
                                         percent(40) ? all : 1 + below(all + 1), percent(80) ? "echo" : "panic",
                                         archived(bytes(20))};
    call(draft,
         {self, function,
          call_argument(kStakeContract, reward ? "withdraw_from_contract" : "unstake_from_contract", archive(to))});
}

void RandomTransactions::begin_contract_stake(Draft& draft, const ContractId& self, std::size_t account,
                                              std::uint64_t value) {
    const StakeParties parties{{random_key(account), random_key(account), percent(90) ? self : contract()}};
    const auto stake = archive(test::stake(parties, percent(93) ? value : value - 1));
    const layouts::ContractToContract to{kStakeContract, value, "stake_from_contract", archived(stake)};
    call(draft,
         {self, percent(80) ? "must" : "call", call_argument(kTransferContract, "contract_to_contract", archive(to))});
}

/// A call of generated code. It may call on: the argument begins with the id of a contract.
RandomTransactions::Call RandomTransactions::generated_leaf() {
    Bytes argument = base::to_bytes(live_.empty() || percent(80) ? generated_contract() : contract());
    base::append(argument, bytes(100));
    return {generated_contract(), "f" + std::to_string(below(4)), std::move(argument)};
}

std::optional<RandomTransactions::Call> RandomTransactions::feeder(const TipState& tip) {
    look_at(tip);
    if (live_generated_.empty()) return std::nullopt;
    auto out = generated_leaf();
    out.function = "f3";
    return out;
}

ContractId RandomTransactions::generated_contract() {
    return live_generated_[live_generated_.size() - 1 - below(std::min(live_generated_.size(), kContracts))];
}

RandomTransactions::Call RandomTransactions::leaf() {
    if (!live_generated_.empty() && percent(35)) return generated_leaf();
    const auto word = [this](std::uint64_t limit) { return static_cast<std::uint32_t>(below(limit)); };
    switch (below(20)) {
    case 0:
        return {contract(), "echo", bytes(2'000)};
    case 1:
        return {contract(), "put", words({4 * word(256), 1 + word(1'000'000)})};
    case 2:
        return {contract(), "put_and_trap", words({4 * word(256), 1 + word(1'000'000)})};
    case 3:
        return {contract(), "get", words({word(percent(90) ? 1'000 : 400'000)})};
    case 4:
        return {contract(), "emit", words({1 + word(20), word(100), word(100)})};
    case 5:
        return {contract(), "panic", base::to_bytes("a panic of the contract")};
    case 6:
        return {contract(), "panic", Bytes(3, std::byte{0xff})};
    case 7:
        return {contract(), percent(50) ? "spin" : "trap", {}};
    case 8:
        return {contract(), "recurse", {}};
    case 9:
        return {contract(), "long", words({percent(50) ? word(65'537) : 65'537 + word(100)})};
    case 10: {
        constexpr std::array<const char*, 6> kQuiet{"self_id", "caller", "callstack", "limit", "spent", "size"};
        return {contract(), kQuiet[below(kQuiet.size())], {}};
    }
    case 11: {
        constexpr std::array<const char*, 3> kData{"chain_id", "block_height", "public_sender"};
        return {contract(), "hd", base::to_bytes(kData[below(kData.size())])};
    }
    case 12: {
        base::Writer hash;
        hash.put(std::uint32_t{4}).put(base::view("hash")).put(archive(archived(bytes(100))));
        return {contract(), "hq", hash.take()};
    }
    case 13:
        return {contract(), "owner", percent(50) ? Bytes{} : base::to_bytes(contract())};
    case 14:
        return {contract(), percent(50) ? "init" : "not there", bytes(10)};
    case 15:
        return {percent(50) ? kStakeContract : kTransferContract, percent(50) ? "get_version" : "chain_id", {}};
    case 16:
        return {kTransferContract, "account", archive(archived(random_key(any_key()).public_key()))};
    case 17:
        return {kStakeContract, "get_stake", archive(archived(random_key(any_key()).public_key()))};
    case 18: {
        ContractId nobody{};
        nobody[7] = static_cast<std::byte>(below(256));
        return {nobody, "echo", bytes(10)};
    }
    default:
        return {kTransferContract, percent(50) ? "update_root" : "root", {}};
    }
}

RandomTransactions::Call RandomTransactions::tree(unsigned depth) {
    if (depth == 0) return leaf();
    return {contract(), percent(75) ? "call" : "must", nested(tree(depth - 1))};
}

Bytes RandomTransactions::nested(const Call& call) {
    const std::uint64_t limit = percent(80) ? 0 : below(1'000'000);
    return call_argument(call.contract, call.function, call.argument, limit);
}

ContractId RandomTransactions::contract() {
    const auto& from = live_.empty() || percent(5) ? contracts_ : live_;
    return from[from.size() - 1 - below(std::min(from.size(), kContracts))];
}

}  // namespace rues::chain::test
