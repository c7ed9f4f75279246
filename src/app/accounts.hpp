#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "crypto/keys.hpp"
#include "phoenix/keys.hpp"

namespace rues::app {

/// The source of the keys of numbered accounts: a file with a phrase, a file with a seed, or neither of them. Without a
/// file these are the accounts of the local chain, of which number 3 has a phrase of its own
/// (docs/reference/ledger.md 14). Secrets are never read from the command line, because every user of the machine can
/// see it.
struct KeySource {
    std::string phrase_file;
    std::string seed_file;

    void add_options(CLI::App& command);
    bool local_chain() const { return phrase_file.empty() && seed_file.empty(); }
};

/// The numbered accounts of a phrase or a seed.
class Accounts {
public:
    /// Reads the source only once, so it may be the standard input, however many keys are needed later. Warns on the
    /// error stream when other users of this machine can read the file.
    static base::Result<Accounts> read(const KeySource& source);

    crypto::SecretKey secret_key(std::uint64_t number) const;
    /// The key of the same account for notes (docs/reference/phoenix-and-plonk.md 3.1).
    phoenix::SecretKey phoenix_key(std::uint64_t number) const;
    /// `text` is an account in base58, or `#N`.
    base::Result<crypto::PublicKey> account(std::string_view text) const;
    /// `text` is a Phoenix address in base58, or `#N`.
    base::Result<phoenix::PublicKey> phoenix_address(std::string_view text) const;

private:
    explicit Accounts(const crypto::Seed& seed) : seed_(seed) {}

    crypto::Secret<crypto::Seed> seed_;
    std::optional<crypto::Secret<crypto::Seed>> phrase_seed_;  ///< for account 3 of the local chain
};

/// N of the text `#N`.
base::Result<std::uint64_t> account_number(std::string_view text);

/// The account that a command reads, as its argument `ACCOUNT`: base58, or `#N` of the numbered accounts; without it
/// account 0.
struct AccountArgument {
    KeySource keys;
    std::string text = "#0";

    void add_options(CLI::App& command);
    base::Result<crypto::PublicKey> read() const;
};

}  // namespace rues::app
