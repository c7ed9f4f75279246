#pragma once

#include "chain/genesis_file.hpp"
#include "crypto/fr.hpp"
#include "ledger/stake.hpp"
#include "unit/chain/fixtures.hpp"
#include "unit/phoenix/wallet.hpp"

/// Phoenix transactions for tests of a chain.
namespace rues::chain::test {

namespace wallet = phoenix::test;

/// The default genesis with the notes of Rusk's benchmark in place of its own (docs/reference/phoenix-and-plonk.md
/// 2.4).
inline std::string bench_genesis() {
    std::string out(default_genesis().substr(0, default_genesis().find("[[phoenix_balance]]")));
    for (std::uint64_t i = 0; i < 100; ++i) {
        out += "[[phoenix_balance]]\naddress = \"" + wallet::bench_key(i).public_key().text() +
               "\"\nseed = 57005\nnotes = [10_000_000_000]\n";
    }
    return out;
}
inline constexpr std::uint8_t kBenchChain = 250;

/// A recorded transaction in the form of today: its fee goes back to the change note. That changes neither id nor
/// proof (docs/reference/phoenix-and-plonk.md 3.7, 3.8).
inline ledger::Transaction recorded_transfer(std::size_t index) {
    ledger::Phoenix body = *wallet::bench_transaction(index).phoenix();
    std::ranges::copy(base::ByteView(body.outputs[1]).subspan(33, 64), body.fee_stealth_address.begin());
    std::ranges::copy(base::ByteView(body.outputs[1]).subspan(173, 129), body.fee_sender.begin());
    return ledger::Transaction(std::move(body));
}

inline base::Hash32 nullifier(std::uint64_t number) {
    return crypto::Fr(number).bytes();
}

/// A transaction that nobody proved. Where proofs are not checked it spends.
struct Shielded {
    std::vector<base::Hash32> nullifiers{nullifier(1)};
    base::Hash32 root{};
    std::uint64_t gas_price = 1;
    std::uint64_t gas_limit = 100'000'000;
    std::uint64_t deposit = 0;
    std::uint8_t chain_id = 0;
    ledger::Data data{};
    std::byte proof{};

    ledger::Transaction tx() const {
        ledger::Phoenix body = *recorded_transfer(0).phoenix();
        body.chain_id = chain_id;
        body.root = root;
        body.nullifiers = nullifiers;
        body.gas_limit = gas_limit;
        body.gas_price = gas_price;
        body.max_fee = gas_limit * gas_price;
        body.deposit = deposit;
        body.data = data;
        body.proof.assign(1'008, proof);
        return ledger::Transaction(std::move(body));
    }
};
/// Argument of `convert`: pays the deposit to profile 2, whose signature names the nullifiers
/// (docs/reference/ledger.md 1.8).
inline base::Bytes convert_to_account(const std::vector<base::Hash32>& nullifiers, std::uint64_t value) {
    const auto& receiver = profile(2);
    base::Writer message;
    message.put(base::ByteView(ledger::kTransferContract))
        .put(value)
        .put(base::ByteView(receiver.public_key().bytes()));
    std::vector<wire::layouts::Scalar> token;
    for (const auto& each : nullifiers) {
        message.put(base::ByteView(each));
        token.push_back({crypto::scalar_to_montgomery(each).value()});
    }
    wire::layouts::Withdraw out;
    out.receiver = ledger::archived(receiver.public_key());
    out.token = std::move(token);
    out.signature = wire::layouts::BlsSignature{receiver.sign(message.bytes()).raw()};
    out.contract = ledger::kTransferContract;
    out.value = value;
    return wire::rkyv::archive(out);
}

inline constexpr std::byte kBadProof{0xff};  ///< of a `Shielded` that `checked_by_name` refuses

/// Takes every proof that is not `kBadProof`.
inline std::vector<bool> checked_by_name(std::span<const ledger::Transaction* const> transactions,
                                         const std::optional<base::ByteArray<32>>&) {
    std::vector<bool> out;
    for (const auto* tx : transactions) out.push_back(tx->phoenix()->proof.front() != kBadProof);
    return out;
}

}  // namespace rues::chain::test
