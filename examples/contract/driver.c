// The guest book's data driver: the JSON forms of its arguments, answers and events.
#include "data_driver.h"
#include "guestbook.h"

// {"message": "…", "tip": "5"}, both fields, in any order.
static void encode_sign(struct Reader* in, struct Writer* out) {
    uint8_t message_bytes[MESSAGE_MOST];
    struct Writer message = {.to = message_bytes, .capacity = sizeof message_bytes};
    struct Sign sign = {0};
    bool has_message = false, has_tip = false;
    expect(in, '{', "an object with message and tip is expected");
    do {
        uint8_t name_bytes[8];
        struct Writer name = {.to = name_bytes, .capacity = sizeof name_bytes};
        read_string(in, &name);
        expect(in, ':', "a colon is expected after the name of a field");
        if (!name.is_full && name.length == 7 && bytes_equal(name_bytes, "message", 7) && !has_message) {
            has_message = true;
            read_string(in, &message);
        } else if (!name.is_full && name.length == 3 && bytes_equal(name_bytes, "tip", 3) && !has_tip) {
            has_tip = true;
            sign.tip = read_number(in);
        } else {
            fail_reading(in, "the fields are message and tip, once each");
        }
    } while (take(in, ','));
    expect(in, '}', "a comma or the end of the object is expected");
    if (!has_message || !has_tip) fail_reading(in, "the fields are message and tip, once each");
    if (message.is_full) fail_reading(in, "the message has more than 136 bytes");
    write_bytes(out, &sign, sizeof sign);
    write_bytes(out, message.to, message.length);
}

static const char* decode_sign(const uint8_t* data, size_t length, struct Writer* out) {
    if (length < sizeof(struct Sign)) return "a signature has a tip of 8 bytes and a message";
    if (!is_utf8(data + sizeof(struct Sign), length - sizeof(struct Sign))) return "the message is not UTF-8";
    write_text(out, "{");
    write_name(out, "message");
    write_string(out, data + sizeof(struct Sign), length - sizeof(struct Sign));
    write_name(out, "tip");
    write_number(out, load_u64(data));
    write_text(out, "}");
    return NULL;
}

static const char* write_key(struct Writer* out, const struct Key* key) {
    uint8_t compressed[COMPRESSED_BYTES], text[ACCOUNT_TEXT_MOST];
    if (!compress_key(compressed, *key)) return "not an account's key";
    write_string(out, text, write_account(text, compressed));
    return NULL;
}

static const char* decode_entry(const uint8_t* data, size_t length, struct Writer* out) {
    struct Entry entry;
    if (length != sizeof entry) return "an entry has 368 bytes";
    copy_bytes(&entry, data, sizeof entry);
    if (entry.length > MESSAGE_MOST || !is_utf8(entry.message, entry.length)) return "not a message";
    write_text(out, "{");
    write_name(out, "guest");
    const char* const why = write_key(out, &entry.guest);
    write_name(out, "height");
    write_number(out, entry.height);
    write_name(out, "message");
    write_string(out, entry.message, entry.length);
    write_name(out, "number");
    write_number(out, entry.number);
    write_name(out, "tip");
    write_number(out, entry.tip);
    write_text(out, "}");
    return why;
}

// Owners of 96 bytes are keys of accounts, in the form of transactions. Any others are shown in hex.
static void write_owner(struct Writer* out, const uint8_t* owner, size_t length) {
    uint8_t text[2 * OWNER_MOST];
    if (length == COMPRESSED_BYTES) {
        write_string(out, text, write_account(text, owner));
        return;
    }
    static const char kHex[] = "0123456789abcdef";
    for (size_t i = 0; i < length; ++i) {
        text[2 * i] = kHex[owner[i] >> 4];
        text[2 * i + 1] = kHex[owner[i] & 15];
    }
    write_string(out, text, 2 * length);
}

static const char* decode_about(const uint8_t* data, size_t length, struct Writer* out) {
    struct About about;
    if (length != sizeof about) return "the answer has 328 bytes";
    copy_bytes(&about, data, sizeof about);
    if (about.owner_length > OWNER_MOST) return "the owner has at most 96 bytes";
    write_text(out, "{");
    write_name(out, "entries");
    write_number(out, about.entries);
    write_name(out, "keeper");
    const char* const why = write_key(out, &about.keeper);
    write_name(out, "least_tip");
    write_number(out, about.least_tip);
    write_name(out, "owner");
    write_owner(out, about.owner, about.owner_length);
    write_name(out, "tips");
    write_number(out, about.tips);
    write_text(out, "}");
    return why;
}

static const char* decode_collected(const uint8_t* data, size_t length, struct Writer* out) {
    struct Collected collected;
    if (length != sizeof collected) return "the event has 208 bytes";
    copy_bytes(&collected, data, sizeof collected);
    write_text(out, "{");
    write_name(out, "keeper");
    const char* const why = write_key(out, &collected.keeper);
    write_name(out, "value");
    write_number(out, collected.value);
    write_text(out, "}");
    return why;
}

static const struct Function kFunctions[] = {
    {"init", "the least tip in lux", "u64", "()", encode_number, decode_number, decode_nothing},
    {"sign", "signs the book; the transaction must deposit the tip: {\"message\": \"hello\", \"tip\": \"5\"}", "Sign",
     "u64", encode_sign, decode_sign, decode_number},
    {"collect", "pays so many lux of tips to the keeper", "u64", "()", encode_number, decode_number, decode_nothing},
    {"about", "numbers and people of the book", "()", "About", encode_nothing, decode_nothing, decode_about},
    {"entry", "the entry of a number", "u64", "Entry", encode_number, decode_number, decode_entry},
    {"entries", "feeder: all entries from a number on", "u64", "Entry", encode_number, decode_number, decode_entry},
};

static const struct Event kEvents[] = {
    {"signed", "Entry", decode_entry},
    {"collected", "Collected", decode_collected},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

const struct Driver kDriver = {
    .name = "GuestBook",
    .version = "1.0.0",
    .functions = kFunctions,
    .function_count = COUNT(kFunctions),
    .events = kEvents,
    .event_count = COUNT(kEvents),
};
