// A strict reader and a writer of JSON, as much of it as the driver needs (RFC 8259). Both stop at their first failure,
// so their users look once, at the end.
#pragma once

#include "bytes.h"

// Text that is being written into memory of a fixed size.
struct Writer {
    uint8_t* to;
    size_t capacity;
    size_t length;
    bool is_full;  // something had no room, and was left out
};

static inline void write_bytes(struct Writer* out, const void* bytes, size_t length) {
    if (length > out->capacity - out->length) {
        out->is_full = true;
        return;
    }
    copy_bytes(out->to + out->length, bytes, length);
    out->length += length;
}

static inline void write_text(struct Writer* out, const char* text) {
    write_bytes(out, text, text_length(text));
}

// The inside of a JSON string. `text` is UTF-8.
static inline void write_escaped(struct Writer* out, const uint8_t* text, size_t length) {
    static const char kHex[] = "0123456789abcdef";
    for (size_t i = 0; i < length; ++i) {
        if (text[i] < 0x20) {
            const char escaped[] = {'\\', 'u', '0', '0', kHex[text[i] >> 4], kHex[text[i] & 15]};
            write_bytes(out, escaped, sizeof escaped);
        } else {
            if (text[i] == '"' || text[i] == '\\') write_text(out, "\\");
            write_bytes(out, text + i, 1);
        }
    }
}

static inline void write_string(struct Writer* out, const uint8_t* text, size_t length) {
    write_text(out, "\"");
    write_escaped(out, text, length);
    write_text(out, "\"");
}

// A number of 64 bits as a string, as Dusk's drivers write it: JavaScript would round it.
static inline void write_number(struct Writer* out, uint64_t value) {
    uint8_t digits[DECIMAL_BYTES];
    write_string(out, digits, write_decimal(digits, value));
}

// A field of an object: `"name":`, after a comma when it is not the first one.
static inline void write_name(struct Writer* out, const char* name) {
    if (out->length > 0 && out->to[out->length - 1] != '{') write_text(out, ",");
    write_string(out, (const uint8_t*)name, text_length(name));
    write_text(out, ":");
}

// Text that is being read. After a failure the reader stands still, and every further read has no effect.
struct Reader {
    const uint8_t* at;
    const uint8_t* end;
    const char* failure;  // NULL: none
};

static inline void fail_reading(struct Reader* in, const char* failure) {
    if (in->failure == NULL) in->failure = failure;
}

// The next byte that is not white space, or 0.
static inline uint8_t peek(struct Reader* in) {
    while (in->at < in->end && (*in->at == ' ' || *in->at == '\t' || *in->at == '\n' || *in->at == '\r')) ++in->at;
    return in->failure == NULL && in->at < in->end ? *in->at : 0;
}

// Reads one character, which is not white space, if it comes next.
static inline bool take(struct Reader* in, uint8_t character) {
    if (peek(in) != character) return false;
    ++in->at;
    return true;
}

static inline void expect(struct Reader* in, uint8_t character, const char* failure) {
    if (!take(in, character)) fail_reading(in, failure);
}

static inline void expect_end(struct Reader* in) {
    if (peek(in) != 0 || in->at != in->end) fail_reading(in, "text after the value");
}

static inline void read_null(struct Reader* in) {
    if (peek(in) == 'n' && in->end - in->at >= 4 && bytes_equal(in->at, "null", 4))
        in->at += 4;
    else
        fail_reading(in, "null is expected");
}

// A number from 0 to 2^64 - 1, as such or as a string: 5 or "5".
static inline uint64_t read_number(struct Reader* in) {
    const bool is_string = take(in, '"');
    const uint8_t* const first = in->at;
    uint64_t value = 0;
    for (; in->failure == NULL && in->at < in->end && *in->at >= '0' && *in->at <= '9'; ++in->at) {
        const uint64_t digit = *in->at - '0';
        if (value > (UINT64_MAX - digit) / 10) fail_reading(in, "the number is too large");
        value = 10 * value + digit;
    }
    if (in->at == first || (*first == '0' && in->at - first > 1))
        fail_reading(in, "a number of decimal digits is expected");
    if (is_string && in->failure == NULL && (in->at == in->end || *in->at++ != '"'))
        fail_reading(in, "a number of decimal digits is expected");
    return value;
}

static inline uint32_t read_four_hex(struct Reader* in) {
    uint32_t value = 0;
    for (size_t i = 0; i < 4; ++i, ++in->at) {
        const uint8_t digit = in->at < in->end ? *in->at : 0;
        const uint8_t letter = digit | 0x20;
        if (digit >= '0' && digit <= '9') {
            value = 16 * value + digit - '0';
        } else if (letter >= 'a' && letter <= 'f') {
            value = 16 * value + letter - 'a' + 10;
        } else {
            fail_reading(in, "\\u must have four hex digits");
            return 0;
        }
    }
    return value;
}

// The character of an escape, after its backslash.
static inline uint32_t read_escape(struct Reader* in) {
    static const char kNames[] = "\"\\/bfnrt";
    static const char kCharacters[] = "\"\\/\b\f\n\r\t";
    const uint8_t name = in->at < in->end ? *in->at++ : 0;
    for (size_t i = 0; i < sizeof kNames - 1; ++i)
        if (name == kNames[i]) return kCharacters[i];
    if (name != 'u') {
        fail_reading(in, "unknown escape in a string");
        return 0;
    }
    const uint32_t first = read_four_hex(in);
    if (first < 0xd800 || first > 0xdfff) return first;
    if (first < 0xdc00 && in->end - in->at >= 2 && in->at[0] == '\\' && in->at[1] == 'u') {
        in->at += 2;
        const uint32_t second = read_four_hex(in);
        if (second >= 0xdc00 && second <= 0xdfff) return 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
    }
    fail_reading(in, "half of a surrogate pair in a string");
    return 0;
}

static inline void write_utf8(struct Writer* out, uint32_t character) {
    uint8_t bytes[4];
    size_t length = 0;
    if (character < 0x80) {
        bytes[length++] = (uint8_t)character;
    } else {
        const size_t more = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
        static const uint8_t kFirst[] = {0, 0xc0, 0xe0, 0xf0};
        bytes[length++] = kFirst[more] | (uint8_t)(character >> (6 * more));
        for (size_t i = more; i-- > 0;) bytes[length++] = 0x80 | ((character >> (6 * i)) & 0x3f);
    }
    write_bytes(out, bytes, length);
}

// A string, written to `out` as UTF-8.
static inline void read_string(struct Reader* in, struct Writer* out) {
    expect(in, '"', "a string is expected");
    while (in->failure == NULL) {
        if (in->at == in->end) {
            fail_reading(in, "the string has no end");
        } else if (*in->at == '"') {
            ++in->at;
            return;
        } else if (*in->at == '\\') {
            ++in->at;
            const uint32_t character = read_escape(in);
            if (in->failure == NULL) write_utf8(out, character);
        } else if (*in->at < 0x20) {
            fail_reading(in, "control character in a string");
        } else {
            const size_t length = utf8_sequence(in->at, (size_t)(in->end - in->at));
            if (length == 0) fail_reading(in, "the string is not UTF-8");
            write_bytes(out, in->at, length);
            in->at += length;
        }
    }
}
