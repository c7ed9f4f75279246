#include "app/note_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "client/amount.hpp"
#include "client/contracts.hpp"
#include "ledger/event.hpp"
#include "wire/layouts.hpp"
#include "wire/rkyv.hpp"

namespace rues::app {
namespace {

using base::json::array;
using base::json::object;
using base::json::value;
using client::failure;
using wire::layouts::Scalar;

constexpr std::size_t kNullifiersAtOnce =
    1'024;  ///< nullifiers of a request: half of what a contract takes as an argument

std::optional<OwnNote> own_note(const KeptNote& kept, bool is_final, const NoteKeys& keys) {
    auto note = phoenix::Note::decode_checked(kept.bytes);
    if (!note || !keys.view.owns(note->stealth_address)) return std::nullopt;
    OwnNote out{*note, kept.block_height, is_final, {}, {}, {}, {}};
    if (const auto content = phoenix::open(*note, keys.view)) out.value = content->value;
    if (keys.secret) {
        const auto secret = keys.secret->note_secret(note->stealth_address);
        out.nullifier = phoenix::nullifier(*secret, note->pos);
        out.sender = phoenix::sender_of(*note, *secret);
    }
    return out;
}

/// The nullifiers of `asked` that exist.
Result<std::vector<Scalar>> existing(const client::Url& url, const std::vector<Scalar>& asked) {
    const auto answer =
        client::query(url, ledger::kTransferContract, "existing_nullifiers", wire::rkyv::archive(asked), false);
    if (!answer) return std::unexpected(answer.error());
    auto out = wire::rkyv::unarchive<std::vector<Scalar>>(*answer);
    if (!out) return failure(Error::Kind::malformed, "existing_nullifiers: not a list: " + out.error());
    return std::move(*out);
}

value text_or_null(const std::optional<std::string>& text) {
    return text ? value(boost::json::string(*text)) : value(nullptr);
}

object note_json(const OwnNote& own) {
    const bool is_open = own.note.type == phoenix::NoteType::transparent;
    return {{"position", own.note.pos},
            {"block_height", own.block_height},
            {"final", own.is_final},
            {"type", is_open ? "transparent" : "obfuscated"},
            {"value", own.value ? value(*own.value) : value(nullptr)},
            {"spent", own.is_spent ? value(*own.is_spent) : value(nullptr)},
            {"nullifier", own.nullifier ? base::json::hex(own.nullifier->bytes()) : value(nullptr)},
            {"sender", text_or_null(own.sender ? std::optional(own.sender->text()) : std::nullopt)}};
}

}  // namespace

Result<std::vector<OwnNote>> own_notes(const NoteScan& scan, const NoteKeys& keys) {
    std::vector<OwnNote> out;
    out.reserve(scan.found());
    for (const auto* list : {&scan.state().notes, &scan.fresh()}) {
        for (const auto& kept : *list) {
            auto own = own_note(kept, list != &scan.fresh(), keys);
            if (!own)
                return failure(Error::Kind::malformed,
                               fmt::format("note {} of the state file is not a note of this key", out.size()));
            out.push_back(std::move(*own));
        }
    }
    return out;
}

Result<void> ask_which_are_spent(const client::Url& url, std::span<OwnNote> notes) {
    while (!notes.empty()) {
        const auto group = notes.first(std::min(kNullifiersAtOnce, notes.size()));
        notes = notes.subspan(group.size());
        std::vector<Scalar> asked;
        for (const auto& own : group)
            if (own.nullifier) asked.push_back({own.nullifier->montgomery()});
        if (asked.empty()) continue;
        const auto spent = existing(url, asked);
        if (!spent) return std::unexpected(spent.error());
        for (auto& own : group) {
            if (!own.nullifier) continue;
            const auto limbs = own.nullifier->montgomery();
            own.is_spent = std::ranges::any_of(*spent, [&](const Scalar& one) { return one.bytes == limbs; });
        }
    }
    return {};
}

std::optional<std::uint64_t> balance_of(std::span<const OwnNote> notes) {
    std::uint64_t sum = 0;
    for (const auto& own : notes) {
        if (!own.is_spent) return std::nullopt;
        if (*own.is_spent || !own.value) continue;
        sum = *own.value > std::numeric_limits<std::uint64_t>::max() - sum ? std::numeric_limits<std::uint64_t>::max()
                                                                           : sum + *own.value;
    }
    return sum;
}

object report_json(const FoundNotes& found, bool knows_spent) {
    array list;
    list.reserve(found.notes.size());
    for (const auto& own : found.notes) list.push_back(note_json(own));
    const auto balance = knows_spent ? balance_of(found.notes) : std::nullopt;
    return {{"address", base::json::base58(found.address)},
            {"chain_id", found.chain.id},
            {"scanned", found.scanned},
            {"balance", balance ? value(*balance) : value(nullptr)},
            {"notes", std::move(list)}};
}

std::string line_of(const OwnNote& own) {
    std::string out = fmt::format("{:>8}  block {:<8}  ", own.note.pos, own.block_height);
    out += own.value ? client::dusk(*own.value) + " DUSK" : "cannot be opened, so it cannot be spent";
    if (own.is_spent == true) out += ", spent";
    if (!own.is_final) out += ", not final";
    return out;
}

}  // namespace rues::app
