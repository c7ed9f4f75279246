#include "phoenix/notes.hpp"

#include "chain/admission.hpp"
#include "chain/genesis_file.hpp"
#include "chain/spend_check.hpp"
#include "phoenix/scan.hpp"
#include "phoenix/verification.hpp"
#include "plonk/version.hpp"
#include "support/measure.hpp"
#include "unit/chain/machine.hpp"
#include "unit/chain/notes.hpp"

namespace rues::bench {
namespace {

constexpr int kRounds = 15;
constexpr std::size_t kLeaves = 512;
constexpr double kNotesPerSecond = 20'000;

namespace test = chain::test;

/// The state of a chain that begins with the notes that the recorded transactions spend.
class BenchState final : public chain::AdmissionState {
public:
    BenchState()
        : asked_(
              chain::genesis_state(test::machine(), test::parts_of(chain::read_genesis(test::bench_genesis()).value()))
                  .value()) {}
    const chain::TipState& tip() const { return asked_.tip(); }
    ledger::Account account(const crypto::PublicKey& key) const override { return asked_.account(key); }
    std::vector<base::Hash32> spent_nullifiers(std::span<const base::Hash32> nullifiers) const override {
        return asked_.tip().spent_nullifiers(nullifiers).value();
    }
    bool transaction_exists(const ledger::TxId&) const override { return false; }
    bool failed() const noexcept override { return false; }

private:
    test::Asked asked_;
};

bool has_good_proof(const ledger::Transaction& tx) {
    const auto* const one = &tx;
    return phoenix::verify_proofs({&one, 1}, plonk::Version::v1, std::nullopt).front();
}

void preverify(base::ByteView bytes, const BenchState& state) {
    const auto tx = ledger::Transaction::decode(bytes);
    require(tx.has_value(), "the recorded transaction does not decode");
    const chain::Mempool pool;
    const chain::AdmissionRules rules;
    require(!chain::check_before_signature(*tx, rules, chain::pool_facts(*tx, rules, pool), state), "a check failed");
    require(has_good_proof(*tx), "the recorded proof is bad");
    require(!chain::spend_check(state.tip(), *tx, state), "the gas limit does not suffice");
}

/// Leaves of notes to strangers: most leaves that a scan reads are of this kind.
base::Bytes leaves() {
    base::Bytes out;
    for (std::size_t i = 0; i < kLeaves; ++i) {
        base::append(out, test::wallet::bench_genesis_note(i % 8));
        out.resize(out.size() + 8);
    }
    return out;
}

}  // namespace

bool measure_notes() {
    const BenchState state;
    const auto tx = test::recorded_transfer(0);
    const auto bytes = tx.encode(ledger::Envelope::aegis);
    const auto list = leaves();
    const auto key = test::wallet::bench_key(99).view_key();

    Row proof{"the proof of a recorded transfer of notes"};
    Row decoding{"its decoding: twenty points", {}, &proof};
    Row whole{"its preverify", {}, &proof, 1.3};
    Row scan{"scan, one leaf", {}, &proof};
    for (int round = 0; round < kRounds; ++round) {
        proof.us.push_back(cpu_us_of(4, [&] { require(has_good_proof(tx), "the recorded proof is bad"); }));
        decoding.us.push_back(cpu_us_of(4, [&] { require(ledger::Transaction::decode(bytes).has_value(), "decode"); }));
        whole.us.push_back(cpu_us_of(4, [&] { preverify(bytes, state); }));
        scan.us.push_back(cpu_us_of(1, [&] { require(phoenix::scan(key, list).value().empty(), "scan"); }) / kLeaves);
    }
    const bool kept = print("Notes, one core", {&proof, &decoding, &whole, &scan});
    const double per_second = 1e6 / scan.median_us();
    fmt::print("{:.0f} notes scanned in a CPU second (promised: {:.0f})\n", per_second, kNotesPerSecond);
    return kept && per_second >= kNotesPerSecond;
}

}  // namespace rues::bench
