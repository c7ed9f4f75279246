// A data driver: the program that converts a contract's arguments, answers and events between bytes and JSON. It runs
// outside the chain: in a node, in a wallet, in a browser. data_driver.c is the part that all drivers written in C can
// share; a driver defines kDriver.
#pragma once

#include "json.h"

// Reads JSON and writes bytes. A failure is noted in `in`.
typedef void (*Encode)(struct Reader* in, struct Writer* out);

// Gets bytes and writes JSON. Returns the reason why it cannot, or NULL.
typedef const char* (*Decode)(const uint8_t* data, size_t length, struct Writer* out);

struct Function {
    const char* name;
    const char* about;   // what people read beside the function's form
    const char* input;   // the names of the types in the schema
    const char* output;  // of a feeder: the type of one item
    Encode encode_input;
    Decode decode_input;
    Decode decode_output;
};

struct Event {
    const char* topic;
    const char* type;
    Decode decode;
};

struct Driver {
    const char* name;
    const char* version;
    const struct Function* functions;
    size_t function_count;
    const struct Event* events;
    size_t event_count;
};

extern const struct Driver kDriver;

// The types () and u64, which the schema of every driver has. JSON: null, and "5" (or 5, as input).
void encode_nothing(struct Reader* in, struct Writer* out);
const char* decode_nothing(const uint8_t* data, size_t length, struct Writer* out);
void encode_number(struct Reader* in, struct Writer* out);
const char* decode_number(const uint8_t* data, size_t length, struct Writer* out);
