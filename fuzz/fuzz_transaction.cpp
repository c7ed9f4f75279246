#include <cstdlib>

#include "ledger/transaction.hpp"

/// A transaction that decodes is encoded to bytes that decode to the same transaction. `decode_historical` accepts
/// everything that `decode` accepts. Digest, sizes and JSON work for every transaction.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace rues;
    using ledger::Envelope;
    const base::ByteView bytes = std::as_bytes(std::span(data, size));
    const auto tx = ledger::Transaction::decode(bytes);
    const auto historical = ledger::Transaction::decode_historical(bytes);
    if (tx && (!historical || historical->id() != tx->id())) std::abort();
    if (!historical) return 0;
    for (const auto envelope : {Envelope::aegis, Envelope::boreas}) {
        const auto again = ledger::Transaction::decode(historical->encode(envelope));
        if (!again || again->id() != historical->id() || again->data() != historical->data()) std::abort();
        if (again->encode(envelope) != historical->encode(envelope)) std::abort();
        (void)again->digest(envelope);
    }
    if (historical->size() != 12 + historical->encode(Envelope::boreas).size()) std::abort();
    (void)historical->archived_size();
    (void)base::json::print(historical->to_json());
    return 0;
}
