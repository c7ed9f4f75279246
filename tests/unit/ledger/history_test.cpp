#include "ledger/history.hpp"

#include <gtest/gtest.h>

#include "unit/ledger/accounts.hpp"
#include "wire/layouts.hpp"

namespace rues::ledger {
namespace {

namespace layouts = wire::layouts;
using base::Bytes;

const crypto::PublicKey& key(std::size_t index) {
    static const std::array keys{test::profile(0).public_key(), test::profile(1).public_key(),
                                 test::profile(2).public_key(), test::profile(3).public_key()};
    return keys[index];
}
AccountKey account(std::size_t index) {
    return key(index).bytes();
}
layouts::Key raw(std::size_t index) {
    return {key(index).raw()};
}

constexpr ContractId kOther{std::byte{9}};

ContractEvent event(std::string topic, Bytes data, const ContractId& contract = kTransferContract) {
    return {contract, std::move(topic), std::move(data), {}};
}

struct Paid {
    std::optional<std::size_t> receiver{};
    std::optional<std::pair<std::size_t, std::uint64_t>> refund{};
    std::string memo{};
};
/// Account 0 pays.
ContractEvent moonlight(const Paid& paid) {
    layouts::MoonlightEvent out;
    out.sender = raw(0);
    if (paid.receiver) out.receiver = raw(*paid.receiver);
    if (paid.refund) out.refund_info = layouts::KeyAndValue{raw(paid.refund->first), paid.refund->second};
    out.memo.assign(paid.memo.begin(), paid.memo.end());
    return event("moonlight", wire::rkyv::archive(out));
}
ContractEvent convert(layouts::Receiver to) {
    return event("convert", wire::rkyv::archive(layouts::ConvertEvent{raw(0), std::move(to), 5}));
}
ContractEvent withdraw(std::string topic, layouts::Receiver to, const ContractId& contract = kTransferContract) {
    return event(std::move(topic), wire::rkyv::archive(layouts::WithdrawEvent{std::move(to), kOther, 5}), contract);
}
ContractEvent to_account(std::size_t to) {
    return event("contract_to_account", wire::rkyv::archive(layouts::ContractToAccountEvent{kOther, raw(to), 5}));
}
ContractEvent deposit() {
    return event("deposit", wire::rkyv::archive(layouts::DepositEvent{raw(0), kOther, 5}));
}
ContractEvent between_contracts(std::string topic) {
    return event(std::move(topic), wire::rkyv::archive(layouts::ContractToContractEvent{kOther, kOther, 5}));
}
const layouts::Receiver kNote = layouts::StealthAddress{};

std::vector<AccountKey> accounts(const std::vector<std::size_t>& indices) {
    std::vector<AccountKey> out;
    for (const auto i : indices) out.push_back(account(i));
    std::ranges::sort(out);
    return out;
}

struct Case {
    const char* rule;
    std::vector<ContractEvent> events;
    std::vector<std::size_t> outflow;
    std::vector<std::size_t> inflow;
    std::vector<std::string> memos{};
};

// The rows of docs/reference/graphql.md 5.3, one case each.
TEST(History, entries_follow_the_rules_of_the_archive) {
    const std::vector<Case> cases{
        {"the sender always, the receiver if present", {moonlight({.receiver = 1})}, {0}, {1}},
        {"no receiver and nothing else happened: to self", {moonlight({})}, {0}, {0}},
        {"no receiver and something else happened", {deposit(), moonlight({})}, {0}, {}},
        {"a refund to another account", {moonlight({.receiver = 1, .refund = {{2, 7}}})}, {0}, {1, 2}},
        {"a refund of nothing", {moonlight({.receiver = 1, .refund = {{2, 0}}})}, {0}, {1}},
        {"a refund to the receiver is one entry", {moonlight({.receiver = 1, .refund = {{1, 7}}})}, {0}, {1}},
        {"to self by name", {moonlight({.receiver = 0})}, {0}, {0}},
        {"a memo", {moonlight({.receiver = 1, .memo = "hi"})}, {0}, {1}, {"hi"}},
        {"converted to an account", {convert(raw(3)), moonlight({})}, {0}, {3}},
        {"converted to oneself", {convert(raw(0)), moonlight({})}, {0}, {0}},
        {"converted to a note", {convert(kNote), moonlight({})}, {0}, {}},
        {"withdrawn to an account", {withdraw("withdraw", raw(3)), moonlight({})}, {0}, {3}},
        {"withdrawn to a note", {withdraw("withdraw", kNote), moonlight({})}, {0}, {}},
        {"minted to an account", {withdraw("mint", raw(3)), moonlight({})}, {0}, {3}},
        {"paid by a contract", {to_account(2), moonlight({})}, {0}, {2}},
        {"one account and transaction is recorded once", {to_account(2), to_account(2), moonlight({})}, {0}, {2}},
        {"a deposit alone", {deposit()}, {}, {}},
        {"between contracts", {between_contracts("contract_to_contract"), between_contracts("mint_c")}, {}, {}},
        {"a transaction with notes", {event("phoenix", Bytes(10))}, {}, {}},
        {"the same event of another contract", {withdraw("withdraw", raw(3), kStakeContract)}, {}, {}},
        {"what cannot be decoded", {event("moonlight", Bytes(10)), to_account(1)}, {}, {1}},
        {"another topic", {event("Moonlight", moonlight({.receiver = 1}).data)}, {}, {}},
    };
    for (const Case& c : cases) {
        const auto found = history_entries(c.events);
        EXPECT_EQ(found.outflow, accounts(c.outflow)) << c.rule;
        EXPECT_EQ(found.inflow, accounts(c.inflow)) << c.rule;
        std::vector<Bytes> memos;
        for (const auto& memo : c.memos) memos.push_back(base::to_bytes(memo));
        EXPECT_EQ(found.memos, memos) << c.rule;
        EXPECT_EQ(found.empty(), c.outflow.empty() && c.inflow.empty() && c.memos.empty()) << c.rule;
    }
}

TEST(History, a_malformed_key_makes_no_entry) {
    layouts::MoonlightEvent broken;
    broken.sender.bytes.fill(std::byte{0xff});
    broken.receiver = raw(1);
    const std::vector<ContractEvent> events{event("moonlight", wire::rkyv::archive(broken))};
    EXPECT_TRUE(history_entries(events).outflow.empty());
    EXPECT_EQ(history_entries(events).inflow, accounts({1}));
}

}  // namespace
}  // namespace rues::ledger
