#include "ledger/stake.hpp"

namespace rues::ledger {
namespace {

namespace layouts = wire::layouts;

layouts::StakeSignatures sign_both(const StakeParties& parties, ByteView message) {
    return {{parties.account.sign(message).raw()}, {parties.owner.sign(message).raw()}};
}

}  // namespace

layouts::Key archived(const crypto::PublicKey& key) {
    return {key.raw()};
}

layouts::StakeKeys stake_keys(const StakeParties& parties) {
    layouts::StakeKeys out;
    out.account = archived(parties.account.public_key());
    if (parties.owner_contract) {
        out.owner = *parties.owner_contract;
    } else {
        out.owner = archived(parties.owner.public_key());
    }
    return out;
}

layouts::Stake stake(const StakeParties& parties, std::uint64_t value, std::uint8_t chain_id) {
    base::Writer message;
    message.put(chain_id).put(parties.account.public_key().bytes());
    if (parties.owner_contract) {
        message.put(*parties.owner_contract).put(ByteArray<64>{});
    } else {
        message.put(parties.owner.public_key().bytes());
    }
    message.put(value);
    return {stake_keys(parties), value, sign_both(parties, message.bytes()), chain_id};
}

Bytes withdraw_message(const ContractId& contract, std::uint64_t value, ByteView receiver,
                       const layouts::ReplayToken& token) {
    base::Writer out;
    out.put(contract).put(value).put(receiver);
    if (const auto* nonce = std::get_if<std::uint64_t>(&token)) {
        out.put(*nonce);
    } else {
        for (const auto& nullifier : std::get<std::vector<layouts::Scalar>>(token))
            out.put(crypto::scalar_from_montgomery(nullifier.bytes).value_or(crypto::Scalar{}));
    }
    return out.take();
}

SignedWithdraw withdraw_to_account(const ContractId& contract, std::uint64_t value, const crypto::SecretKey& receiver,
                                   const layouts::ReplayToken& token) {
    auto message = withdraw_message(contract, value, receiver.public_key().bytes(), token);
    const auto signature = receiver.sign(message);
    layouts::Withdraw out;
    out.receiver = archived(receiver.public_key());
    out.token = token;
    out.signature = layouts::BlsSignature{signature.raw()};
    out.contract = contract;
    out.value = value;
    return {out, std::move(message), base::to_bytes(signature.bytes())};
}

layouts::StakeWithdraw stake_withdraw(const StakeParties& parties, const SignedWithdraw& withdrawal) {
    base::Writer message;
    message.put(parties.account.public_key().bytes()).put(withdrawal.message).put(withdrawal.signature);
    return {withdrawal.withdraw, archived(parties.account.public_key()), sign_both(parties, message.bytes())};
}

}  // namespace rues::ledger
