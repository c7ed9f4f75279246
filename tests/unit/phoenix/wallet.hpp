#pragma once

#include <array>

#include "base/encoding.hpp"
#include "base/endian.hpp"
#include "crypto/hash.hpp"
#include "ledger/genesis_notes.hpp"
#include "phoenix/note.hpp"
#include "support/recorded.hpp"

namespace rues::phoenix::test {

/// Scalars that Rust's StdRng gives with this seed, 64 bytes each (docs/reference/phoenix-and-plonk.md 1.5).
class Draws {
public:
    explicit Draws(std::uint64_t seed) : key_(crypto::chacha12_key(seed)) {}
    Fl scalar() {
        ByteArray<64> wide;
        fill(wide);
        return Fl::from_wide(wide);
    }
    void fill(std::span<std::byte> out) {
        base::Bytes stream(at_ + out.size());
        crypto::chacha12(key_, stream);
        std::ranges::copy(std::span(stream).subspan(at_), out.begin());
        at_ += out.size();
    }
    SecretKey key() {
        const Fl a = scalar();
        return {a, scalar()};
    }

private:
    base::Hash32 key_;
    std::size_t at_ = 0;
};

/// Owner of genesis note `index` and sender of transaction `index` of Rusk's recorded benchmark: key `index` of the
/// seed of zeros (docs/reference/phoenix-and-plonk.md 6.3).
inline SecretKey bench_key(std::uint64_t index) {
    return SecretKey::derive({}, index);
}
/// Genesis note `index` of that benchmark: 10 DUSK, seed 57005 (docs/reference/phoenix-and-plonk.md 2.4).
inline ledger::ArchivedNote bench_genesis_note(std::uint64_t index) {
    const ledger::GenesisNotes entry{bench_key(index).public_key().bytes(), 57005, {10'000'000'000}};
    auto note = ledger::genesis_notes(entry).value().front();
    base::store_le(note.data() + 648, index);
    return note;
}
/// Transaction 0 or 59 of that benchmark, as a node refused it for its old form (scenarios.json).
inline constexpr std::size_t kRecorded[] = {0, 59};
inline ledger::Transaction bench_transaction(std::size_t index) {
    static const auto recorded = recorded::load("scenarios.json");
    for (const auto& scenario : recorded.at("scenarios").as_array()) {
        if (scenario.at("name").as_string() != "phoenix-foreign") continue;
        return ledger::Transaction::decode(
                   recorded::hex(scenario.at("steps").as_array().at(index == 0 ? 0 : 1).at("tx")))
            .value();
    }
    std::abort();
}

}  // namespace rues::phoenix::test
