#include "app/proof_source.hpp"

#include <fmt/format.h>

#include <thread>

#include "app/input.hpp"
#include "app/key_cache.hpp"
#include "app/output.hpp"
#include "app/progress_bar.hpp"
#include "app/task_threads.hpp"
#include "app/transaction_prover.hpp"
#include "app/values.hpp"
#include "client/proving.hpp"
#include "crypto/hash.hpp"
#include "plonk/prover/prover.hpp"

namespace rues::app {
namespace {

using client::failure;

/// A node makes one proof at a time, and its first one waits for the keys.
constexpr std::chrono::minutes kPatience{5};

Result<base::Bytes> by_node(const client::Url& url, base::ByteView circuit) {
    ProgressBar bar("proof");
    bar.show(0, 1, "the node makes it");
    return client::prove(url, circuit, kPatience, [&bar](std::string_view why, std::chrono::seconds pause) {
        bar.show(0, 1, why);
        std::this_thread::sleep_for(pause);
    });
}

/// The reference string in the file. null: it is the developers', whose keys need no points.
Result<std::shared_ptr<const base::Bytes>> read_powers(const std::string& file) {
    constexpr std::size_t kMost = std::size_t{64} << 20;
    const auto text = read_file(file, kMost);
    if (!text) return failure(Error::Kind::invalid, "--crs: " + text.error().text);
    switch (phoenix::setup_of(crypto::sha256(base::view(*text)))) {
    case phoenix::Setup::developer:
        return nullptr;
    case phoenix::Setup::official:
        return std::make_shared<const base::Bytes>(base::to_bytes(*text));
    case phoenix::Setup::other:
        break;
    }
    return failure(
        Error::Kind::invalid,
        fmt::format("--crs: {} is neither the network's reference string nor that of `rues crs make`", file));
}

Result<base::Bytes> here(const ProofSource& source, base::ByteView circuit) {
    const auto executor = on_threads(std::max(1U, std::thread::hardware_concurrency()));
    std::string problem = "the prover's keys could not be made";
    std::string warning;
    const base::Log log = [&](base::LogLevel level, std::string_view text) {
        if (level == base::LogLevel::error) problem = text;
        if (level == base::LogLevel::warning) warning = text;
    };
    TransactionProver prover(std::make_unique<ProverKeys>(source.powers, source.keys, executor, log), executor);
    const auto request = prover.decode(circuit);
    if (!request)
        return failure(Error::Kind::refused, "it is not the circuit of a transaction: " + request.error().text);
    ProgressBar bar("proof");
    std::uint64_t done = 0;
    bar.show(done, plonk::kProverCalls, "making the keys");
    const bool is_ready = prover.wait_until_ready(**request);
    bar.clear();
    if (!is_ready) return failure(Error::Kind::refused, problem);
    if (!warning.empty()) put_error("warning: " + warning);
    auto proof = prover.prove(**request, [&] {
        bar.show(done++, plonk::kProverCalls, "");
        return true;
    });
    if (!proof) return failure(Error::Kind::refused, proof.error().text);
    return std::move(*proof);
}

}  // namespace

std::vector<CLI::Option*> add_prover(CLI::App& command, ProverOptions& options, bool with_url) {
    std::vector<CLI::Option*> out;
    if (with_url)
        out.push_back(add_text(command, "--prover", options.url, "Node that makes the proof [the node of --url]")
                          ->type_name("URL"));
    out.push_back(command
                      .add_option("--crs", options.crs_file,
                                  "Make the proof here, with this reference string; no node sees what it hides")
                      ->type_name("FILE"));
    CLI::Option* const crs = out.back();
    if (with_url) out[0]->excludes(crs);
    out.push_back(command.add_flag("--no-key-cache", options.keeps_no_keys,
                                   "Make the prover's keys for this proof alone. Otherwise they are kept in the folder "
                                   "rues/prover of XDG_CACHE_HOME, else of ~/.cache"));
    out.back()->needs(crs);
    return out;
}

Result<ProofSource> proof_source(const ProverOptions& options, const NodeOption& node) {
    if (!options.crs_file.empty()) {
        auto powers = read_powers(options.crs_file);
        if (!powers) return std::unexpected(powers.error());
        return ProofSource{std::nullopt, *std::move(powers),
                           options.keeps_no_keys ? std::filesystem::path() : key_cache()};
    }
    auto url = options.url ? client::Url::parse(*options.url, node.ca_file) : node.parse();
    if (!url) return failure(Error::Kind::invalid, (options.url ? "--prover: " : "") + url.error().text);
    return ProofSource{*std::move(url), nullptr, {}};
}

Result<base::Bytes> make_proof(const ProofSource& source, base::ByteView circuit) {
    if (!source.node) return here(source, circuit);
    auto proof = by_node(*source.node, circuit);
    if (!proof && proof.error().text == client::kNoProofs)
        proof.error().text += "; another prover makes it, or this program with --crs FILE";
    return proof;
}

}  // namespace rues::app
