#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/encoding.hpp"
#include "support/test_contract.hpp"
#include "vm/session.hpp"

namespace rues::vm::test {

inline constexpr std::uint64_t kGas = 100'000'000;

/// One machine for all tests of the program.
inline Machine& machine() {
    static const HostQueries queries;
    static const std::unique_ptr<Machine> made = [] {
        auto created = Machine::create({}, queries);
        if (!created) throw std::runtime_error(created.error().text);
        return std::move(*created);
    }();
    return *made;
}

inline Bytes bytes(std::string_view text) {
    return base::to_bytes(text);
}

inline std::uint32_t word_at(ByteView from, std::size_t at = 0) {
    return base::load_le<std::uint32_t>(from.data() + at);
}

inline std::int32_t code_of(const Receipt& receipt) {
    return static_cast<std::int32_t>(word_at(receipt.data));
}

/// Tests of calls start from a state with the proxies 1, 2 and 3, of owner "owner".
class CallTest : public ::testing::Test {
protected:
    static constexpr std::uint64_t kHeight = 0x1122334455667788;

    void SetUp() override {
        static const std::shared_ptr<const State> deployed = [] {
            auto session = Session::of_block(machine(), State::empty(), {});
            for (const unsigned number : {1U, 2U, 3U}) {
                const auto receipt = session.deploy(contract_id(number), proxy_contract(), bytes("owner"), {}, kGas);
                if (!receipt) throw std::runtime_error(receipt.error().debug);
            }
            return std::move(session).commit().value().state;
        }();
        state_ = deployed;
    }

    Session block() { return Session::of_block(machine(), state_, {.chain_id = 0x42, .height = kHeight}); }
    Session query(QueryLimits limits = {}) {
        return Session::of_query(machine(), state_, {.chain_id = 0x42, .height = kHeight}, std::move(limits));
    }

    static std::expected<Receipt, Failure> call(Session& session, std::string_view function, ByteView argument = {},
                                                std::uint64_t gas = kGas, unsigned contract = 1) {
        return session.call(contract_id(contract), function, argument, gas);
    }
    /// Proxy 1 calls `contract`, which calls on as the argument says.
    static std::expected<Receipt, Failure> nested(Session& session, unsigned contract, std::string_view function,
                                                  ByteView argument = {}, std::uint64_t limit = 0) {
        return call(session, "call", call_argument(contract_id(contract), function, argument, limit));
    }
    static std::uint32_t get(Session& session, std::uint32_t address, unsigned contract = 1) {
        return word_at(call(session, "get", words({address}), kGas, contract).value().data);
    }
    static Failure::Kind kind(const std::expected<Receipt, Failure>& result) {
        EXPECT_FALSE(result.has_value());
        return result ? Failure::Kind::unknown : result.error().kind;
    }

    std::shared_ptr<const State> state_;
};

}  // namespace rues::vm::test
