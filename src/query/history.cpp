#include <fmt/format.h>

#include <algorithm>

#include "query/archive_json.hpp"
#include "query/arguments.hpp"
#include "query/types.hpp"

/// Histories: the transactions that moved an account's funds, with all their events
/// (docs/reference/graphql.md 3, 4.6, 5.3; docs/reference/rusk-1.7.md 6.1).
namespace rues::query {
namespace {

using graphql::Call;
using graphql::Out;
using graphql::Parents;
using store::Archive;
using store::EventGroup;
using store::HistoryPage;

/// Of one history; equals the number of rows that a request may read.
constexpr std::size_t kMaxTransactions = 250'000;
constexpr std::size_t kMaxText = 64 << 20;  ///< bytes of one history's JSON
constexpr std::size_t kGroupsAtOnce = 256;

/// Writes the events of these transactions, or null when there is no transaction.
void write(Call& call, Out& out, const base::Result<store::History>& found) {
    if (!found) {
        const bool too_much = found.error().kind == base::Error::Kind::invalid;
        return out.fail(too_much ? found.error().text : kUnreadable);
    }
    const std::span places(found->transactions);
    // A history that ends at a limit looks like a complete history, so the request fails instead.
    if (!call.spend(found->more ? SIZE_MAX / 2 : places.size())) return;
    if (places.empty()) return out.null();
    std::string text = "[";
    for (std::size_t at = 0; at < places.size(); at += kGroupsAtOnce) {
        const auto groups =
            context_of(call).snapshot().groups(places.subspan(at, std::min(kGroupsAtOnce, places.size() - at)));
        if (!groups) return out.fail(kUnreadable);
        std::size_t events = 0;
        for (const EventGroup& group : *groups) {
            events += group.events.size();
            text.append(text.size() > 1 ? "," : "").append(base::json::print(json_of(group)));
        }
        if (!call.spend(events)) return;
        if (text.size() > kMaxText) return out.fail("The answer is too large.");
    }
    out.object(&context_of(call).keep(JsonValue{text + "]"}));
}

/// Reads `fromBlock` and `toBlock`, both inclusive. When one is invalid it fails the call and returns false.
bool read_bounds(const Call& call, std::size_t first, Out& out, HistoryPage& to) {
    for (const auto& [argument, bound] : {std::pair(first, &to.from), std::pair(first + 1, &to.to)}) {
        if (!call.arguments[argument].given()) continue;
        const auto height = unsigned_argument(call, argument, out);
        if (!height) return false;
        *bound = *height;
    }
    return true;
}

/// An account with a history is a key. Otherwise the bytes are decoded, which is more expensive.
bool is_key(const ledger::AccountKey& account, const base::Result<store::History>& found) {
    return !found || !found->transactions.empty() || crypto::PublicKey::decode(account);
}

void full_history(Call& call, Parents<Root>, Out& out) {
    HistoryPage page;
    page.descending = call.arguments[1].given() && call.arguments[1].text == "desc";
    page.most = kMaxTransactions;
    if (!read_bounds(call, 2, out, page)) return;
    const auto bytes = decode_base58(call.arguments[0].text);
    if (!bytes) return out.fail(bytes.error());
    if (bytes->size() != 96) return out.fail("Invalid public key length");
    const auto account = base::to_array<96>(*bytes);
    const auto found = context_of(call).snapshot().history(account, Archive::Flow::any, page);
    if (!is_key(account, found)) return out.fail("Failed to serialize given public key");
    write(call, out, found);
}

/// Reads one of the two accounts of `moonlightHistory`. When it is invalid it fails the call and returns false.
bool read_account(const Call& call, std::size_t argument, Out& out, std::optional<ledger::AccountKey>& to) {
    if (!call.arguments[argument].given()) return true;
    const auto bytes = decode_base58(call.arguments[argument].text);
    if (!bytes) return out.fail("Failed to decode given public key to bytes"), false;
    if (bytes->size() < 96)
        return out.fail(
                   fmt::format("Failed to deserialize bytes BadLength {{ found: {}, expected: 96 }}", bytes->size())),
               false;
    to = base::to_array<96>(ByteView(*bytes).first(96));
    return true;
}

void page_of_history(Call& call, Parents<Root>, Out& out) {
    HistoryPage page;
    page.most = kMaxTransactions;
    if (!read_bounds(call, 2, out, page)) return;
    std::optional<std::uint64_t> size;
    std::uint64_t number = 1;
    if (call.arguments[4].given()) {
        size = unsigned_argument(call, 4, out);
        if (!size) return;
    }
    if (call.arguments[5].given()) {
        const auto given = unsigned_argument(call, 5, out);
        if (!given) return;
        number = *given;
    }
    if (size == 0U) return out.fail("MaxCount must be greater than 0");
    std::optional<ledger::AccountKey> sender;
    std::optional<ledger::AccountKey> receiver;
    if (!call.arguments[0].given() && !call.arguments[1].given()) return out.fail("No sender or receiver provided");
    if (!read_account(call, 0, out, sender) || !read_account(call, 1, out, receiver)) return;
    bool cut = false;
    if (size) {
        if (number == 0) return out.fail("PageCount must be greater than 0");  // on the node the counter wraps here
        page.most = static_cast<std::size_t>(std::min<std::uint64_t>(*size, kMaxTransactions));
        cut = page.most == *size;
        if (__builtin_mul_overflow(number - 1, *size, &page.skip)) page.skip = UINT64_MAX;
    }
    const store::Snapshot& at = context_of(call).snapshot();
    auto found = sender && receiver ? at.payments(*sender, *receiver, page)
                 : sender           ? at.history(*sender, Archive::Flow::out, page)
                                    : at.history(*receiver, Archive::Flow::in, page);
    for (const auto& account : {sender, receiver})
        if (account && !is_key(*account, found)) return out.fail("Failed to deserialize bytes InvalidData");
    if (found && cut) found->more = false;  // the rest belongs to the next page, so this is not a cut history
    write(call, out, found);
}

void history_of_memo(Call& call, Parents<Root>, Out& out) {
    HistoryPage page;
    page.most = kMaxTransactions;
    write(call, out, context_of(call).snapshot().with_memo(base::view(call.arguments[0].text), page));
}

}  // namespace

void add_history_fields(RootFields& to) {
    to.field("fullMoonlightHistory", "MoonlightTransfers", full_history)
        .argument("address", "String!")
        .argument("ord", "String")
        .argument("fromBlock", "Int")
        .argument("toBlock", "Int")
        .describe(
            "Retrieves the events of all historical transactions that have been\naffecting the moonlight balance of "
            "the given address.");
    to.field("moonlightHistory", "MoonlightTransfers", page_of_history)
        .argument("sender", "String")
        .argument("receiver", "String")
        .argument("fromBlock", "Int")
        .argument("toBlock", "Int")
        .argument("maxCount", "Int")
        .argument("pageCount", "Int")
        .describe(
            "Retrieves raw events from transactions where at least one event within a\ntransaction indicates a "
            "transfer of funds.\n\n"
            "Filter by topic=\"moonlight\" and target=TRANSFER_CONTRACT on events for a\ntx, to get only events from "
            "moonlight transactions. (Instead of both\nphoenix or moonlight transactions)");
    to.field("transactionsByMemo", "MoonlightTransfers", history_of_memo).argument("memo", "String!");
}

}  // namespace rues::query
