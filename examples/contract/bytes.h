// Bytes, numbers and text without a C library. The contract and its driver both use this file.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// With -mbulk-memory this is one instruction, which costs 1 gas whatever the length. A loop would pay for each store.
static inline void copy_bytes(void* to, const void* from, size_t length) {
    __builtin_memcpy(to, from, length);
}

static inline bool bytes_equal(const void* one, const void* other, size_t length) {
    const uint8_t* a = one;
    const uint8_t* b = other;
    for (size_t i = 0; i < length; ++i)
        if (a[i] != b[i]) return false;
    return true;
}

// WebAssembly is little-endian and allows any alignment, so a number is copied as it is.
static inline uint64_t load_u64(const uint8_t* from) {
    uint64_t value;
    copy_bytes(&value, from, sizeof value);
    return value;
}

static inline void store_u64(uint8_t* to, uint64_t value) {
    copy_bytes(to, &value, sizeof value);
}

static inline size_t text_length(const char* text) {
    size_t length = 0;
    while (text[length]) ++length;
    return length;
}

enum { DECIMAL_BYTES = 20 };  // digits of the largest u64

// Writes `value` in decimal to `to`, which has room for DECIMAL_BYTES. Returns the number of digits.
static inline size_t write_decimal(uint8_t* to, uint64_t value) {
    uint8_t digits[DECIMAL_BYTES];
    size_t count = 0;
    do digits[count++] = (uint8_t)('0' + value % 10);
    while (value /= 10);
    for (size_t i = 0; i < count; ++i) to[i] = digits[count - 1 - i];
    return count;
}

// The length of the UTF-8 sequence that `text` begins with (RFC 3629: no overlong forms, no surrogates, nothing above
// U+10FFFF). 0: it is not UTF-8.
static inline size_t utf8_sequence(const uint8_t* text, size_t length) {
    if (length == 0) return 0;
    const uint8_t first = text[0];
    if (first < 0x80) return 1;
    const size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || size > length) return 0;
    for (size_t i = 1; i < size; ++i)
        if ((text[i] & 0xc0) != 0x80) return 0;
    if ((first == 0xe0 && text[1] < 0xa0) || (first == 0xed && text[1] > 0x9f)) return 0;
    if ((first == 0xf0 && text[1] < 0x90) || (first == 0xf4 && text[1] > 0x8f)) return 0;
    return size;
}

// The length of the longest beginning of `text` that is UTF-8 and has at most `most` bytes.
static inline size_t utf8_prefix(const uint8_t* text, size_t length, size_t most) {
    for (size_t at = 0;;) {
        const size_t size = utf8_sequence(text + at, length - at);
        if (size == 0 || at + size > most) return at;
        at += size;
    }
}

static inline bool is_utf8(const uint8_t* text, size_t length) {
    return utf8_prefix(text, length, length) == length;
}
