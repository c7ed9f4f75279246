#include "chain/tip_state.hpp"

#include <gtest/gtest.h>

#include "machine.hpp"
#include "wire/layouts.hpp"

namespace rues::chain {
namespace {

using ledger::kStakeContract;
using ledger::kTransferContract;
using test::Asked;
using test::profile;

const Asked& genesis() {
    static const Asked asked(test::default_genesis_state());
    return asked;
}

// docs/reference/ledger.md 8.5 and 11.3.
TEST(TipState, accounts_are_those_of_the_genesis_and_unknown_ones_are_zero) {
    const auto unknown = crypto::account_key(crypto::Seed{}, 42).public_key();

    EXPECT_EQ(genesis().account(0), (ledger::Account{0, 1'001'000'000'000'000}));
    EXPECT_EQ(genesis().account(1), (ledger::Account{0, 80'800'000'000'000}));
    EXPECT_EQ(genesis().account(unknown), ledger::Account{});
}

TEST(TipState, functions_answer_as_recorded) {
    const auto call = [](const ledger::ContractId& contract, std::string_view function, base::ByteView argument = {}) {
        return base::to_hex(genesis().tip().call(contract, function, argument).value());
    };

    EXPECT_EQ(call(kTransferContract, "chain_id"), "00");
    EXPECT_EQ(call(kTransferContract, "contract_balance", kStakeContract), "00204aa9d1010000");
    EXPECT_EQ(call(kTransferContract, "num_notes"), "1408000000000000");  // 2,068
    EXPECT_EQ(call(kStakeContract, "get_version"), "0800000000000000");
    EXPECT_EQ(call(kStakeContract, "get_config"), "0010a5d4e80000000100000000000000");
}

TEST(TipState, failures_say_what_is_wrong) {
    using Kind = QueryFailure::Kind;
    const auto& tip = genesis().tip();

    EXPECT_EQ(tip.call(kTransferContract, "no_such_function", {}).error().text, kNoFunction);
    EXPECT_EQ(tip.call({std::byte{9}}, "f", {}).error().kind, Kind::does_not_exist);
    EXPECT_EQ(tip.call(kStakeContract, "stakes", {}).error().text, kMissingFeed);
    const auto panic = tip.call(kTransferContract, "account", base::Bytes(3));
    EXPECT_EQ(panic.error().kind, Kind::panic);
    EXPECT_TRUE(panic.error().text.starts_with("Argument should correctly deserialize: ")) << panic.error().text;
}

TEST(TipState, only_what_was_asked_before_is_kept) {
    const Asked asked(test::default_genesis_state());
    const auto& tip = asked.tip();
    const auto key = profile(0).public_key();
    EXPECT_EQ(tip.kept(kTransferContract, "chain_id", {}), std::nullopt);
    EXPECT_EQ(tip.kept_account(key.bytes()), std::nullopt);

    const auto answer = tip.call(kTransferContract, "chain_id", {}).value();
    const auto account = tip.account(key).value();

    EXPECT_EQ(tip.kept(kTransferContract, "chain_id", {}), answer);
    EXPECT_EQ(tip.kept(kTransferContract, "chain_id", base::Bytes(1)), std::nullopt);
    EXPECT_EQ(tip.kept(kStakeContract, "chain_id", {}), std::nullopt);
    EXPECT_EQ(tip.kept_account(key.bytes()), account);
}

TEST(TipState, long_arguments_and_answers_are_not_kept) {
    const Asked asked(test::default_genesis_state());
    const auto& tip = asked.tip();
    const auto nullifiers = [](std::size_t n) { return wire::rkyv::archive(std::vector<wire::layouts::Scalar>(n)); };
    ASSERT_TRUE(tip.call(kTransferContract, "existing_nullifiers", nullifiers(10)));
    ASSERT_TRUE(tip.call(kTransferContract, "existing_nullifiers", nullifiers(1'000)));

    EXPECT_TRUE(tip.kept(kTransferContract, "existing_nullifiers", nullifiers(10)));
    EXPECT_FALSE(tip.kept(kTransferContract, "existing_nullifiers", nullifiers(1'000)));
}

TEST(TipState, no_more_than_the_bound_is_kept) {
    const Asked asked(test::default_genesis_state());
    const auto& tip = asked.tip();
    for (std::uint64_t i = 0; i <= TipState::kMaxAnswers; ++i) {
        const auto id = base::Writer().put(i).put(i).put(i).put(i).take();
        ASSERT_TRUE(tip.call(kTransferContract, "contract_balance", id));
    }
    const auto last = base::Writer().put(TipState::kMaxAnswers).take();

    EXPECT_TRUE(tip.kept(kTransferContract, "contract_balance", base::Bytes(32)));
    base::Bytes beyond;
    for (int i = 0; i < 4; ++i) base::append(beyond, last);
    EXPECT_FALSE(tip.kept(kTransferContract, "contract_balance", beyond));
}

TEST(TipState, accounts_are_counted_on_from_an_earlier_state_of_the_line) {
    const Asked asked(test::default_genesis_state());
    EXPECT_EQ(asked.tip().kept_account_count(), std::nullopt);
    EXPECT_EQ(asked.tip().account_count(), 4U);
    EXPECT_EQ(asked.tip().kept_account_count(), 4U);
    EXPECT_EQ(asked.tip().line()->accounts, 4U);

    const auto line = std::make_shared<TipState::Line>();
    line->accounts = 3;
    const TipState later(asked.tip().queries(), asked.tip().state(), asked.tip().environment(), asked.tip().hash(),
                         line);
    EXPECT_EQ(later.account_count(), 4U);
    line->accounts = 9;
    const TipState beyond(asked.tip().queries(), asked.tip().state(), asked.tip().environment(), asked.tip().hash(),
                          line);
    EXPECT_EQ(beyond.account_count(), 9U) << "so a line must not go on after blocks were taken back";
}

// docs/reference/ledger.md 8.7: the order of sync_accounts.
TEST(TipState, a_feeder_gives_its_items_in_order_until_the_sink_has_enough) {
    std::vector<std::string> keys;
    const auto sink = [&keys](base::ByteView item) {
        EXPECT_EQ(item.size(), 216U);
        keys.push_back(base::to_hex(item.subspan(16, 4)));
        return true;
    };
    ASSERT_TRUE(genesis().tip().feed(kTransferContract, "sync_accounts", base::Bytes(16), sink));
    EXPECT_EQ(keys, (std::vector<std::string>{"503c57bd", "95e671dd", "a70c3b64", "a7d4f3b3"}));

    std::size_t taken = 0;
    const auto stopped = genesis().tip().feed(kTransferContract, "sync_accounts", base::Bytes(16),
                                              [&taken](base::ByteView) { return ++taken < 2; });
    EXPECT_FALSE(stopped);
    EXPECT_EQ(taken, 2U);
}

TEST(TipState, a_query_that_nobody_waits_for_any_more_ends) {
    const auto fed = genesis().tip().feed(
        kTransferContract, "leaves_from_height", base::Bytes(8),
        [](base::ByteView) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));  // the ticks come every 10 ms
            return true;
        },
        [] { return true; });
    ASSERT_FALSE(fed);
    EXPECT_EQ(fed.error().kind, QueryFailure::Kind::deadline);
}

TEST(TipState, time_of_the_sink_does_not_count) {
    QueryBounds bounds;
    bounds.time = std::chrono::milliseconds(200);
    const Asked asked(test::default_genesis_state(), 0, bounds);
    std::size_t taken = 0;
    const auto fed = asked.tip().feed(kTransferContract, "sync_accounts", base::Bytes(16), [&taken](base::ByteView) {
        ++taken;
        std::this_thread::sleep_for(std::chrono::milliseconds(120));
        return true;
    });
    EXPECT_TRUE(fed);
    EXPECT_EQ(taken, 4U);
}

TEST(TipState, a_text_is_kept_once_it_was_made) {
    const Asked asked(test::default_genesis_state());
    EXPECT_EQ(asked.tip().kept_text("a"), nullptr);
    const auto made = asked.tip().keep_text("a", "text");
    EXPECT_EQ(asked.tip().kept_text("a"), made);
    EXPECT_EQ(*made, "text");
}

TEST(TipState, the_owner_of_a_contract_is_what_its_deployment_said) {
    const auto owner = genesis().tip().owner(kTransferContract);
    ASSERT_TRUE(owner);
    EXPECT_TRUE(base::equal(*owner, ledger::dusk_key().bytes()));
    EXPECT_EQ(genesis().tip().owner({std::byte{9}}), nullptr);
}

TEST(Ticker, ticks_only_while_somebody_needs_it) {
    std::atomic<int> ticks = 0;
    Ticker ticker([&ticks] { ++ticks; }, std::chrono::milliseconds(1));
    const auto rests = [&ticks] {
        for (;;) {
            const int before = ticks;
            std::this_thread::sleep_for(std::chrono::milliseconds(300));
            if (ticks == before) return;
        }
    };
    rests();
    for (int round = 0; round < 3; ++round) {
        const int before = ticks;
        {
            const Ticker::Need need(&ticker);
            while (ticks < before + 5) std::this_thread::yield();
        }
        rests();
    }
}

}  // namespace
}  // namespace rues::chain
