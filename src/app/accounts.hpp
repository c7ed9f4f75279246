#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "crypto/keys.hpp"

namespace rues::app {

/// Where the keys of numbered accounts come from: a file with a phrase, a file with a seed, or neither: the accounts of
/// the local chain, of which number 3 has a phrase of its own (LM 14). Secrets are never taken from the command line,
/// which every user of the machine can read.
struct KeySource {
    std::string phrase_file;
    std::string seed_file;

    void add_options(CLI::App& command);
    bool local_chain() const { return phrase_file.empty() && seed_file.empty(); }
    base::Result<crypto::SecretKey> secret_key(std::uint64_t number) const;
    /// `text` is an account in base58, or `#N`.
    base::Result<crypto::PublicKey> account(std::string_view text) const;
};

}  // namespace rues::app
