// What a contract and the machine that runs it (piecrust) know of each other. Include this file in one source file: it
// defines the argument buffer.
//
// A contract exports its memory, the buffer `A`, and functions of the type (i32) -> i32. The machine writes the
// argument to `A` and calls the function with its length. The function writes its answer to `A` and returns its length.
//
// The memory is the contract's state. It outlives every call, and each page that a transaction writes is part of the
// state root. After a call that failed the memory is as it was before.
//
// Imports are matched by name. Most of them read from `A` or write to it, so save what you need of the argument before
// you call one.
#pragma once

#include "bytes.h"
#include "key.h"

enum { ARGUMENT_BYTES = 65536, CONTRACT_ID_BYTES = 32 };

// Host queries check the alignment of their arguments. The linker exports this symbol (--export=A).
_Alignas(8) uint8_t A[ARGUMENT_BYTES];

#define EXPORT(name) __attribute__((export_name(#name)))
#define IMPORT(name) __attribute__((import_module("env"), import_name(#name)))

// Asks the host for a computation, such as "sha256" or "verify_bls". Argument and answer are in `A`; returns the
// answer's length.
IMPORT(hq) uint32_t host_query(const char* name, uint32_t name_length, uint32_t argument_length);

// Writes to `A` what the host knows: "chain_id" (u8), "block_height" (u64), "public_sender" (read_public_sender).
// Returns the length, or 0.
IMPORT(hd) uint32_t host_data(const char* name, uint32_t name_length);

// Calls a function of another contract. Argument and answer are in `A`. Returns the answer's length, or one of the
// codes below. A gas limit of 0 leaves the callee 93 % of the remaining gas.
IMPORT(c)
int32_t call_contract(const uint8_t id[CONTRACT_ID_BYTES], const char* function, uint32_t function_length,
                      uint32_t argument_length, uint64_t gas_limit);

enum {
    CALL_PANICKED = -1,  // `A` has the length of the text (u32), then the text
    CALL_OUT_OF_GAS = -2,
    CALL_NO_SUCH_CONTRACT = -3,
    CALL_FAILED = INT32_MIN,
};

// Publishes an event. Its data are the first `length` bytes of `A`. Each byte of topic and data costs 4 gas.
IMPORT(emit) void emit_event(const char* topic, uint32_t topic_length, uint32_t length);

// Sends the first `length` bytes of `A` to the client as one item of a streamed answer. Only a call with the header
// `Rusk-Feeder` may do this.
IMPORT(feed) void feed_item(uint32_t length);

// Writes the id of the calling contract to `A` and returns 1, or returns 0 in a query. The caller of a transaction's
// own call is the transfer contract.
IMPORT(caller) uint32_t read_caller(void);

// Writes the ids of all callers to `A`, the nearest first, and returns their number.
IMPORT(callstack) uint32_t read_callstack(void);

// Gas: the limit of this call, and how much of it is spent.
IMPORT(limit) uint64_t gas_limit(void);
IMPORT(spent) uint64_t gas_spent(void);

// Ends the call with an error. Its text is the first `length` bytes of `A`.
IMPORT(panic) _Noreturn void panic_with_argument(uint32_t length);

// Writes the owner that was named when a contract was deployed to `A`, and returns its length. NULL: this contract's.
IMPORT(owner) uint32_t read_owner(const uint8_t* id);

// Writes this contract's id to `A`.
IMPORT(self_id) void read_self_id(void);

// Appends bytes to the text in `A` at `length`, and returns the new length. What has no room is left out.
static inline uint32_t append_bytes(uint32_t length, const void* bytes, size_t count) {
    const size_t room = ARGUMENT_BYTES - length;
    if (count > room) count = room;
    copy_bytes(A + length, bytes, count);
    return length + (uint32_t)count;
}

static inline uint32_t append_text(uint32_t length, const char* text) {
    return append_bytes(length, text, text_length(text));
}

static inline uint32_t append_decimal(uint32_t length, uint64_t value) {
    uint8_t digits[DECIMAL_BYTES];
    return append_bytes(length, digits, write_decimal(digits, value));
}

_Noreturn static inline void panic(const char* text) {
    panic_with_argument(append_text(0, text));
}

static inline void emit(const char* topic, const void* data, size_t length) {
    copy_bytes(A, data, length);
    emit_event(topic, text_length(topic), length);
}

static inline uint32_t answer(const void* data, size_t length) {
    copy_bytes(A, data, length);
    return length;
}

static const uint8_t kTransferContract[CONTRACT_ID_BYTES] = {1};

// Calls the transfer contract, with the argument in `A`, and panics when that call fails.
static inline void call_transfer_contract(const char* function, uint32_t argument_length) {
    const int32_t result = call_contract(kTransferContract, function, text_length(function), argument_length, 0);
    if (result >= 0) return;
    uint8_t reason[256];
    uint32_t reason_length = 0;
    if (result == CALL_PANICKED) {
        copy_bytes(&reason_length, A, sizeof reason_length);
        reason_length = utf8_prefix(A + sizeof reason_length, reason_length, sizeof reason);
        copy_bytes(reason, A + sizeof reason_length, reason_length);
    }
    uint32_t length = append_text(0, "the transfer contract refuses ");
    length = append_text(length, function);
    length = append_text(length, ": ");
    length = result == CALL_PANICKED     ? append_bytes(length, reason, reason_length)
             : result == CALL_OUT_OF_GAS ? append_text(length, "out of gas")
                                         : append_text(length, "unknown error");
    panic_with_argument(length);
}

// True when a transaction calls this contract itself, not through another contract.
static inline bool is_called_by_transaction(void) {
    return read_caller() == 1 && bytes_equal(A, kTransferContract, CONTRACT_ID_BYTES);
}

// The account that signed the running transaction. False in a query, and for a transaction that hides its sender.
static inline bool read_public_sender(struct Key* key) {
    static const char kName[] = "public_sender";
    const uint32_t kLength = 8 + sizeof *key;  // a byte that is 1 when there is a key, padding, the key
    if (host_data(kName, sizeof kName - 1) != kLength || A[0] != 1) return false;
    copy_bytes(key, A + 8, sizeof *key);
    return true;
}

static inline uint64_t block_height(void) {
    static const char kName[] = "block_height";
    return host_data(kName, sizeof kName - 1) == 8 ? load_u64(A) : 0;
}
