#include <cstdlib>

#include "chain/bytecode.hpp"
#include "chain/genesis_file.hpp"
#include "ledger/block.hpp"
#include "ledger/genesis.hpp"
#include "store/memory_layout.hpp"

/// Bytes of our own disk and files of the operator may be torn or wrong. Headers and lists of replaced
/// pages have one encoding each; headers read from JSON print the same again; a genesis is read or refused.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace rues;
    const base::ByteView bytes = std::as_bytes(std::span(data, size));
    if (const auto header = ledger::Header::decode(bytes)) {
        if (!base::equal(header->encode(), bytes)) std::abort();
        if (!ledger::Header::from_json(header->to_json())) std::abort();
    }
    if (const auto replaced = store::layout::decode_replaced(bytes);
        replaced && !base::equal(store::layout::encode(*replaced), bytes))
        std::abort();
    static base::Bytes page(store::kPageBytes);
    (void)store::layout::decode_page(bytes, page);
    (void)chain::declares_memory64(bytes);
    boost::system::error_code error;
    const auto json = boost::json::parse(base::text(bytes), error);
    if (!error && json.is_object()) {
        const auto header = ledger::Header::from_json(json.as_object());
        if (header && ledger::Header::from_json(header->to_json_declared()) != *header) std::abort();
    }
    if (const auto genesis = chain::read_genesis(base::text(bytes))) (void)genesis->problem();
    return 0;
}
