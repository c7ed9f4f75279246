// Proofs of transactions: their CPU time on one core, next to the multi-scalar multiplications that a proof is made of,
// by blst, in the same run; and where the time goes, on one core and on two, with the most memory that a proof takes.
#include <malloc.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "crypto/hash.hpp"
#include "phoenix/circuits/setup.hpp"
#include "phoenix/circuits/transaction.hpp"
#include "plonk/prover/known_tau.hpp"
#include "plonk/prover/reference_string.hpp"
#include "plonk/verifier.hpp"
#include "prover/parts.hpp"
#include "support/measure.hpp"
#include "support/recorded.hpp"

namespace {

using namespace rues;
using namespace rues::bench;
using crypto::Fr;
using plonk::Engine;

constexpr int kRounds = 3;
constexpr std::size_t kCommitments = 11;  // of a proof
constexpr double kPromised = 2;

phoenix::TransactionWitness recorded_input(std::string_view name) {
    std::string hex = recorded::read_file(std::string(RUES_TEST_DATA) + "/prover/" + std::string(name) + ".hex");
    hex.erase(hex.find_last_not_of('\n') + 1);
    auto out = phoenix::TransactionWitness::decode(*base::from_hex(hex));
    require(out.has_value(), "a recorded input does not decode");
    return std::move(*out);
}

/// The tasks on two threads.
void on_two_cores(std::size_t count, const plonk::Task& task) {
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        for (std::size_t i = next++; i < count; i = next++) task(i);
    };
    const std::jthread other(work);
    work();
}

double clock_us() {
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// The most memory that the program has had since the last call, in GiB. The first call says what it has.
double peak_gib_since_last() {
    double kib = 0;
    std::ifstream status("/proc/self/status");
    for (std::string name; status >> name; status.ignore(1'000, '\n')) {
        if (name == "VmHWM:") status >> kib;
    }
    require(kib > 0, "the system does not tell the memory");
    ::malloc_trim(0);
    std::ofstream("/proc/self/clear_refs") << "5";  // proc(5): from now on the peak is what the program has
    return kib / (1 << 20);
}

/// An engine and its threads, and what proofs by it took in each round.
struct Way {
    std::string_view name;
    const Engine& engine;
    plonk::Executor executor;
    double (*now)();
    std::array<std::vector<double>, kParts> us{};
    std::vector<double> total_us{};
    double peak_gib = 0;
};

/// The circuit of one number of inputs, its keys and its measurements.
struct Subject {
    std::size_t inputs;
    plonk::Compiled compiled;
    phoenix::TransactionWitness witness;
    Row sums, proof;

    Subject(std::size_t inputs_, std::string_view name, const Engine& keys)
        : inputs(inputs_), compiled(compile(keys, inputs_)), witness(recorded_input(name)) {
        sums.name = fmt::format("{} sums of blst, {} points", kCommitments, size());
        proof.name = "a proof";
        proof.peer = &sums;
        proof.promised = kPromised;
    }

    static plonk::Compiled compile(const Engine& keys, std::size_t inputs) {
        auto out = plonk::compile(phoenix::transaction_circuit(inputs), base::view(phoenix::kProofLabel),
                                  plonk::opening_key_of(plonk::developer_tau()), keys);
        require(out.has_value(), "a circuit does not compile");
        return std::move(*out);
    }

    std::size_t size() const { return compiled.key.domain().size(); }

    void prove(Way& way) const {
        (void)peak_gib_since_last();
        const PartTimes times(way.engine, way.now);
        const auto assignment = phoenix::compose(witness, plonk::Composer::Record::values).assignment;
        base::ByteArray<plonk::Blinders::kBytes> random;
        crypto::chacha12(crypto::chacha12_key(0xbeef), random);
        const auto note = [&times](plonk::ProverStep step) { return times.begin(step), true; };
        const auto made = plonk::prove(compiled.key, assignment, plonk::Blinders(random), plonk::Version::v3,
                                       {times, way.executor, note});
        times.begin(Part::openings);
        way.peak_gib = std::max(way.peak_gib, peak_gib_since_last());
        require(made.has_value(), "no proof");
        require(plonk::verify(compiled.key.data(), *made, assignment.inputs, plonk::Version::v3), "a wrong proof");
        for (std::size_t i = 0; i < kParts; ++i) way.us[i].push_back(times.us(static_cast<Part>(i)));
        way.total_us.push_back(times.total_us());
    }

    void sum_by_blst(std::span<const blst_p1_affine> powers) const {
        std::vector<base::ByteArray<32>> scalars(size());
        Fr next(7);
        for (auto& scalar : scalars) scalar = (next = next.squared() + Fr(1)).bytes();
        std::vector<std::uint64_t> scratch(blst_p1s_mult_pippenger_scratch_sizeof(size()) / 8);
        const blst_p1_affine* const points[] = {powers.data(), nullptr};
        const byte* const bytes[] = {base::u8(base::ByteView(scalars.front())), nullptr};
        for (std::size_t i = 0; i < kCommitments; ++i) {
            blst_p1 out;
            blst_p1s_mult_pippenger(&out, points, size(), bytes, 255, scratch.data());
        }
    }
};

void print_parts(const std::vector<const Way*>& ways) {
    const auto cell = [](double us, double of_us) {
        return fmt::format("{:>14.3f} s {:>4.0f} %", us / 1e6, 100 * us / of_us);
    };
    fmt::print("{:<42}", "Where the time of a proof goes");
    for (const Way* way : ways) fmt::print("{:>23}", way->name);
    for (std::size_t i = 0; i < kParts; ++i) {
        fmt::print("\n   {:<39}", kPartNames[i]);
        for (const Way* way : ways) fmt::print("{}", cell(median(way->us[i]), median(way->total_us)));
    }
    fmt::print("\n   {:<39}", "all of it");
    for (const Way* way : ways) fmt::print("{}", cell(median(way->total_us), median(way->total_us)));
    fmt::print("\n   {:<39}", "most memory of the program");
    for (const Way* way : ways) fmt::print("{:>14.3f} GiB     ", way->peak_gib);
    fmt::print("\n");
    std::fflush(stdout);
}

}  // namespace

/// An argument is the number of rounds.
int main(int argc, char** argv) {
    const int rounds = argc > 1 ? std::atoi(argv[1]) : kRounds;
    require(rounds > 0, "there must be a round");
    const Fr tau = plonk::developer_tau();
    const auto powers = plonk::powers_of(tau, phoenix::kPowersOfTau, on_two_cores);
    const plonk::KnownTauEngine keys(tau, phoenix::kPowersOfTau, on_two_cores);
    const plonk::CpuEngine on_one(powers, plonk::in_order);
    const plonk::CpuEngine on_two(powers, on_two_cores);
    bool kept = true;
    for (const auto& [inputs, name] : {std::pair{1, "tx_circuit_one_input"}, {4, "tx_circuit_four_inputs"}}) {
        Subject subject(static_cast<std::size_t>(inputs), name, keys);
        Way one{"one core, CPU", on_one, plonk::in_order, &thread_cpu_us};
        Way two{"two cores, clock", on_two, on_two_cores, &clock_us};
        for (int round = 0; round < rounds; ++round) {
            subject.sums.us.push_back(cpu_us_of(1, [&] { subject.sum_by_blst(powers); }));
            subject.prove(one);
            subject.prove(two);
        }
        subject.proof.us = one.total_us;
        kept = print(fmt::format("A proof of a transaction with {} input{}, one core", inputs, inputs == 1 ? "" : "s"),
                     {&subject.sums, &subject.proof}) &&
               kept;
        print_parts({&one, &two});
    }
    return kept ? 0 : 1;
}
