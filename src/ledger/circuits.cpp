#include "ledger/circuits.hpp"

#include <array>

// The files of src/ledger/circuits; the build numbers them by their inputs.
extern const char kRuesCircuit1[];
extern const unsigned long kRuesCircuit1Size;
extern const char kRuesCircuit2[];
extern const unsigned long kRuesCircuit2Size;
extern const char kRuesCircuit3[];
extern const unsigned long kRuesCircuit3Size;
extern const char kRuesCircuit4[];
extern const unsigned long kRuesCircuit4Size;
extern const char kRuesDeveloperCircuit1[];
extern const unsigned long kRuesDeveloperCircuit1Size;
extern const char kRuesDeveloperCircuit2[];
extern const unsigned long kRuesDeveloperCircuit2Size;
extern const char kRuesDeveloperCircuit3[];
extern const unsigned long kRuesDeveloperCircuit3Size;
extern const char kRuesDeveloperCircuit4[];
extern const unsigned long kRuesDeveloperCircuit4Size;

namespace rues::ledger {
namespace {

base::ByteView bytes(const char* from, unsigned long size) noexcept {
    return std::as_bytes(std::span(from, size));
}

}  // namespace

std::span<const TransactionCircuit, 4> transaction_circuits() noexcept {
    static const std::array<TransactionCircuit, 4> kAll{{
        {1, "TxCircuitOneTwo", "c8fed2bfcc0e0e64709586b56636fc1831be5f0227e533363e9a49b8fae5cd2f",
         bytes(kRuesCircuit1, kRuesCircuit1Size)},
        {2, "TxCircuitTwoTwo", "98c9786a8cf36f19bcbdf97f4bc140fe402ae5f72cef3f60f24b96071c0faa73",
         bytes(kRuesCircuit2, kRuesCircuit2Size)},
        {3, "TxCircuitThreeTwo", "1210b96327d25a0403be7b8e027cfe964370700b94ec7f47d22128ecbe7e9803",
         bytes(kRuesCircuit3, kRuesCircuit3Size)},
        {4, "TxCircuitFourTwo", "0095785bd378e5cd3c7427c03b6d4420966c03156bf045b556f22419252fc8bc",
         bytes(kRuesCircuit4, kRuesCircuit4Size)},
    }};
    return kAll;
}

std::span<const base::ByteView, 4> developer_verifier_data() noexcept {
    static const std::array<base::ByteView, 4> kAll{bytes(kRuesDeveloperCircuit1, kRuesDeveloperCircuit1Size),
                                                    bytes(kRuesDeveloperCircuit2, kRuesDeveloperCircuit2Size),
                                                    bytes(kRuesDeveloperCircuit3, kRuesDeveloperCircuit3Size),
                                                    bytes(kRuesDeveloperCircuit4, kRuesDeveloperCircuit4Size)};
    return kAll;
}

}  // namespace rues::ledger
