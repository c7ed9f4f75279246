// The counter of docs/guides/contracts.md in C, with the headers of examples/contract: the tests need no Rust compiler.
#include "piecrust.h"

static uint64_t value_now;

static uint64_t number_argument(uint32_t length) {
    if (length != sizeof(uint64_t)) panic("the argument must be a number of 8 bytes");
    return load_u64(A);
}

EXPORT(init) uint32_t init(uint32_t length) {
    value_now = number_argument(length);
    return 0;
}

EXPORT(value) uint32_t value(uint32_t length) {
    (void)length;
    return answer(&value_now, sizeof value_now);
}

EXPORT(add) uint32_t add(uint32_t length) {
    const uint64_t amount = number_argument(length);
    if (amount == 0) panic("there is nothing to add");
    value_now += amount;
    const uint64_t added[] = {amount, value_now};
    emit("added", added, sizeof added);
    return answer(&value_now, sizeof value_now);
}

EXPORT(numbers) uint32_t numbers(uint32_t length) {
    (void)length;
    for (uint64_t number = 1; number <= value_now; ++number) {
        store_u64(A, number);
        feed_item(sizeof number);
    }
    return 0;
}
