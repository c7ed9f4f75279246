// The functions that a driver exports. A host calls `init` once. For each request it allocates memory for a name, for
// data and for the output, and calls a function. The output is a length (u32), then the bytes. The function returns one
// of the codes below; `get_last_error` gives the text of the last failure.
#include "data_driver.h"

#define EXPORT(name) __attribute__((export_name(#name)))

enum Code { OK = 0, INVALID_INPUT = 1, OPERATION_FAILED = 2, NOT_INITIALISED = 3, BUFFER_TOO_SMALL = 4 };

void encode_nothing(struct Reader* in, struct Writer* out) {
    (void)out;
    if (in->at != in->end) read_null(in);
}

const char* decode_nothing(const uint8_t* data, size_t length, struct Writer* out) {
    (void)data;
    if (length != 0) return "no bytes are expected";
    write_text(out, "null");
    return NULL;
}

void encode_number(struct Reader* in, struct Writer* out) {
    const uint64_t value = read_number(in);
    write_bytes(out, &value, sizeof value);
}

const char* decode_number(const uint8_t* data, size_t length, struct Writer* out) {
    if (length != sizeof(uint64_t)) return "a number has 8 bytes";
    write_number(out, load_u64(data));
    return NULL;
}

static bool is_initialised;

EXPORT(init) void init(void) {
    is_initialised = true;
}

// Blocks lie one behind the other, from where the linker's data ends. When the last block is released, all of the
// memory is free again.
extern uint8_t __heap_base;
static size_t used, blocks;

// Returns NULL when there is no more memory.
EXPORT(alloc) uint8_t* allocate(size_t size) {
    const size_t kPage = 65536, kAlignment = 8;
    const size_t most = SIZE_MAX - (size_t)&__heap_base - kPage;
    if (used > most || size > most - used) return NULL;
    const size_t start = ((size_t)&__heap_base + used + kAlignment - 1) / kAlignment * kAlignment;
    const size_t has = __builtin_wasm_memory_size(0) * kPage;
    if (start + size > has && __builtin_wasm_memory_grow(0, (start + size - has + kPage - 1) / kPage) == SIZE_MAX)
        return NULL;
    used = start + size - (size_t)&__heap_base;
    ++blocks;
    return (uint8_t*)start;
}

EXPORT(dealloc) void release(uint8_t* block, size_t size) {
    (void)block;
    (void)size;
    if (blocks > 0 && --blocks == 0) used = 0;
}

static uint8_t failure_text[256];
static struct Writer failure = {.to = failure_text, .capacity = sizeof failure_text};

// The form of Dusk's drivers: Unsupported("fn_name x"). Of a long name only the beginning is shown.
static enum Code fail(const char* kind, const char* text, const uint8_t* name, size_t name_length) {
    const size_t kNameMost = 64;
    failure.length = 0;
    write_text(&failure, kind);
    write_text(&failure, "(\"");
    write_escaped(&failure, (const uint8_t*)text, text_length(text));
    write_escaped(&failure, name, utf8_prefix(name, name_length, kNameMost));
    write_text(&failure, "\")");
    return OPERATION_FAILED;
}

static bool is_name(const char* name, const uint8_t* bytes, size_t length) {
    return text_length(name) == length && bytes_equal(name, bytes, length);
}

static const struct Function* find_function(const uint8_t* name, size_t length) {
    for (size_t i = 0; i < kDriver.function_count; ++i)
        if (is_name(kDriver.functions[i].name, name, length)) return &kDriver.functions[i];
    fail("Unsupported", "fn_name ", name, length);
    return NULL;
}

enum { LENGTH_BYTES = 4 };  // in front of every output

static struct Writer output_of(uint8_t* out, size_t size) {
    return (struct Writer){.to = out + LENGTH_BYTES,
                           .capacity = size < LENGTH_BYTES ? 0 : size - LENGTH_BYTES,
                           .is_full = size < LENGTH_BYTES};
}

static enum Code finish(const struct Writer* output) {
    if (output->is_full) return BUFFER_TOO_SMALL;
    const uint32_t length = (uint32_t)output->length;
    copy_bytes(output->to - LENGTH_BYTES, &length, sizeof length);
    return OK;
}

// Where the name and the data of a request are, and where its output goes.
#define REQUEST \
    const uint8_t *name, size_t name_length, const uint8_t *data, size_t data_length, uint8_t *out, size_t out_size

static enum Code check(const uint8_t* name, size_t name_length) {
    if (!is_initialised) return NOT_INITIALISED;
    if (is_utf8(name, name_length)) return OK;
    fail("Name", "not UTF-8", NULL, 0);
    return INVALID_INPUT;
}

static enum Code decode(Decode decoder, const uint8_t* data, size_t data_length, uint8_t* out, size_t out_size) {
    struct Writer output = output_of(out, out_size);
    const char* const why = decoder(data, data_length, &output);
    return why != NULL ? fail("Bytes", why, NULL, 0) : finish(&output);
}

EXPORT(encode_input_fn) enum Code encode_input(REQUEST) {
    const enum Code code = check(name, name_length);
    if (code != OK) return code;
    const struct Function* const function = find_function(name, name_length);
    if (function == NULL) return OPERATION_FAILED;
    struct Writer output = output_of(out, out_size);
    struct Reader input = {.at = data, .end = data + data_length};
    function->encode_input(&input, &output);
    expect_end(&input);
    return input.failure != NULL ? fail("Json", input.failure, NULL, 0) : finish(&output);
}

EXPORT(decode_input_fn) enum Code decode_input(REQUEST) {
    const enum Code code = check(name, name_length);
    if (code != OK) return code;
    const struct Function* const function = find_function(name, name_length);
    return function == NULL ? OPERATION_FAILED : decode(function->decode_input, data, data_length, out, out_size);
}

EXPORT(decode_output_fn) enum Code decode_output(REQUEST) {
    const enum Code code = check(name, name_length);
    if (code != OK) return code;
    const struct Function* const function = find_function(name, name_length);
    return function == NULL ? OPERATION_FAILED : decode(function->decode_output, data, data_length, out, out_size);
}

EXPORT(decode_event) enum Code decode_event(REQUEST) {
    const enum Code code = check(name, name_length);
    if (code != OK) return code;
    for (size_t i = 0; i < kDriver.event_count; ++i)
        if (is_name(kDriver.events[i].topic, name, name_length))
            return decode(kDriver.events[i].decode, data, data_length, out, out_size);
    return fail("Unsupported", "event ", name, name_length);
}

static void write_text_field(struct Writer* out, const char* name, const char* text) {
    write_name(out, name);
    write_string(out, (const uint8_t*)text, text_length(text));
}

EXPORT(get_schema) enum Code get_schema(uint8_t* out, size_t out_size) {
    if (!is_initialised) return NOT_INITIALISED;
    struct Writer output = output_of(out, out_size);
    write_text(&output, "{");
    write_text_field(&output, "name", kDriver.name);
    write_name(&output, "imports");
    write_text(&output, "[]");
    write_name(&output, "functions");
    for (size_t i = 0; i < kDriver.function_count; ++i) {
        write_text(&output, i == 0 ? "[{" : ",{");
        write_text_field(&output, "name", kDriver.functions[i].name);
        write_text_field(&output, "doc", kDriver.functions[i].about);
        write_text_field(&output, "input", kDriver.functions[i].input);
        write_text_field(&output, "output", kDriver.functions[i].output);
        write_name(&output, "custom");
        write_text(&output, "false}");
    }
    write_text(&output, "]");
    write_name(&output, "events");
    for (size_t i = 0; i < kDriver.event_count; ++i) {
        write_text(&output, i == 0 ? "[{" : ",{");
        write_text_field(&output, "topic", kDriver.events[i].topic);
        write_text_field(&output, "data", kDriver.events[i].type);
        write_text(&output, "}");
    }
    write_text(&output, "]}");
    return finish(&output);
}

EXPORT(get_version) enum Code get_version(uint8_t* out, size_t out_size) {
    struct Writer output = output_of(out, out_size);
    write_text(&output, kDriver.version);
    return finish(&output);
}

// Reading the text clears it.
EXPORT(get_last_error) enum Code get_last_error(uint8_t* out, size_t out_size) {
    struct Writer output = output_of(out, out_size);
    write_bytes(&output, failure.to, failure.length);
    const enum Code code = finish(&output);
    if (code == OK) failure.length = 0;
    return code;
}
