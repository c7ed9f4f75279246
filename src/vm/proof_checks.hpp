#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "base/lru_cache.hpp"
#include "plonk/verifier.hpp"

namespace rues::vm {

/// What a contract asks with `verify_plonk`.
struct ProofQuestion {
    base::ByteView verifier_data;
    base::ByteView proof;  ///< bytes after the 1,008 of a proof do not count (docs/reference/machine.md 1.8)
    std::vector<crypto::Fr> inputs;
    plonk::Version version = plonk::Version::v3;
};

/// Verifies the proofs that contracts ask about. Answers are kept by hash of the question, and decoded verifier data by
/// hash of its bytes, each in a bounded cache: a proof is asked about again by every simulation and by its block, and
/// the verifier data of a contract is the same every time. Any thread; nothing is verified under the lock.
class ProofChecks {
public:
    /// Verifier data that is used in place of other verifier data, by BLAKE3 of the bytes that contracts hold. A chain
    /// whose reference string is not the network's needs it: its contracts are the network's, and hold the network's
    /// keys (docs/reference/differences.md 42).
    using Replacements = std::map<base::Hash32, base::Bytes>;

    static constexpr std::size_t kKeptAnswers = 16'384;
    static constexpr std::size_t kKeptDataBytes = std::size_t{8} << 20;

    explicit ProofChecks(Replacements replacements = {}, std::size_t kept_answers = kKeptAnswers)
        : replacements_(std::move(replacements)), answers_(kept_answers) {}

    /// The proof holds. False when bytes are no proof or no verifier data, as for any proof that is wrong.
    bool holds(const ProofQuestion& question);
    /// Verifies in one batch what has no answer yet, so that `holds` finds the answers. More questions than
    /// are kept push out the first of their own answers. The coefficients of the batch are drawn from the hash of
    /// all its questions: nobody can choose them, and the same block is always executed the same way.
    void check_ahead(std::span<const ProofQuestion> questions);
    /// Proofs that were verified so far, and not answered from what is kept.
    std::uint64_t verified() const noexcept { return verified_; }

private:
    using Data = std::shared_ptr<const plonk::VerifierData>;

    std::optional<bool> known(const base::Hash32& question);
    void keep(const base::Hash32& question, bool holds);
    /// nullptr: it does not decode.
    Data data_of(base::ByteView bytes);

    const Replacements replacements_;
    std::atomic<std::uint64_t> verified_ = 0;
    std::mutex mutex_;
    base::LruCache<base::Hash32, bool> answers_;  ///< each counts as one byte
    base::LruCache<base::Hash32, Data> data_{kKeptDataBytes};
};

}  // namespace rues::vm
