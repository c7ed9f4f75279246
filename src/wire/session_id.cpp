#include "wire/session_id.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <memory>

#include "base/encoding.hpp"
#include "base/endian.hpp"

namespace rues::wire {
namespace {

std::shared_ptr<const EVP_CIPHER_CTX> ready(const base::ByteArray<16>& key, bool encrypt) {
    const std::shared_ptr<EVP_CIPHER_CTX> out(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    EVP_CipherInit_ex(out.get(), EVP_aes_128_ecb(), nullptr, base::u8(key), nullptr, encrypt ? 1 : 0);
    EVP_CIPHER_CTX_set_padding(out.get(), 0);
    return out;
}

/// OpenSSL changes a context on every use, so each call uses its own copy, and any thread may call this.
SessionId aes_block(const EVP_CIPHER_CTX& ready, const base::ByteArray<16>& in) {
    const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(EVP_CIPHER_CTX_new(),
                                                                                  &EVP_CIPHER_CTX_free);
    EVP_CIPHER_CTX_copy(context.get(), &ready);
    SessionId out{};
    int length = 0;
    EVP_CipherUpdate(context.get(), base::u8(out), &length, base::u8(in), static_cast<int>(in.size()));
    return out;
}

}  // namespace

std::optional<SessionId> parse_session_id(std::string_view text) {
    return base::array_from_hex<16>(base::trimmed(text));
}

std::string to_string(const SessionId& id) {
    return base::to_hex(id);
}

SessionIdCipher::SessionIdCipher(const base::ByteArray<16>& key) : seal_(ready(key, true)), open_(ready(key, false)) {}

SessionId SessionIdCipher::seal(const SessionAddress& address) const {
    base::ByteArray<16> block;
    block[0] = static_cast<std::byte>(address.node);
    base::store_le(block.data() + 1, address.loop);
    block[3] = static_cast<std::byte>(address.slot);
    block[4] = static_cast<std::byte>(address.slot >> 8);
    block[5] = static_cast<std::byte>(address.slot >> 16);
    std::ranges::copy(address.random, block.begin() + 6);
    return aes_block(*seal_, block);
}

SessionAddress SessionIdCipher::open(const SessionId& id) const {
    const auto block = aes_block(*open_, id);
    SessionAddress out;
    out.node = static_cast<std::uint8_t>(block[0]);
    out.loop = base::load_le<std::uint16_t>(block.data() + 1);
    out.slot = static_cast<std::uint32_t>(block[3]) | static_cast<std::uint32_t>(block[4]) << 8 |
               static_cast<std::uint32_t>(block[5]) << 16;
    std::copy_n(block.begin() + 6, out.random.size(), out.random.begin());
    return out;
}

bool equal_in_constant_time(const SessionId& a, const SessionId& b) noexcept {
    return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace rues::wire
