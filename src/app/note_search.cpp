#include "app/note_search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "app/input.hpp"
#include "app/ledger_reads.hpp"
#include "app/private_file.hpp"
#include "app/progress_bar.hpp"
#include "client/answer_json.hpp"
#include "client/contracts.hpp"
#include "client/node.hpp"
#include "wire/rkyv.hpp"

namespace rues::app {
namespace {

std::unexpected<Error> wrong_file(std::string text) {
    return client::failure(Error::Kind::invalid, std::move(text));
}

Result<ChainName> name_of_chain(const client::Url& url) {
    const auto id = client::chain_id(url);
    if (!id) return std::unexpected(id.error());
    const auto block = find_block(url, std::uint64_t{0});
    if (!block) return std::unexpected(block.error());
    const auto text = *block ? client::text_in((*block)->at("header").as_object(), "hash") : std::nullopt;
    const auto hash = text ? hash_of(*text) : std::nullopt;
    if (!hash) return client::failure(Error::Kind::malformed, "the node's answer cannot be read: no hash of block 0");
    return ChainName{*id, *hash};
}

/// The state in the file, or a new one.
Result<NoteState> read_state(const std::string& file, const ChainName& chain, const phoenix::ViewKey& key) {
    NoteState fresh{chain, key.public_key().bytes(), 0, {}, {}};
    std::error_code ignored;
    if (file.empty() || !std::filesystem::exists(file, ignored)) return fresh;
    const auto text = read_file(file);
    if (!text) return wrong_file(text.error().text);
    auto state = NoteState::parse(*text);
    if (!state) return wrong_file(fmt::format("{} is no state file of `rues notes`: {}", file, state.error()));
    if (state->chain != chain)
        return wrong_file(fmt::format("{} is of another chain: its block 0 is {}, that of the node {}", file,
                                      base::to_hex(state->chain.genesis), base::to_hex(chain.genesis)));
    if (state->address != fresh.address)
        return wrong_file(
            fmt::format("{} is of another view key, that of the address {}", file, base::to_base58(state->address)));
    return std::move(*state);
}

Result<std::uint64_t> number_of_notes(const client::Url& url) {
    const auto answer = client::query(url, ledger::kTransferContract, "num_notes", {}, false);
    if (!answer) return std::unexpected(answer.error());
    const auto number = wire::rkyv::unarchive<std::uint64_t>(*answer);
    if (!number) return client::failure(Error::Kind::malformed, "num_notes: not a number");
    return *number;
}

/// `file`: empty to save nothing.
Result<void> save_state(const std::string& file, const NoteState& state) {
    if (file.empty()) return {};
    if (const auto written = replace_private_file(file, state.print()); !written)
        return wrong_file(written.error().text);
    return {};
}

/// Writes the state after each batch, but not more often than it costs: the file holds all notes that were found.
class Saving {
public:
    Saving(std::string file, const NoteState& state) : file_(std::move(file)), saved_(state.next) {}

    Result<void> save(const NoteState& state, bool is_last) {
        constexpr std::uint64_t kLeavesPerNote = 4;
        const std::uint64_t least = is_last ? 1 : std::max<std::uint64_t>(1, kLeavesPerNote * state.notes.size());
        if (state.next - saved_ < least) return {};
        if (auto saved = save_state(file_, state); !saved) return saved;
        saved_ = state.next;
        return {};
    }

private:
    std::string file_;
    std::uint64_t saved_;  ///< `next` of the state in the file
};

/// Reads the feed to its end. After an error, the whole notes that came before it are scanned and saved too.
Result<void> read_feed(const client::Url& url, NoteScan& scan, Saving& saving) {
    const auto argument = wire::rkyv::archive(scan.from());
    // An error of the scan comes back from the request too. Then nothing of what is left may be scanned.
    std::optional<Error> own;
    const auto fed =
        client::query_feed(url, ledger::kTransferContract, "leaves_from_pos", argument, [&](base::ByteView bytes) {
            auto taken = scan.take(bytes);
            if (!taken) own = taken.error();
            return taken;
        });
    if (own) return std::unexpected(*own);
    auto scanned = fed ? scan.finish() : scan.flush();
    if (auto saved = saving.save(scan.state(), true); !saved) return saved;
    if (fed) return scanned;
    return std::unexpected(fed.error());
}

}  // namespace

Result<FoundNotes> find_notes(const client::Url& url, const NoteKeys& keys, const std::string& state_file) {
    const auto chain = name_of_chain(url);
    if (!chain) return std::unexpected(chain.error());
    auto state = read_state(state_file, *chain, keys.view);
    if (!state) return std::unexpected(state.error());
    // A scan can take long, so a file that cannot be written ends the command before it.
    if (const auto saved = save_state(state_file, *state); !saved) return std::unexpected(saved.error());
    const auto heights = newest_heights(url);
    if (!heights) return std::unexpected(heights.error());
    const auto total = number_of_notes(url);
    if (!total) return std::unexpected(total.error());

    ProgressBar bar("notes");
    Saving saving(state_file, *state);
    const unsigned threads = std::clamp(std::thread::hardware_concurrency(), 1U, 16U);
    NoteScan scan(keys.view, std::move(*state), heights->second, threads, [&](const NoteScan& now) {
        bar.show(now.scanned(), *total, fmt::format("{} found", now.found()));
        return saving.save(now.state(), false);
    });
    bar.show(scan.scanned(), *total, "");
    const auto read = read_feed(url, scan, saving);
    bar.clear();
    if (!read) {
        const auto next = read.error().kind == Error::Kind::invalid ? ""
                          : state_file.empty() ? "; with --state FILE the next run would go on from there"
                                               : "; the next run goes on from there";
        return client::failure(read.error().kind,
                               fmt::format("{} ({} notes were scanned{})", read.error().text, scan.scanned(), next));
    }
    auto notes = own_notes(scan, keys);
    if (!notes) return std::unexpected(notes.error());
    if (const auto asked = ask_which_are_spent(url, *notes); !asked) return std::unexpected(asked.error());
    return FoundNotes{std::move(*notes), scan.state().chain, scan.state().address, scan.scanned()};
}

CLI::Option* add_state_file(CLI::App& command, std::string& file) {
    return command
        .add_option("--state", file,
                    "Keeps in this file how far the final blocks were scanned for notes and what was found, and goes "
                    "on there")
        ->type_name("FILE");
}

}  // namespace rues::app
