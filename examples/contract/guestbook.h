// The guest book's arguments, answers and events as bytes. The contract and its driver both use this file, so the
// layouts cannot differ: numbers are little-endian, and no struct has a gap.
#pragma once

#include "key.h"

enum {
    MESSAGE_MOST = 136,  // bytes of UTF-8
    OWNER_MOST = 96      // bytes that are shown of the contract's owner
};

// The argument of `sign`. The message follows.
struct Sign {
    uint64_t tip;  // lux, deposited by the same transaction
};

// A line of the book: the answer of `entry`, each item of `entries`, the event `signed`. All entries have the same
// size, so that a reader can cut the items of a feeder's answer, which come without anything in between.
struct Entry {
    uint64_t number;  // from 0
    uint64_t height;  // of the block
    uint64_t tip;     // lux
    struct Key guest;
    uint64_t length;  // of the message; zeros follow
    uint8_t message[MESSAGE_MOST];
};
_Static_assert(sizeof(struct Entry) == 368, "an entry has no gaps");

// The answer of `about`.
struct About {
    uint64_t entries;
    uint64_t tips;       // lux that were not collected yet
    uint64_t least_tip;  // lux
    struct Key keeper;
    uint64_t owner_length;  // 0 when the owner has more than OWNER_MOST bytes
    uint8_t owner[OWNER_MOST];
};
_Static_assert(sizeof(struct About) == 328, "the answer of `about` has no gaps");

// The event `collected`.
struct Collected {
    uint64_t value;  // lux
    struct Key keeper;
};
_Static_assert(sizeof(struct Collected) == 208, "the event has no gaps");
