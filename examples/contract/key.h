// The public key of an account: the form that the network's contracts use, and the text that people know.
#pragma once

#include "bytes.h"

enum {
    FIELD_WORDS = 12,        // a number of 381 bits, as words of 32 bits
    COMPRESSED_BYTES = 96,   // an account's key as wallets and transactions have it
    ACCOUNT_TEXT_MOST = 132  // base58 of 96 bytes
};

// An affine point of BLS12-381's G2. Field elements are in Montgomery form, so a contract compares keys byte by byte,
// and only the driver computes with them.
struct Key {
    uint32_t x[2][FIELD_WORDS];
    uint32_t y[2][FIELD_WORDS];
    uint8_t is_identity;
    uint8_t padding[7];
};
_Static_assert(sizeof(struct Key) == 200, "the network's contracts archive a key in 200 bytes");

// The modulus of the field.
static const uint32_t kModulus[FIELD_WORDS] = {0xffffaaab, 0xb9feffff, 0xb153ffff, 0x1eabfffe, 0xf6b0f624, 0x6730d2a0,
                                               0xf38512bf, 0x64774b84, 0x434bacd7, 0x4b1ba7b6, 0x397fe69a, 0x1a0111ea};
// (modulus - 1) / 2. The larger one of y and -y is above it.
static const uint32_t kHalf[FIELD_WORDS] = {0xffffd555, 0xdcff7fff, 0x58a9ffff, 0x0f55ffff, 0x7b587b12, 0xb3986950,
                                            0x79c2895f, 0xb23ba5c2, 0x21a5d66b, 0x258dd3db, 0x1cbff34d, 0x0d0088f5};

static inline int compare_words(const uint32_t one[FIELD_WORDS], const uint32_t other[FIELD_WORDS]) {
    for (size_t i = FIELD_WORDS; i-- > 0;)
        if (one[i] != other[i]) return one[i] < other[i] ? -1 : 1;
    return 0;
}

// Divides by 2^384 modulo the modulus (Montgomery's reduction), so the result is the number itself. `value` must be
// below the modulus, and the result is: it is (value + n * modulus) / 2^384 for an n below 2^384.
static inline void from_montgomery(uint32_t value[FIELD_WORDS]) {
    const uint32_t kInverse = 0xfffcfffd;  // -1 / modulus, modulo 2^32
    for (size_t round = 0; round < FIELD_WORDS; ++round) {
        const uint32_t factor = value[0] * kInverse;  // makes the lowest word zero, which is then shifted out
        uint64_t carry = ((uint64_t)factor * kModulus[0] + value[0]) >> 32;
        for (size_t i = 1; i < FIELD_WORDS; ++i) {
            carry += (uint64_t)factor * kModulus[i] + value[i];
            value[i - 1] = (uint32_t)carry;
            carry >>= 32;
        }
        value[FIELD_WORDS - 1] = (uint32_t)carry;
    }
}

static inline void store_big_endian(uint8_t* to, const uint32_t value[FIELD_WORDS]) {
    for (size_t i = 0; i < FIELD_WORDS; ++i)
        for (size_t byte = 0; byte < 4; ++byte)
            to[4 * (FIELD_WORDS - i) - 1 - byte] = (uint8_t)(value[i] >> (8 * byte));
}

// The compressed form: x as a big-endian number, with three flags in its first byte. False when an element is not below
// the modulus.
static inline bool compress_key(uint8_t to[COMPRESSED_BYTES], struct Key key) {
    uint32_t* const elements[] = {key.x[0], key.x[1], key.y[0], key.y[1]};
    for (size_t i = 0; i < 4; ++i) {
        if (compare_words(elements[i], kModulus) >= 0) return false;
        from_montgomery(elements[i]);
    }
    enum { COMPRESSED = 0x80, IDENTITY = 0x40, LARGER_Y = 0x20 };
    if (key.is_identity) {
        __builtin_memset(to, 0, COMPRESSED_BYTES);
        to[0] = COMPRESSED | IDENTITY;
        return true;
    }
    static const uint32_t kZero[FIELD_WORDS];
    store_big_endian(to, key.x[1]);
    store_big_endian(to + COMPRESSED_BYTES / 2, key.x[0]);
    to[0] |= COMPRESSED;
    const uint32_t* const deciding = compare_words(key.y[1], kZero) != 0 ? key.y[1] : key.y[0];
    if (compare_words(deciding, kHalf) > 0) to[0] |= LARGER_Y;
    return true;
}

// Writes the account's text, base58 of the compressed key, and returns its length.
static inline size_t write_account(uint8_t to[ACCOUNT_TEXT_MOST], const uint8_t compressed[COMPRESSED_BYTES]) {
    static const char kAlphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    uint8_t digits[ACCOUNT_TEXT_MOST];  // the lowest first
    size_t count = 0;
    for (size_t i = 0; i < COMPRESSED_BYTES; ++i) {
        uint32_t carry = compressed[i];
        for (size_t at = 0; at < count || carry > 0; ++at) {
            if (at == count) digits[count++] = 0;
            carry += (uint32_t)digits[at] << 8;
            digits[at] = (uint8_t)(carry % 58);
            carry /= 58;
        }
    }
    size_t length = 0;
    for (size_t i = 0; i < COMPRESSED_BYTES && compressed[i] == 0; ++i) to[length++] = '1';
    while (count > 0) to[length++] = (uint8_t)kAlphabet[digits[--count]];
    return length;
}
