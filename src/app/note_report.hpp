#pragma once

#include <optional>
#include <span>
#include <vector>

#include "app/note_scan.hpp"
#include "base/json.hpp"
#include "client/url.hpp"

namespace rues::app {

/// The keys that `rues notes` has: with a view key alone nobody knows which notes are spent.
struct NoteKeys {
    phoenix::ViewKey view;
    std::optional<phoenix::SecretKey> secret;
};

/// A note of ours, as far as the keys say.
struct OwnNote {
    phoenix::Note note;
    std::uint64_t block_height = 0;
    bool is_final = false;
    std::optional<std::uint64_t> value;        ///< LUX; nullopt: it cannot be opened, so it cannot be spent
    std::optional<crypto::Fr> nullifier;       ///< with the secret key
    std::optional<phoenix::PublicKey> sender;  ///< with the secret key, unless a contract made the note
    std::optional<bool> is_spent;              ///< see `ask_which_are_spent`
};

/// The result of a search for notes (note_search.hpp).
struct FoundNotes {
    std::vector<OwnNote> notes;
    ChainName chain;
    base::ByteArray<64> address{};
    std::uint64_t scanned = 0;  ///< notes that were looked at
};

/// Opens the notes of a scan. `malformed`: one of them, which can only come from the state file, is no note of the key.
Result<std::vector<OwnNote>> own_notes(const NoteScan& scan, const NoteKeys& keys);

/// Asks the transfer contract for the nullifiers of the notes that have one (`existing_nullifiers`), and sets
/// `is_spent` of these notes.
Result<void> ask_which_are_spent(const client::Url& url, std::span<OwnNote> notes);

/// The LUX in notes that are not spent; nullopt when it is not known of one. A sum beyond 64 bits is the largest
/// number.
std::optional<std::uint64_t> balance_of(std::span<const OwnNote> notes);

/// `{"address","chain_id","scanned","balance","notes":[{"position","block_height","final","type","value","spent",
/// "nullifier","sender"}]}` with null for what is not known. `knows_spent`: there was a secret key.
base::json::object report_json(const FoundNotes& found, bool knows_spent);
/// `    2068  block 12  0.000000321 DUSK, spent`.
std::string line_of(const OwnNote& note);

}  // namespace rues::app
