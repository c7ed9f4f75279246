// The counter's data driver.
#include "data_driver.h"

static const char* decode_added(const uint8_t* data, size_t length, struct Writer* out) {
    if (length != 2 * sizeof(uint64_t)) return "the event has 16 bytes";
    write_text(out, "{");
    write_name(out, "amount");
    write_number(out, load_u64(data));
    write_name(out, "sum");
    write_number(out, load_u64(data + sizeof(uint64_t)));
    write_text(out, "}");
    return NULL;
}

static const struct Function kFunctions[] = {
    {"init", "", "u64", "()", encode_number, decode_number, decode_nothing},
    {"value", "", "()", "u64", encode_nothing, decode_nothing, decode_number},
    {"add", "", "u64", "u64", encode_number, decode_number, decode_number},
    {"numbers", "feeder", "()", "u64", encode_nothing, decode_nothing, decode_number},
};
static const struct Event kEvents[] = {{"added", "Added", decode_added}};

const struct Driver kDriver = {
    .name = "Counter",
    .version = "1.0.0",
    .functions = kFunctions,
    .function_count = 4,
    .events = kEvents,
    .event_count = 1,
};
