#include "app/note_state.hpp"

#include <fmt/format.h>

#include "base/json_reading.hpp"
#include "client/answer_json.hpp"

namespace rues::app {
namespace {

using base::json::array;
using base::json::object;
using base::json::value;
using client::number_in;
using client::text_in;

constexpr std::uint64_t kStateVersion = 1;

template <std::size_t N>
std::optional<base::ByteArray<N>> bytes_in(const object& from, std::string_view key) {
    const auto text = text_in(from, key);
    return text ? base::array_from_hex<N>(*text) : std::nullopt;
}

std::optional<KeptNote> note_in(const value& from) {
    const object* entry = from.if_object();
    if (entry == nullptr) return std::nullopt;
    const auto bytes = bytes_in<phoenix::kNoteBytes>(*entry, "note");
    const auto height = number_in(*entry, "block_height");
    if (!bytes || !height) return std::nullopt;
    return KeptNote{*bytes, *height};
}

}  // namespace

std::string NoteState::print() const {
    array list;
    list.reserve(notes.size());
    for (const auto& note : notes)
        list.push_back(object{{"block_height", note.block_height}, {"note", base::json::hex(note.bytes)}});
    const object out{{"version", kStateVersion},
                     {"chain_id", chain.id},
                     {"genesis", base::json::hex(chain.genesis)},
                     {"address", base::json::base58(address)},
                     {"next", next},
                     {"last", base::json::hex(last)},
                     {"notes", std::move(list)}};
    return base::json::print(out) + "\n";
}

std::expected<NoteState, std::string> NoteState::parse(std::string_view text) {
    const auto json = base::json::parse(text);
    const object* file = json ? json->if_object() : nullptr;
    if (file == nullptr) return std::unexpected("it is not a JSON object");
    if (number_in(*file, "version") != kStateVersion) return std::unexpected("its version is unknown");
    const auto id = number_in(*file, "chain_id");
    const auto genesis = bytes_in<32>(*file, "genesis");
    const auto address = base::from_base58(text_in(*file, "address").value_or(""));
    const auto next = number_in(*file, "next");
    const auto last = bytes_in<32>(*file, "last");
    const value* list = file->if_contains("notes");
    if (!id || *id > 255 || !genesis) return std::unexpected("it names no chain");
    if (!address || address->size() != 64) return std::unexpected("it names no address");
    if (!next || !last || list == nullptr || !list->is_array()) return std::unexpected("a part of it is missing");
    NoteState out{{static_cast<std::uint8_t>(*id), *genesis}, base::to_array<64>(*address), *next, *last, {}};
    if (list->get_array().size() > kMostNotes) return std::unexpected("it holds too many notes");
    for (const auto& entry : list->get_array()) {
        const auto note = note_in(entry);
        if (!note) return std::unexpected(fmt::format("note {} of it cannot be read", out.notes.size()));
        out.notes.push_back(*note);
    }
    return out;
}

}  // namespace rues::app
