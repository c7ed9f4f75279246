#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/bls.hpp"
#include "vm/proof_checks.hpp"

/// The functions of the host that contracts call by name (docs/reference/machine.md 1.8): hashes and checks of
/// signatures and proofs. An answer depends on the question alone; any thread.
namespace rues::vm {

/// The fork in force at the height of the call. It decides the prices and the signature scheme.
enum class HardFork : std::uint8_t { pre_fork, aegis, boreas };

constexpr crypto::BlsVersion bls_version(HardFork fork) noexcept {
    return fork == HardFork::pre_fork ? crypto::BlsVersion::v1 : crypto::BlsVersion::v2;
}

/// No answer is longer, so it fits into the contract's buffer of 64 KiB whatever the argument was.
inline constexpr std::size_t kMaxAnswer = 66;

struct HostQuestion {
    std::string_view name;
    base::ByteView argument;
    /// Address of the argument in the contract's memory. An archive whose values are not aligned there does not
    /// validate.
    std::uint64_t address = 0;
    HardFork fork = HardFork::boreas;
    plonk::Version plonk = plonk::Version::v3;
};

class HostQueries {
public:
    explicit HostQueries(ProofChecks::Replacements verifier_data = {})
        : proofs_(std::make_unique<ProofChecks>(std::move(verifier_data))) {}

    /// Gas that the question costs. nullopt: no query has this name, and the call traps. Costs the check of the
    /// argument, no cryptography.
    std::optional<std::uint64_t> price(const HostQuestion& question) const;

    /// The archived answer. An argument that does not validate gets the answer of docs/reference/machine.md 1.8. The
    /// error is the text of a panic of the contract: this version does not have the query.
    /// REQUIRES: `price` has returned a price for this question.
    std::expected<base::Bytes, std::string> answer(const HostQuestion& question) const;

    /// What `verify_plonk` asks. Proofs that are checked there beforehand are answered at once.
    ProofChecks& proofs() const noexcept { return *proofs_; }

private:
    std::unique_ptr<ProofChecks> proofs_;
};

}  // namespace rues::vm
