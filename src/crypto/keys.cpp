#include "crypto/keys.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "base/encoding.hpp"
#include "base/endian.hpp"
#include "crypto/bip39_words.hpp"
#include "crypto/hash.hpp"
#include "crypto/secret.hpp"

namespace rues::crypto {
namespace {

constexpr std::size_t kMaxWords = 24;

/// The words of a phrase in lower case. Stops one word after the longest allowed phrase, so the work is bounded and the
/// caller still sees that there are too many.
std::vector<std::string> words_of(std::string_view phrase) {
    std::vector<std::string> out;
    for (phrase = base::trimmed(phrase); !phrase.empty() && out.size() <= kMaxWords; phrase = base::trimmed(phrase)) {
        const auto end = std::min(phrase.find_first_of(" \t\r\n"), phrase.size());
        out.push_back(base::to_lower_ascii(phrase.substr(0, end)));
        phrase.remove_prefix(end);
    }
    return out;
}

}  // namespace

SecretKey account_key(const Seed& seed, std::uint64_t index) {
    Secret<ByteArray<74>> input;
    std::ranges::copy(seed, input->begin());
    base::store_le(input->data() + 64, index);
    std::ranges::copy(base::view("SK"), input->begin() + 72);
    const Secret key(sha256(*input));
    Secret<ByteArray<64>> wide;
    chacha12(*key, *wide);
    const auto secret = SecretKey::decode(wide_scalar(*wide));
    if (!secret) std::abort();  // zero, which has probability 2^-255
    return *secret;
}

std::expected<Seed, std::string> seed_from_phrase(std::string_view phrase) {
    const auto words = words_of(phrase);
    if (words.size() < 12 || words.size() > kMaxWords || words.size() % 3 != 0) {
        const auto found = words.size() > kMaxWords ? std::string("more") : fmt::format("{}", words.size());
        return std::unexpected(fmt::format("a phrase has 12, 15, 18, 21 or 24 words, not {}", found));
    }
    // 11 bits a word: entropy, then its checksum of one bit per 32 (BIP-39, "Generating the mnemonic").
    base::Bytes bits((words.size() * 11 + 7) / 8);
    std::string joined;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto found = std::ranges::lower_bound(kBip39Words, std::string_view(words[i]));
        if (found == kBip39Words.end() || *found != words[i]) {
            return std::unexpected(fmt::format("word {} of the phrase is not in the BIP-39 English list", i + 1));
        }
        const auto value = static_cast<unsigned>(found - kBip39Words.begin());
        for (std::size_t bit = 0; bit < 11; ++bit) {
            if ((value >> (10 - bit) & 1) != 0) bits[(i * 11 + bit) / 8] |= std::byte{0x80} >> ((i * 11 + bit) % 8);
        }
        joined += (i == 0 ? "" : " ") + words[i];
    }
    const std::size_t checksum_bits = words.size() / 3;
    const std::size_t entropy_bytes = (words.size() * 11 - checksum_bits) / 8;
    const std::byte mask{static_cast<unsigned char>(0xff00U >> checksum_bits)};
    if ((bits[entropy_bytes] & mask) != (sha256(base::ByteView(bits).first(entropy_bytes))[0] & mask)) {
        return std::unexpected("the checksum of the phrase is wrong");
    }
    return pbkdf2_sha512(base::view(joined), base::view("mnemonic"), 2048);
}

}  // namespace rues::crypto
