#include <limits>

#include "api/endpoints/contract_id.hpp"
#include "api/endpoints/paging.hpp"
#include "api/routes.hpp"
#include "query/archive_json.hpp"

/// Pages of the archive, newest first, for lists that begin with the newest entry. GraphQL's fields are those of the
/// node, which page from the oldest entry on, or not at all. docs/endpoints.md.
namespace rues::api::archive {
namespace {

using base::json::array;
using base::json::object;

/// Most events that a page with a topic examines. The page then ends early, and the next one continues.
constexpr std::size_t kMostExamined = 1'000;
constexpr std::size_t kExaminedAtOnce = 100;

/// The cursor of a history is `<height>-<n>`: the pages so far showed all transactions above the block at `height`, and
/// `n` of that block. Final blocks never change, so a cursor keeps its meaning.
struct Cursor {
    std::uint64_t height = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t shown = 0;

    static std::optional<Cursor> parse(std::string_view text) {
        const auto numbers = parse_cursor(text);
        return numbers ? std::optional(Cursor{numbers->first, numbers->second}) : std::nullopt;
    }
    std::string to_string() const { return cursor_text(height, shown); }
    /// Counts one more transaction as shown, in the block at height `of`.
    void pass(std::uint64_t of) {
        shown = of == height ? shown + 1 : 1;
        height = of;
    }
};

Result<Answer> failed_read(const base::Error& error) {
    if (error.kind == base::Error::Kind::invalid) return fail(ErrorCode::invalid_input, error.text);
    return fail(ErrorCode::internal, {});  // the snapshot has failed, which `read` logs and answers
}

Result<Answer> history_page(const store::Snapshot& at, const ledger::AccountKey& account, Cursor cursor,
                            std::uint64_t limit) {
    store::HistoryPage page;
    page.descending = true;
    page.to = cursor.height;
    page.skip = cursor.shown;
    page.most = static_cast<std::size_t>(limit);
    const auto found = at.history(account, store::Archive::Flow::any, page);
    if (!found) return failed_read(found.error());
    // An account with a history has a valid key. Without a history the key must be checked.
    if (found->transactions.empty() && !crypto::PublicKey::decode(account))
        return fail(ErrorCode::invalid_input, "Invalid bls account");
    const auto groups = at.groups(found->transactions);
    if (!groups) return failed_read(groups.error());
    array transactions;
    transactions.reserve(groups->size());
    for (const auto& group : *groups) {
        cursor.pass(group.height);
        transactions.push_back(query::json_of(group));
    }
    base::json::value next;
    if (found->more) next = cursor.to_string();
    return base::json::value(object{{"next", std::move(next)}, {"transactions", std::move(transactions)}});
}

base::json::value events_answer(std::span<const store::FinalEvent> found, std::optional<std::uint64_t> last) {
    array events;
    events.reserve(found.size());
    for (const auto& event : found) events.push_back(query::json_of(event));
    base::json::value next;
    if (last) next = std::to_string(*last);
    return object{{"events", std::move(events)}, {"next", std::move(next)}};
}

Result<Answer> events_page(const store::Snapshot& at, const ledger::ContractId& contract, std::uint64_t before,
                           std::uint64_t limit) {
    const auto found = at.final_events_before(contract, before, static_cast<std::size_t>(limit));
    if (!found) return failed_read(found.error());
    return events_answer(found->events, found->more ? std::optional(found->events.back().row) : std::nullopt);
}

/// The same with one topic. There is no index of topics.
Result<Answer> events_page_of(std::string_view topic, const store::Snapshot& at, const ledger::ContractId& contract,
                              std::uint64_t before, std::uint64_t limit) {
    std::vector<store::FinalEvent> kept;
    bool more = true;
    for (std::size_t examined = 0; more && examined < kMostExamined; examined += kExaminedAtOnce) {
        auto found = at.final_events_before(contract, before, kExaminedAtOnce);
        if (!found) return failed_read(found.error());
        more = found->more;
        for (auto& event : found->events) {
            if (kept.size() == limit) return events_answer(kept, before);
            before = event.row;
            if (event.event.topic == topic) kept.push_back(std::move(event));
        }
    }
    return events_answer(kept, more ? std::optional(before) : std::nullopt);
}

}  // namespace

Result<Answer> account(const Context&, const Exchange& exchange, const store::Snapshot& state) {
    const auto what = page_request(exchange.request);
    if (!what) return std::unexpected(what.error());
    const auto bytes = base::from_base58(exchange.entity);
    if (!bytes) return fail(ErrorCode::invalid_input, "Invalid bs58 account");
    if (bytes->size() != 96) return fail(ErrorCode::invalid_input, "Invalid bls account");
    const auto cursor = what->before.empty() ? Cursor{} : Cursor::parse(what->before);
    if (!cursor) return bad_cursor();
    return history_page(state, base::to_array<96>(*bytes), *cursor, what->limit);
}

Result<Answer> contract(const Context&, const Exchange& exchange, const store::Snapshot& state) {
    const auto what = page_request(exchange.request, Topic::optional);
    if (!what) return std::unexpected(what.error());
    const auto id = contract_id(exchange.entity);
    if (!id) return fail(ErrorCode::invalid_input, "Invalid contract id");
    constexpr auto kNewest = std::numeric_limits<std::uint64_t>::max();
    const auto before = what->before.empty() ? std::optional(kNewest) : base::parse_u64(what->before);
    if (!before) return bad_cursor();
    if (what->topic) return events_page_of(*what->topic, state, *id, *before, what->limit);
    return events_page(state, *id, *before, what->limit);
}

}  // namespace rues::api::archive
