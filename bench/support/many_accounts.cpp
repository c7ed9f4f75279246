#include "support/many_accounts.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "chain/contract_calls.hpp"
#include "chain/default_state.hpp"
#include "chain/genesis_file.hpp"
#include "chain/origin.hpp"
#include "chain/stored_state.hpp"
#include "support/measure.hpp"
#include "wire/layouts.hpp"

namespace rues::bench {
namespace {

namespace calls = chain::calls;
namespace layouts = wire::layouts;

constexpr std::uint64_t kFirstSecret = 1'000'003;
constexpr std::uint64_t kBalance = 1'000'000'000'000;
constexpr std::size_t kBetweenKeeps = 256;  ///< a keep costs more than a call, and written memory is bounded

chain::GenesisParts parts_of(const ledger::Genesis& genesis) {
    return {genesis, vm::genesis_contracts(), chain::default_state()};
}

}  // namespace

/// The public keys in their order, raw.
struct ManyAccounts::Keys {
    static constexpr std::size_t kAtOnce = 256;

    Keys() {
        const auto first = ManyAccounts::key(0).public_key().point();
        blst_p2_from_affine(&next, &first);
    }
    base::ByteArray<193> take() {
        if (at == kAtOnce) {
            std::array<blst_p2, kAtOnce> points;
            for (auto& point : points) {
                point = next;
                blst_p2_add_or_double(&next, &next, blst_p2_generator());
            }
            const std::array<const blst_p2*, 2> all{points.data(), nullptr};
            blst_p2s_to_affine(affine.data(), all.data(), kAtOnce);
            at = 0;
        }
        base::ByteArray<193> out{};
        static_assert(sizeof affine[0] == 192);
        std::memcpy(out.data(), &affine[at++], sizeof affine[0]);
        return out;
    }

    blst_p2 next{};
    std::array<blst_p2_affine, kAtOnce> affine{};
    std::size_t at = kAtOnce;
};

ManyAccounts::ManyAccounts()
    : genesis_(*chain::read_genesis(chain::default_genesis())), keys_(std::make_unique<Keys>()) {
    auto machine = app::ContractMachine::create();
    require(machine.has_value(), machine ? "" : machine.error().text);
    machine_ = std::move(*machine);
    auto state = chain::genesis_state(**machine_, parts_of(genesis_));
    require(state.has_value(), state ? "" : state.error().text);
    state_ = std::move(*state);
}
ManyAccounts::~ManyAccounts() = default;

crypto::SecretKey ManyAccounts::key(std::size_t index) {
    const std::uint64_t secret = kFirstSecret + index;
    base::ByteArray<32> scalar{};
    std::memcpy(scalar.data(), &secret, sizeof secret);
    return *crypto::SecretKey::decode(scalar);
}

void ManyAccounts::grow_to(std::size_t count) {
    auto session = vm::Session::of_block(machine(), state_, {.height = 1});
    for (; count_ < count; ++count_) {
        const auto argument = wire::rkyv::archive(layouts::KeyAndValue{layouts::Key{keys_->take()}, kBalance});
        const auto added = session.call(ledger::kTransferContract, calls::kAddAccountBalance, argument,
                                        std::numeric_limits<std::uint64_t>::max());
        require(added.has_value(), "an account is refused");
        if (count_ % kBetweenKeeps == 0) require(session.keep().has_value(), "the accounts cannot be kept");
    }
    auto commit = std::move(session).commit();
    require(commit.has_value(), "the accounts cannot be committed");
    state_ = std::move(commit->state);
}

std::uint32_t ManyAccounts::pages() const {
    return state_->find(ledger::kTransferContract)->image.stored_pages();
}

void ManyAccounts::write(store::Store& store) const {
    require(store.set_origin(chain::origin_of(parts_of(genesis_), 0, false)).has_value() &&
                store.commit_genesis(genesis_.header(state_->root(), 1), chain::memory_of(*state_)).has_value(),
            "the accounts cannot be stored");
}

}  // namespace rues::bench
