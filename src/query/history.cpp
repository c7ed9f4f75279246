#include "query/arguments.hpp"
#include "query/types.hpp"

/// Histories of accounts (GQ 3, 4.6).
namespace rues::query {
namespace {

using graphql::Call;
using graphql::Out;
using graphql::Parents;

void not_kept(Call&, Parents<Root>, Out& out) {
    out.fail("This node keeps no archive");
}

}  // namespace

void add_history_fields(RootFields& to) {
    to.field("fullMoonlightHistory", "MoonlightTransfers", not_kept)
        .argument("address", "String!")
        .argument("ord", "String")
        .argument("fromBlock", "Int")
        .argument("toBlock", "Int")
        .describe(
            "Retrieves the events of all historical transactions that have been\naffecting the moonlight balance of "
            "the given address.");
    to.field("moonlightHistory", "MoonlightTransfers", not_kept)
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
    to.field("transactionsByMemo", "MoonlightTransfers", not_kept).argument("memo", "String!");
}

void add_next_phoenix(RootFields& to) {
    to.field("nextPhoenix", "Int", not_kept)
        .argument("height", "Int!")
        .describe("Get the next block height that contains a Phoenix event after the given\nblock height.");
}

}  // namespace rues::query
