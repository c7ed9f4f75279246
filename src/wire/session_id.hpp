#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

struct evp_cipher_ctx_st;  // of OpenSSL

namespace rues::wire {

/// The bearer token of a session, 32 hex digits for the client. 16 bytes that look random: one AES block under the
/// node's key.
using SessionId = base::ByteArray<16>;

/// Either case, exactly 32 hex digits, surrounding blanks ignored.
std::optional<SessionId> parse_session_id(std::string_view text);
std::string to_string(const SessionId& id);

/// The content of an id: the place of the session, and random bits.
struct SessionAddress {
    static constexpr std::size_t kMaxLoops = 1 << 16;
    static constexpr std::size_t kMaxSlots = 1 << 24;
    std::uint8_t node = 0;
    std::uint16_t loop = 0;
    std::uint32_t slot = 0;        ///< below kMaxSlots
    base::ByteArray<10> random{};  ///< 80 random bits: nobody can guess them
    friend bool operator==(const SessionAddress&, const SessionAddress&) = default;
};

/// Seals and opens ids under one AES-128 key. Immutable, any thread. Every id opens, and a forged one to a random
/// address: check the address, and compare the whole id with that of the session there.
class SessionIdCipher {
public:
    explicit SessionIdCipher(const base::ByteArray<16>& key);
    SessionId seal(const SessionAddress& address) const;
    SessionAddress open(const SessionId& id) const;

private:
    // Created once: finding the algorithm and expanding the key take four times as long as one block.
    std::shared_ptr<const evp_cipher_ctx_st> seal_;
    std::shared_ptr<const evp_cipher_ctx_st> open_;
};

/// Always compares all bytes, so that the time does not show where two ids differ.
bool equal_in_constant_time(const SessionId& a, const SessionId& b) noexcept;

}  // namespace rues::wire
