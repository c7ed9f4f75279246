#pragma once

#include "crypto/fr.hpp"
#include "crypto/jubjub_archive.hpp"
#include "crypto/schnorr.hpp"
#include "ledger/stake.hpp"

/// Arguments of the genesis contracts that carry signatures of their own (docs/reference/ledger.md 1.8, 8.2), also
/// wrong ones.
namespace rues::chain::test {

namespace layouts = wire::layouts;
using ledger::archived;
using ledger::SignedWithdraw;
using ledger::withdraw_to_account;

inline layouts::Bytes archived(base::ByteView bytes) {
    return {base::u8(bytes), base::u8(bytes) + bytes.size()};
}

/// A test that wants a wrong signature of the owner gives another key.
struct StakeParties : ledger::StakeParties {
    bool bad_account_signature = false;

    layouts::StakeKeys keys() const { return ledger::stake_keys(*this); }
    template <typename Argument>
    Argument spoilt(Argument argument) const {
        if (bad_account_signature) argument.signature.account = {account.sign(base::Bytes(7)).raw()};
        return argument;
    }
};

inline layouts::Stake stake(const StakeParties& parties, std::uint64_t value, std::uint8_t chain_id = 0) {
    return parties.spoilt(ledger::stake(parties, value, chain_id));
}

/// To a note whose key is `secret` times the generator: what matters to the contract is that its owner signs.
inline SignedWithdraw withdraw_to_note(const ledger::ContractId& contract, std::uint64_t value, std::uint64_t secret,
                                       std::uint64_t nonce) {
    const crypto::JubJubPoint note_key = crypto::jubjub_generator() * crypto::Fl(secret);
    const crypto::JubJubPoint random_key = crypto::jubjub_generator() * crypto::Fl(secret + 1);
    base::Writer message;
    message.put(contract).put(value).put(random_key.encode()).put(note_key.encode()).put(nonce);
    const auto digest = crypto::Fr::from_bytes(crypto::hash_to_scalar(message.bytes())).value();
    const auto signature = crypto::schnorr_sign(crypto::Fl(secret), digest, crypto::Fl(secret + 2));
    layouts::Withdraw out;
    layouts::StealthAddress address;
    std::ranges::copy(crypto::jubjub_to_archive(random_key), address.bytes.begin());
    std::ranges::copy(crypto::jubjub_to_archive(note_key), address.bytes.begin() + 160);
    out.receiver = address;
    out.token = nonce;
    layouts::SchnorrSignature archive;
    std::ranges::copy(signature.u.montgomery(), archive.bytes.begin());
    std::ranges::copy(crypto::jubjub_to_archive(signature.nonce), archive.bytes.begin() + 32);
    out.signature = archive;
    out.contract = contract;
    out.value = value;
    base::Writer encoded;
    encoded.put(signature.u.bytes()).put(signature.nonce.encode());
    return {out, message.take(), encoded.take()};
}

/// Argument of the stake contract's `unstake` and `withdraw`.
inline layouts::StakeWithdraw stake_withdraw(const StakeParties& parties, const SignedWithdraw& transfer) {
    return parties.spoilt(ledger::stake_withdraw(parties, transfer));
}

}  // namespace rues::chain::test
