#pragma once

#include "crypto/secret.hpp"
#include "plonk/composer/circuit.hpp"
#include "plonk/prover/engine.hpp"
#include "plonk/prover/executor.hpp"
#include "plonk/prover/prover_key.hpp"
#include "plonk/rounds.hpp"

/// Makes PLONK proofs as dusk-plonk does: the same blinders give the same bytes
/// (docs/reference/phoenix-and-plonk.md 5.4).
namespace rues::plonk {

/// The random numbers that hide the witnesses of one proof. They are wiped when they are dropped.
class Blinders {
public:
    static constexpr std::size_t kCount = 14;
    static constexpr std::size_t kBytes = kCount * 64;

    /// `random` must be drawn anew for each proof, from a source that nobody can guess: two proofs with the same
    /// blinders, or with known ones, give witnesses away.
    explicit Blinders(std::span<const std::byte, kBytes> random) noexcept;
    const Fr& operator[](std::size_t i) const noexcept { return (*values_)[i]; }

private:
    crypto::Secret<std::array<Fr, kCount>> values_;
};

/// The steps of a proof, in order.
enum class ProverStep : std::uint8_t { check, wires, permutation, quotient, evaluations, openings };

/// How often a whole proof calls `ProverTools::go_on`, for who shows its progress.
inline constexpr std::size_t kProverCalls = 11;

/// The engine and the threads that make a proof.
struct ProverTools {
    const Engine& engine;
    const Executor& executor;
    /// When it is set, `prove` calls it before each step, and stops when it returns false. The quotient is the longest
    /// step: there it is called again between the parts, so a call comes after a quarter of the time of a proof at the
    /// latest. The calling thread calls it, and nothing else of the proof runs then: a benchmark reads its clock here.
    std::function<bool(ProverStep)> go_on{};
};

/// Proves that the assignment satisfies the circuit of the key. The errors' texts are sentences:
/// `invalid`: the assignment has another size than the circuit, or does not satisfy it (the text names the first row);
/// `would_block`: `go_on` returned false. REQUIRES: the engine has the powers that the key was compiled with.
base::Result<Proof> prove(const ProverKey& key, const Assignment& assignment, const Blinders& blinders, Version version,
                          const ProverTools& tools);

}  // namespace rues::plonk
