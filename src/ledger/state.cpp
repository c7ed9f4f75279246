#include "ledger/state.hpp"

#include "base/endian.hpp"
#include "crypto/hash.hpp"

namespace rues::ledger {

Bytes state_key(char tag, ByteView id) {
    return base::Writer(1 + id.size()).put(static_cast<std::byte>(tag)).put(id).take();
}

Bytes encode(const Account& account) {
    return base::Writer(16).put(account.nonce).put(account.balance).take();
}

Bytes encode(const Stake& stake) {
    base::Writer out(160);
    out.put(std::uint8_t{stake.amount.has_value()});
    if (stake.amount) out.put(stake.amount->value).put(stake.amount->locked).put(stake.amount->eligibility);
    out.put(stake.reward).put(stake.faults).put(stake.hard_faults).put(static_cast<std::uint8_t>(stake.owner.index()));
    std::visit([&](const auto& owner) { out.put(ByteView(owner)); }, stake.owner);
    return out.take();
}

Bytes encode_balance(std::uint64_t balance) {
    return base::Writer(8).put(balance).take();
}

std::optional<Account> decode_account(ByteView bytes) {
    if (bytes.size() != 16) return std::nullopt;
    return Account{base::load_le<std::uint64_t>(bytes.data()), base::load_le<std::uint64_t>(bytes.data() + 8)};
}

std::optional<Stake> decode_stake(ByteView bytes) {
    base::Reader in(bytes);
    Stake out;
    const auto has_amount = in.take<std::uint8_t>();
    if (!has_amount || *has_amount > 1) return std::nullopt;
    if (*has_amount == 1) {
        const auto amount = in.take_array<24>();
        if (!amount) return std::nullopt;
        out.amount =
            StakeAmount{base::load_le<std::uint64_t>(amount->data()), base::load_le<std::uint64_t>(amount->data() + 8),
                        base::load_le<std::uint64_t>(amount->data() + 16)};
    }
    const auto rest = in.take_array<11>();
    if (!rest) return std::nullopt;
    out.reward = base::load_le<std::uint64_t>(rest->data());
    out.faults = base::load_le<std::uint8_t>(rest->data() + 8);
    out.hard_faults = base::load_le<std::uint8_t>(rest->data() + 9);
    const auto kind = base::load_le<std::uint8_t>(rest->data() + 10);
    if (kind == 0 && in.remaining() == 96) {
        out.owner = *in.take_array<96>();
    } else if (kind == 1 && in.remaining() == 32) {
        out.owner = *in.take_array<32>();
    } else {
        return std::nullopt;
    }
    return out;
}

std::optional<std::uint64_t> decode_balance(ByteView bytes) {
    if (bytes.size() != 8) return std::nullopt;
    return base::load_le<std::uint64_t>(bytes.data());
}

namespace {

std::array<std::uint16_t, 1024> words_of(ByteView key, ByteView value) {
    Bytes input = base::to_bytes(key);
    base::append(input, value);
    ByteArray<2048> bytes;
    crypto::shake128(input, bytes);
    std::array<std::uint16_t, 1024> out;
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = base::load_le<std::uint16_t>(bytes.data() + 2 * i);
    return out;
}

}  // namespace

void StateCommitment::add(ByteView key, ByteView value) {
    const auto words = words_of(key, value);
    for (std::size_t i = 0; i < sum_.size(); ++i) sum_[i] = static_cast<std::uint16_t>(sum_[i] + words[i]);
}

void StateCommitment::remove(ByteView key, ByteView value) {
    const auto words = words_of(key, value);
    for (std::size_t i = 0; i < sum_.size(); ++i) sum_[i] = static_cast<std::uint16_t>(sum_[i] - words[i]);
}

ByteArray<2048> StateCommitment::encode() const {
    ByteArray<2048> out;
    for (std::size_t i = 0; i < sum_.size(); ++i) base::store_le(out.data() + 2 * i, sum_[i]);
    return out;
}

StateCommitment StateCommitment::decode(const ByteArray<2048>& bytes) {
    StateCommitment out;
    for (std::size_t i = 0; i < out.sum_.size(); ++i) out.sum_[i] = base::load_le<std::uint16_t>(bytes.data() + 2 * i);
    return out;
}

Hash32 StateCommitment::hash() const {
    return crypto::sha3_256(encode());
}

namespace {

/// Skips an entry that did not change: removing and adding it would cancel out, at the cost of two hashes.
void replace(StateCommitment& commitment, const Bytes& key, const std::optional<Bytes>& before,
             const std::optional<Bytes>& after) {
    if (before == after) return;
    if (before) commitment.remove(key, *before);
    if (after) commitment.add(key, *after);
}

}  // namespace

StateCommitment commitment_of(const StateChanges& state) {
    StateCommitment out;
    for (const auto& [key, account] : state.accounts) out.add(state_key('a', key), encode(account));
    for (const auto& [key, stake] : state.stakes) {
        if (stake) out.add(state_key('s', key), encode(*stake));
    }
    for (const auto& [id, balance] : state.contract_balances) out.add(state_key('c', id), encode_balance(balance));
    return out;
}

void update(StateCommitment& commitment, const StateChanges& changes, const StateReader& before) {
    for (const auto& [key, account] : changes.accounts) {
        const auto old = before.account(key);
        replace(commitment, state_key('a', key), old ? std::optional(encode(*old)) : std::nullopt, encode(account));
    }
    for (const auto& [key, stake] : changes.stakes) {
        const auto old = before.stake(key);
        replace(commitment, state_key('s', key), old ? std::optional(encode(*old)) : std::nullopt,
                stake ? std::optional(encode(*stake)) : std::nullopt);
    }
    for (const auto& [id, balance] : changes.contract_balances) {
        const auto old = before.contract_balance(id);
        replace(commitment, state_key('c', id), old ? std::optional(encode_balance(*old)) : std::nullopt,
                encode_balance(balance));
    }
}

}  // namespace rues::ledger
