#pragma once

#include <filesystem>
#include <string>

#include "app/cli.hpp"
#include "base/bytes.hpp"

/// The proofs of the transactions that commands make. Progress is shown on a terminal.
namespace rues::app {

/// A prover other than the node that gets the transaction.
struct ProverOptions {
    std::optional<std::string> url;  ///< another node
    std::string crs_file;            ///< a reference string, with which this program makes the proof itself
    bool keeps_no_keys = false;      ///< the keys of this proof come from no file and go to none
};
/// Adds `--crs` and `--no-key-cache`, and with `with_url` also `--prover`. Returns them.
std::vector<CLI::Option*> add_prover(CLI::App& command, ProverOptions& options, bool with_url);

/// The maker of proofs: a node, or this program.
struct ProofSource {
    std::optional<client::Url> node;            ///< nullopt: this program
    std::shared_ptr<const base::Bytes> powers;  ///< for this program: a reference string; null: the developers'
    std::filesystem::path keys{};               ///< for this program: the folder of its key files; empty: none
};
/// `node` makes proofs unless the options name another prover. Asks nobody. Error: `invalid`: the file is no reference
/// string that has keys, or the options name no node.
Result<ProofSource> proof_source(const ProverOptions& options, const NodeOption& node);

/// The proof of a circuit: the bytes that `phoenix::TransactionWitness` has. Errors: `refused`: the circuit does not
/// decode or does not hold, or the prover refuses; those of `client::prove`.
Result<base::Bytes> make_proof(const ProofSource& source, base::ByteView circuit);

}  // namespace rues::app
