// CPU time of signature checks on one core, next to blst's own complete verification in the same run.
#include <algorithm>
#include <deque>
#include <memory>

#include "crypto/blake3_paths.hpp"
#include "crypto/hash.hpp"
#include "crypto/keys.hpp"
#include "crypto/poseidon.hpp"
#include "crypto/schnorr.hpp"
#include "support/measure.hpp"

namespace {

using namespace rues;
using namespace rues::bench;
using namespace rues::crypto;

constexpr int kRounds = 15;
constexpr std::string_view kDomain = "BLS_SIG_BLS12381G1_XMD:SHA-256_DUSK_V2";  // docs/reference/ledger.md 2.2
constexpr std::size_t kMessageSize = 233;  // a Moonlight transfer, docs/reference/ledger.md 14.1

struct Signed {
    PublicKey key;
    Signature signature;
    std::string message;
};

std::deque<Signed> signed_messages(std::size_t count, std::size_t keys, std::size_t bad) {
    std::deque<Signed> out;
    for (std::size_t i = 0; i < count; ++i) {
        const SecretKey secret = account_key(Seed{}, i % keys);
        std::string message = fmt::format("{:0{}}", i, kMessageSize);
        const auto signature = secret.sign(base::view(i < bad ? std::string("another message") : message));
        out.push_back({secret.public_key(), signature, std::move(message)});
    }
    return out;
}

struct Case {
    Row row;
    std::size_t items;          ///< number of checks in one call of `run`
    std::function<void()> run;  ///< is repeated, so that one measurement takes some milliseconds

    void measure() {
        const std::size_t calls = std::max<std::size_t>(1, 16 / items);
        row.us.push_back(cpu_us_of(calls, run) / static_cast<double>(items));
    }
};

Case batch_case(std::string name, std::size_t count, std::size_t keys, std::size_t bad = 0) {
    auto messages = std::make_shared<std::deque<Signed>>(signed_messages(count, keys, bad));
    std::vector<VerifyItem> items;
    for (const Signed& each : *messages) items.push_back({&each.key, &each.signature, base::view(each.message)});
    return {{std::move(name)}, count, [messages, items, bad] {
                const auto result = verify_batch(items, sha256(base::view("coefficients")));
                const auto wrong = static_cast<std::size_t>(std::ranges::count(result, false));
                require(wrong == bad, "a batch gave a wrong answer");
            }};
}

}  // namespace

int main() {
    const Signed one = signed_messages(1, 1, 0).front();
    std::deque<Case> cases;
    cases.push_back({{"blst_core_verify_pk_in_g2"}, 1, [&] {
                         const auto error = blst_core_verify_pk_in_g2(
                             &one.key.point(), &one.signature.point(), true, base::u8(base::view(one.message)),
                             one.message.size(), base::u8(base::view(kDomain)), kDomain.size(), nullptr, 0);
                         require(error == BLST_SUCCESS, "blst refused a signature");
                     }});
    cases.push_back({{"verify"}, 1, [&] {
                         require(verify(one.key, one.signature, base::view(one.message)), "a signature was refused");
                     }});
    for (const std::size_t count : {1U, 4U, 16U, 64U, 256U}) {
        cases.push_back(batch_case(fmt::format("verify_batch, {} of distinct keys", count), count, count));
    }
    for (const std::size_t count : {4U, 16U, 64U}) {
        cases.push_back(batch_case(fmt::format("verify_batch, {} of one key", count), count, 1));
    }
    cases.push_back(batch_case("verify_batch, 64 of distinct keys, 1 bad", 64, 64, 1));
    cases.push_back(batch_case("verify_batch, 64 of distinct keys, all bad", 64, 64, 64));
    cases.push_back(batch_case("verify_batch, 64 of one key, 1 bad", 64, 1, 1));
    cases.push_back(batch_case("verify_batch, 64 of one key, all bad", 64, 1, 64));
    cases.push_back(
        {{"PublicKey::decode"}, 1, [&] { require(PublicKey::decode(one.key.bytes()).has_value(), "decode"); }});
    cases.push_back({{"PublicKey::decode_trusted"}, 1, [&] {
                         require(PublicKey::decode_trusted(one.key.bytes()).has_value(), "decode_trusted");
                     }});
    cases.push_back({{"Signature::decode"}, 1, [&] {
                         require(Signature::decode(one.signature.bytes()).has_value(), "decode of a signature");
                     }});
    cases.push_back({{"SecretKey::sign"}, 1, [secret = account_key(Seed{}, 0), &one] {
                         require(secret.sign(base::view(one.message)) == one.signature, "sign");
                     }});
    const Fl scalar = hash_to_fl(base::view("a scalar"));
    const JubJubPoint point = jubjub_generator() * scalar;
    const SchnorrSignature schnorr = schnorr_sign(scalar, Fr(7), hash_to_fl(base::view("random")));
    const std::vector<Fr> six(6, Fr(7));
    cases.push_back({{"schnorr_verify"}, 1, [&] { require(schnorr_verify(point, schnorr, Fr(7)), "schnorr"); }});
    cases.push_back({{"JubJubPoint * Fl"}, 1, [&] { require(!(point * scalar).is_identity(), "JubJub"); }});
    cases.push_back({{"poseidon_hash of 6"}, 1, [&] { require(!poseidon_hash(six).is_zero(), "poseidon"); }});
    const base::Bytes megabyte(1 << 20);
    for (const auto path : {Blake3Path::one, Blake3Path::four, Blake3Path::eight, Blake3Path::sixteen}) {
        if (!blake3_has(path)) continue;
        const auto lanes = static_cast<int>(path);
        cases.push_back({{fmt::format("blake3, 64 KiB, {} chunks at once", lanes)}, 1, [&, path] {
                             const auto page = base::ByteView(megabyte).first(65'536);
                             require(blake3_by(path, page) != Hash32{}, "blake3");
                         }});
    }
    cases.push_back({{"sha256, 64 bytes x 1000"}, 1, [&] {
                         for (int i = 0; i < 1000; ++i) {
                             require(sha256(base::ByteView(megabyte).first(64)) != Hash32{}, "sha256");
                         }
                     }});

    for (int round = 0; round < kRounds; ++round) {
        for (Case& each : cases) each.measure();
    }
    std::vector<const Row*> rows;
    for (Case& each : cases) {
        if (&each != &cases.front()) each.row.peer = &cases.front().row;
        rows.push_back(&each.row);
    }
    return print("Signatures, one core", rows) ? 0 : 1;
}
