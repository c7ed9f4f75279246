#include "phoenix/proofs.hpp"

#include <deque>
#include <fstream>

#include "base/encoding.hpp"
#include "crypto/hash.hpp"
#include "ledger/circuits.hpp"
#include "plonk/verifier.hpp"
#include "support/measure.hpp"

namespace rues::bench {
namespace {

using crypto::Fr;
using plonk::Proof;
using plonk::VerifierData;
using plonk::Version;

constexpr int kRounds = 15;

struct Statement {
    base::Bytes bytes;
    Proof proof;
    std::vector<Fr> inputs;
};

/// The recorded proofs of transactions with one input (tests/data/README.md).
std::vector<Statement> statements() {
    std::ifstream in(RUES_TEST_DATA "/plonk/transactions.txt");
    std::vector<Statement> out;
    unsigned notes = 0;
    for (std::string proof, inputs; in >> notes >> proof >> inputs;) {
        if (notes != 1) continue;
        const auto bytes = *base::from_hex(proof);
        Statement& each = out.emplace_back(bytes, Proof::decode(bytes).value());
        const auto scalars = *base::from_hex(inputs);
        for (std::size_t at = 0; at < scalars.size(); at += 32)
            each.inputs.push_back(*Fr::from_bytes(base::to_array<32>(base::ByteView(scalars).subspan(at, 32))));
    }
    require(out.size() >= 2, "there are no recorded proofs");
    return out;
}

struct Case {
    Row row;
    std::size_t items;          ///< verifications in one call of `run`
    std::function<void()> run;  ///< is repeated, so that one measurement takes some milliseconds

    void measure() {
        const std::size_t calls = std::max<std::size_t>(1, 16 / items);
        row.us.push_back(cpu_us_of(calls, run) / static_cast<double>(items));
    }
};

/// A batch of `count` proofs; the first `bad` of them are checked under another version.
std::vector<plonk::ProofItem> batch(const VerifierData& data, const std::vector<Statement>& from, std::size_t count,
                                    std::size_t bad) {
    std::vector<plonk::ProofItem> out;
    for (std::size_t i = 0; i < count; ++i) {
        const Statement& each = from[i % from.size()];
        out.push_back({&data, &each.proof, each.inputs, i < bad ? Version::v3 : Version::v1});
    }
    return out;
}

}  // namespace

bool measure_proofs() {
    const auto data = VerifierData::decode(ledger::transaction_circuits()[0].verifier_data).value();
    const auto all = statements();
    const Statement& one = all.front();
    const auto seed = crypto::sha256(base::view("coefficients"));
    const crypto::Pair pairs[] = {{one.proof.commitments[Proof::w_z].point(), data.opening_key().x_h},
                                  {one.proof.commitments[Proof::w_zw].point(), data.opening_key().h}};

    std::deque<Case> cases;
    cases.push_back({{"two pairings, one final exponentiation"}, 1, [&] {
                         require(!crypto::product_is_one(pairs), "the pairings cancel out");
                     }});
    const Row* const pairings = &cases.back().row;
    cases.push_back(
        {{"verify"}, 1, [&] { require(verify(data, one.proof, one.inputs, Version::v1), "a proof was refused"); }});
    const Row* const verification = &cases.back().row;
    cases.back().row.peer = pairings;
    cases.back().row.promised = 3;
    cases.push_back({{"verify, with Proof::decode"}, 1, [&] {
                         const auto proof = Proof::decode(one.bytes);
                         require(proof && verify(data, *proof, one.inputs, Version::v1), "a proof was refused");
                     }});
    cases.back().row.peer = pairings;
    for (const auto& [count, bad] : {std::pair<std::size_t, std::size_t>{4, 0}, {16, 0}, {64, 0}, {64, 1}, {64, 64}}) {
        cases.push_back({{fmt::format("verify_batch, {}, {} bad", count, bad)},
                         count,
                         [items = batch(data, all, count, bad), &seed, bad] {
                             const auto result = verify_batch(items, seed);
                             const auto wrong = static_cast<std::size_t>(std::ranges::count(result, false));
                             require(wrong == bad, "a batch gave a wrong answer");
                         }});
        cases.back().row.peer = verification;
        if (count == 64 && bad == 0) cases.back().row.promised = 0.25;
    }
    cases.push_back({{"Proof::decode"}, 1, [&] { require(Proof::decode(one.bytes).has_value(), "decode"); }});
    cases.back().row.peer = verification;
    cases.push_back({{"VerifierData::decode"}, 1, [&] {
                         const auto bytes = ledger::transaction_circuits()[0].verifier_data;
                         require(VerifierData::decode(bytes).has_value(), "decode");
                     }});
    cases.back().row.peer = verification;

    for (int round = 0; round < kRounds; ++round) {
        for (Case& each : cases) each.measure();
    }
    std::vector<const Row*> rows;
    for (const Case& each : cases) rows.push_back(&each.row);
    return print("Proofs of transactions with one input, one core", rows);
}

}  // namespace rues::bench
