#include <cstdlib>

#include "ledger/transaction.hpp"

/// A transaction that decodes is encoded to bytes that decode to the same transaction. `decode_historical` accepts
/// everything that `decode` accepts, and points of Phoenix that `decode` refuses. Digest, sizes and JSON work for every
/// transaction, and its id and digest are those of the transaction without sidecars.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace rues;
    using ledger::Envelope;
    const base::ByteView bytes = std::as_bytes(std::span(data, size));
    const auto tx = ledger::Transaction::decode(bytes);
    const auto historical = ledger::Transaction::decode_historical(bytes);
    if (tx && (!historical || historical->id() != tx->id())) std::abort();
    if (!historical) return 0;
    for (const auto envelope : {Envelope::aegis, Envelope::boreas}) {
        const auto bytes_again = historical->encode(envelope);
        const auto again =
            tx ? ledger::Transaction::decode(bytes_again) : ledger::Transaction::decode_historical(bytes_again);
        if (!again || again->id() != historical->id() || again->data() != historical->data()) std::abort();
        if (again->encode(envelope) != historical->encode(envelope)) std::abort();
        if (again->without_sidecars().digest(envelope) != again->digest(envelope)) std::abort();
    }
    if (historical->size() != 12 + historical->encode(Envelope::boreas).size()) std::abort();
    const auto bare = historical->without_sidecars();
    if (bare.id() != historical->id() || bare.size() > historical->size()) std::abort();
    if (bare.size() != 12 + bare.encode(Envelope::boreas).size()) std::abort();
    (void)historical->archived_size();
    (void)base::json::print(historical->to_json());
    return 0;
}
