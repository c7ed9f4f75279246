#include "ledger/history.hpp"

#include <algorithm>

#include "wire/layouts.hpp"

namespace rues::ledger {
namespace {

namespace layouts = wire::layouts;

/// The transfer contract wrote these keys. They are points, because the transaction's keys were checked.
void add(std::vector<AccountKey>& to, const layouts::Key& key) {
    if (const auto account = crypto::PublicKey::compress_raw_trusted(key.bytes)) to.push_back(*account);
}

void add(std::vector<AccountKey>& to, const layouts::Receiver& receiver) {
    if (const auto* key = std::get_if<layouts::Key>(&receiver)) add(to, *key);
}

template <typename T>
void order(std::vector<T>& values) {
    std::ranges::sort(values);
    const auto again = std::ranges::unique(values);
    values.erase(again.begin(), again.end());
}

void add_moonlight(HistoryEntries& to, const layouts::MoonlightEvent& event, bool is_alone) {
    add(to.outflow, event.sender);
    if (event.receiver) {
        add(to.inflow, *event.receiver);
    } else if (is_alone) {
        add(to.inflow, event.sender);
    }
    if (event.refund_info && event.refund_info->value > 0) add(to.inflow, event.refund_info->key);
    if (!event.memo.empty()) to.memos.push_back(base::to_bytes(std::as_bytes(std::span(event.memo))));
}

}  // namespace

HistoryEntries history_entries(std::span<const ContractEvent> events) {
    HistoryEntries out;
    for (const ContractEvent& event : events) {
        if (event.contract != kTransferContract) continue;
        if (event.topic == "moonlight") {
            const auto read = wire::rkyv::unarchive<layouts::MoonlightEvent>(event.data);
            if (read) add_moonlight(out, *read, events.size() == 1);
        } else if (event.topic == "convert") {
            const auto read = wire::rkyv::unarchive<layouts::ConvertEvent>(event.data);
            if (read) add(out.inflow, read->receiver);
        } else if (event.topic == "withdraw" || event.topic == "mint") {
            const auto read = wire::rkyv::unarchive<layouts::WithdrawEvent>(event.data);
            if (read) add(out.inflow, read->receiver);
        } else if (event.topic == "contract_to_account") {
            const auto read = wire::rkyv::unarchive<layouts::ContractToAccountEvent>(event.data);
            if (read) add(out.inflow, read->receiver);
        }
    }
    order(out.outflow);
    order(out.inflow);
    order(out.memos);
    return out;
}

}  // namespace rues::ledger
