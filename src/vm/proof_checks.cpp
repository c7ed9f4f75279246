#include "vm/proof_checks.hpp"

#include "base/endian.hpp"
#include "crypto/hash.hpp"

namespace rues::vm {
namespace {

base::ByteView of_proof(const ProofQuestion& question) {
    return question.proof.first(std::min(question.proof.size(), plonk::Proof::kSize));
}

/// Each part has its length before it, so that no two questions have the same bytes.
base::Hash32 hash_of(const ProofQuestion& question) {
    base::Bytes out{static_cast<std::byte>(question.version)};
    for (const base::ByteView part : {question.verifier_data, of_proof(question)}) {
        base::ByteArray<8> size;
        base::store_le(size.data(), std::uint64_t{part.size()});
        base::append(out, size);
        base::append(out, part);
    }
    for (const crypto::Fr& input : question.inputs) base::append(out, input.bytes());
    return crypto::blake3(out);
}

}  // namespace

bool ProofChecks::holds(const ProofQuestion& question) {
    const auto hash = hash_of(question);
    if (const auto answer = known(hash)) return *answer;
    const auto data = data_of(question.verifier_data);
    const auto proof = plonk::Proof::decode(of_proof(question));
    const bool answer = data && proof && plonk::verify(*data, *proof, question.inputs, question.version);
    ++verified_;
    keep(hash, answer);
    return answer;
}

void ProofChecks::check_ahead(std::span<const ProofQuestion> questions) {
    struct Claim {
        base::Hash32 hash;
        Data data;
        plonk::Proof proof;
        const ProofQuestion* question;
    };
    std::vector<Claim> claims;
    claims.reserve(questions.size());
    for (const ProofQuestion& question : questions) {
        const auto hash = hash_of(question);
        if (known(hash)) continue;
        auto data = data_of(question.verifier_data);
        auto proof = plonk::Proof::decode(of_proof(question));
        if (data && proof) claims.push_back({hash, std::move(data), std::move(*proof), &question});
    }
    base::Bytes hashes;
    std::vector<plonk::ProofItem> items;
    items.reserve(claims.size());
    for (const Claim& claim : claims) {
        base::append(hashes, claim.hash);
        items.push_back({claim.data.get(), &claim.proof, claim.question->inputs, claim.question->version});
    }
    const auto answers = plonk::verify_batch(items, crypto::blake3(hashes));
    verified_ += answers.size();
    for (std::size_t i = 0; i < claims.size(); ++i) keep(claims[i].hash, answers[i]);
}

std::optional<bool> ProofChecks::known(const base::Hash32& question) {
    const std::lock_guard lock(mutex_);
    const bool* answer = answers_.find(question);
    return answer != nullptr ? std::optional(*answer) : std::nullopt;
}

void ProofChecks::keep(const base::Hash32& question, bool holds) {
    const std::lock_guard lock(mutex_);
    answers_.put(question, holds, 1);
}

ProofChecks::Data ProofChecks::data_of(base::ByteView bytes) {
    const auto hash = crypto::blake3(bytes);
    {
        const std::lock_guard lock(mutex_);
        if (const Data* kept = data_.find(hash)) return *kept;
    }
    const auto replacement = replacements_.find(hash);
    auto decoded = plonk::VerifierData::decode(replacement == replacements_.end() ? bytes : replacement->second);
    if (!decoded) return nullptr;
    const std::size_t size =
        sizeof(plonk::VerifierData) + decoded->input_rows().size() * sizeof(plonk::VerifierData::InputRow);
    auto out = std::make_shared<const plonk::VerifierData>(std::move(*decoded));
    const std::lock_guard lock(mutex_);
    data_.put(hash, out, size);
    return out;
}

}  // namespace rues::vm
