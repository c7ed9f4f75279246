// A guest book. Anybody signs it with a message, and may leave a tip. The account that deployed it keeps it and
// collects the tips.
//
//     init(u64 least tip)         when it is deployed; without an argument the least tip is 0
//     sign(Sign, message) -> u64  the number of the new entry; the transaction deposits the tip. Event `signed`
//     collect(u64 value)          pays tips to the keeper, who must have signed the transaction. Event `collected`
//     about() -> About            query
//     entry(u64 number) -> Entry  query
//     entries(u64 first)          feeder: an Entry for each entry from `first` on
#include "guestbook.h"
#include "piecrust.h"

// Memory is the state, so its size is the bound of the book. It costs nothing before it is written.
enum { ENTRIES_MOST = 100 };

static struct Key keeper;
static uint64_t least_tip, tips, count;
static struct Entry entries[ENTRIES_MOST];

static uint64_t number_argument(uint32_t length) {
    if (length != sizeof(uint64_t)) panic("the argument must be a number of 8 bytes");
    return load_u64(A);
}

EXPORT(init) uint32_t init(uint32_t length) {
    if (length != 0) least_tip = number_argument(length);
    if (!read_public_sender(&keeper)) panic("the keeper must be a public account");
    return 0;
}

EXPORT(sign) uint32_t sign(uint32_t length) {
    if (length < sizeof(struct Sign)) panic("the argument must be a tip and a message");
    if (count == ENTRIES_MOST) panic("the book is full");
    struct Entry* const entry = &entries[count];
    entry->number = count;
    entry->tip = load_u64(A);
    entry->length = length - sizeof(struct Sign);
    if (entry->length == 0) panic("the message is empty");
    if (entry->length > MESSAGE_MOST) panic("the message has more than 136 bytes");
    if (!is_utf8(A + sizeof(struct Sign), entry->length)) panic("the message is not UTF-8");
    copy_bytes(entry->message, A + sizeof(struct Sign), entry->length);
    if (entry->tip < least_tip)
        panic_with_argument(append_text(append_decimal(append_text(0, "the least tip is "), least_tip), " lux"));
    if (!read_public_sender(&entry->guest)) panic("only public accounts can sign");
    entry->height = block_height();
    if (entry->tip > 0) {
        // A contract cannot see how much was deposited. It names an amount, and the transfer contract refuses another.
        store_u64(A, entry->tip);
        call_transfer_contract("deposit", sizeof(uint64_t));
    }
    tips += entry->tip;
    ++count;
    emit("signed", entry, sizeof *entry);
    return answer(&entry->number, sizeof entry->number);
}

EXPORT(collect) uint32_t collect(uint32_t length) {
    struct Collected collected = {.value = number_argument(length)};
    // The sender of a transaction stays the same when contracts call each other. Without the first check, any contract
    // that the keeper calls could collect.
    if (!is_called_by_transaction() || !read_public_sender(&collected.keeper) ||
        !bytes_equal(&collected.keeper, &keeper, sizeof keeper))
        panic("only the keeper can collect the tips");
    if (collected.value > tips)
        panic_with_argument(append_text(append_decimal(append_text(0, "there are only "), tips), " lux of tips"));
    tips -= collected.value;
    // The transfer contract expects the account, then the value.
    copy_bytes(A, &keeper, sizeof keeper);
    store_u64(A + sizeof keeper, collected.value);
    call_transfer_contract("contract_to_account", sizeof keeper + sizeof(uint64_t));
    emit("collected", &collected, sizeof collected);
    return 0;
}

EXPORT(about) uint32_t about(uint32_t length) {
    (void)length;
    struct About about = {
        .entries = count, .tips = tips, .least_tip = least_tip, .keeper = keeper, .owner_length = read_owner(NULL)};
    if (about.owner_length > OWNER_MOST) about.owner_length = 0;
    copy_bytes(about.owner, A, about.owner_length);
    return answer(&about, sizeof about);
}

EXPORT(entry) uint32_t entry(uint32_t length) {
    const uint64_t number = number_argument(length);
    if (number >= count) panic_with_argument(append_decimal(append_text(0, "there is no entry "), number));
    return answer(&entries[number], sizeof entries[number]);
}

EXPORT(entries) uint32_t feed_entries(uint32_t length) {
    for (uint64_t number = number_argument(length); number < count; ++number)
        feed_item(answer(&entries[number], sizeof entries[number]));
    return 0;
}
