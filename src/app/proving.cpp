#include "app/proving.hpp"

#include <fmt/format.h>

#include "app/private_file.hpp"
#include "app/task_threads.hpp"
#include "app/transaction_prover.hpp"
#include "base/encoding.hpp"
#include "store/whole_file.hpp"

namespace rues::app {
namespace {

namespace fs = std::filesystem;
using phoenix::Setup;

constexpr std::string_view kSetupFile = "setup";  ///< file in the data folder: `official` or `developer`

std::string_view setup_name(phoenix::Keys keys) {
    return keys == phoenix::Keys::developer ? "developer" : "official";
}

/// The note of a folder without a chain is of a start that failed.
base::Result<phoenix::Keys> keep_keys(const fs::path& data, phoenix::Keys wanted) {
    std::error_code error;
    if (fs::exists(data / "store", error)) {
        const auto noted = keys_of_chain(data);
        if (!noted) return std::unexpected(noted.error());
        return noted->value_or(phoenix::Keys::network);
    }
    if (const auto written = note_keys(data, wanted); !written) return std::unexpected(written.error());
    return wanted;
}

/// Why a node with these keys does not prove; empty: it does.
std::string why_not(phoenix::Keys keys, const std::optional<Setup>& file) {
    if (file == Setup::other) return "the file of the setting crs is neither the network's nor that of `rues crs make`";
    if (keys == phoenix::Keys::developer && file == Setup::official)
        return "this chain began with the developers' setup, and the setting crs names the network's";
    if (keys == phoenix::Keys::network && file != Setup::official)
        return "this chain began with the network's verifier keys, and the setting crs does not name the network's "
               "file";
    return {};
}

}  // namespace

base::Result<std::optional<phoenix::Keys>> keys_of_chain(const fs::path& data) {
    const auto text = store::read_whole(data / kSetupFile, 64);
    if (!text) {
        if (text.error().kind == base::Error::Kind::not_found) return std::nullopt;
        return std::unexpected(text.error());
    }
    for (const phoenix::Keys keys : {phoenix::Keys::network, phoenix::Keys::developer}) {
        if (base::text(*text) == setup_name(keys)) return keys;
    }
    return base::failure(base::Error::Kind::corrupt,
                         fmt::format("{} says neither `official` nor `developer`", (data / kSetupFile).string()));
}

base::Result<void> note_keys(const fs::path& data, phoenix::Keys keys) {
    return replace_private_file(data / kSetupFile, setup_name(keys));
}

base::Result<Proving> prepare_proving(const NodeSettings& settings, const std::optional<api::File>& crs,
                                      const fs::path& data, const base::Log& log,
                                      std::optional<phoenix::Keys> of_nodes) {
    std::optional<Setup> file;
    if (crs) file = phoenix::setup_of(base::array_from_hex<32>(crs->tag).value_or(base::Hash32{}));
    const bool developer = file ? file == Setup::developer : settings.prover;
    const auto keys = of_nodes ? base::Result<phoenix::Keys>(*of_nodes)
                               : keep_keys(data, developer ? phoenix::Keys::developer : phoenix::Keys::network);
    if (!keys) return std::unexpected(keys.error());
    Proving out{*keys, nullptr};
    if (out.keys == phoenix::Keys::developer)
        log(base::LogLevel::info, "developer setup: proofs of Phoenix transactions hold only on such chains");
    if (!settings.prover) return out;
    if (const auto why = why_not(out.keys, file); !why.empty()) {
        log(base::LogLevel::warning, fmt::format("prover/prove answers 404: {}", why));
        return out;
    }
    const auto executor = on_threads(settings.prover_threads);
    auto prover_keys = std::make_unique<ProverKeys>(out.keys == phoenix::Keys::network ? crs->bytes : nullptr,
                                                    data / "prover", executor, log);
    out.prover = std::make_shared<TransactionProver>(std::move(prover_keys), executor);
    return out;
}

}  // namespace rues::app
