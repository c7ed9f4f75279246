#include "support/contract_events.hpp"

#include "crypto/keys.hpp"
#include "drivers/driver.hpp"
#include "support/measure.hpp"

namespace rues::bench {

base::Bytes moonlight_payload() {
    ledger::Moonlight body;
    body.sender = crypto::account_key(crypto::Seed{}, 0).public_key();
    body.receiver = crypto::account_key(crypto::Seed{}, 1).public_key();
    body.value = 1'000'000'000;
    return ledger::moonlight_event(body, {}, 98'293, {});
}

ledger::Event moonlight_event(std::uint64_t height) {
    static const base::Bytes payload = moonlight_payload();
    ledger::Header header;
    header.height = height;
    return ledger::contract_event({ledger::kTransferContract, "moonlight", payload, {}}, header);
}

std::ptrdiff_t decoded_difference(base::ByteView stored_message) {
    const auto decoded = drivers::driver_of(ledger::kTransferContract)->decode_event("moonlight", moonlight_payload());
    require(decoded.has_value(), "the event cannot be decoded");
    return static_cast<std::ptrdiff_t>(wire::as_decoded(stored_message, base::json::print(*decoded)).size()) -
           static_cast<std::ptrdiff_t>(stored_message.size());
}

}  // namespace rues::bench
