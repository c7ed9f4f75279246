#include "app/accounts.hpp"

#include <fmt/format.h>

#include "app/exposure.hpp"
#include "app/input.hpp"
#include "app/output.hpp"
#include "base/decimal.hpp"
#include "ledger/genesis.hpp"

namespace rues::app {
namespace {

using base::failure;

constexpr std::uint64_t kPhraseAccount = 3;

/// Wipes a text that holds a secret.
class Wiping {
public:
    explicit Wiping(std::string& text) : text_(text) {}
    Wiping(const Wiping&) = delete;
    Wiping& operator=(const Wiping&) = delete;
    ~Wiping() { crypto::wipe(std::as_writable_bytes(std::span(text_))); }

private:
    std::string& text_;
};

base::Result<crypto::Seed> seed_of_phrase(std::string_view phrase) {
    auto seed = crypto::seed_from_phrase(phrase);
    if (!seed) return failure(base::Error::Kind::invalid, "the phrase: " + seed.error());
    return *seed;
}

}  // namespace

void KeySource::add_options(CLI::App& command) {
    auto* phrase = command.add_option("--phrase-file", phrase_file,
                                      "Accounts of the phrase in this file (- for the standard input)");
    auto* seed = command.add_option("--seed-file", seed_file,
                                    "Accounts of the seed in this file, 128 hex digits (- for the standard input)");
    phrase->type_name("FILE")->excludes(seed);
    seed->type_name("FILE");
}

base::Result<Accounts> Accounts::read(const KeySource& source) {
    if (source.local_chain()) {
        const auto phrase_seed = seed_of_phrase(ledger::local_chain_phrase());
        if (!phrase_seed) return std::unexpected(phrase_seed.error());
        Accounts out(ledger::local_chain_seed());
        out.phrase_seed_ = crypto::Secret(*phrase_seed);
        return out;
    }
    const bool is_phrase = !source.phrase_file.empty();
    const std::string& file = is_phrase ? source.phrase_file : source.seed_file;
    auto text = read_argument(file == "-" ? file : "@" + file);
    if (!text) return std::unexpected(text.error());
    const Wiping wiping(*text);
    if (const auto warning = key_file_warning(file); warning && file != "-") put_error("warning: " + *warning);
    if (is_phrase) {
        const auto seed = seed_of_phrase(base::trimmed(*text));
        if (!seed) return std::unexpected(seed.error());
        return Accounts(*seed);
    }
    const auto seed = base::array_from_hex<64>(base::trimmed(*text));
    if (!seed) return failure(base::Error::Kind::invalid, "the seed must be 128 hex digits");
    return Accounts(*seed);
}

crypto::SecretKey Accounts::secret_key(std::uint64_t number) const {
    if (phrase_seed_ && number == kPhraseAccount) return crypto::account_key(**phrase_seed_, 0);
    return crypto::account_key(*seed_, number);
}

phoenix::SecretKey Accounts::phoenix_key(std::uint64_t number) const {
    if (phrase_seed_ && number == kPhraseAccount) return phoenix::SecretKey::derive(**phrase_seed_, 0);
    return phoenix::SecretKey::derive(*seed_, number);
}

base::Result<std::uint64_t> account_number(std::string_view text) {
    const auto number = text.starts_with('#') ? base::parse_decimal(text.substr(1)) : std::nullopt;
    if (!number) return failure(base::Error::Kind::invalid, fmt::format("`{}` is not an account number", text));
    return *number;
}

base::Result<crypto::PublicKey> Accounts::account(std::string_view text) const {
    if (text.starts_with('#')) {
        const auto number = account_number(text);
        if (!number) return std::unexpected(number.error());
        return secret_key(*number).public_key();
    }
    const auto bytes = base::from_base58(text);
    const auto key = bytes ? crypto::PublicKey::decode(*bytes) : std::nullopt;
    if (key) return *key;
    if (phoenix::PublicKey::from_text(text))
        return failure(base::Error::Kind::invalid, fmt::format("`{}` is a Phoenix address, and no account", text));
    return failure(base::Error::Kind::invalid, fmt::format("`{}` is neither an account in base58 nor #N", text));
}

base::Result<phoenix::PublicKey> Accounts::phoenix_address(std::string_view text) const {
    if (text.starts_with('#')) {
        const auto number = account_number(text);
        if (!number) return std::unexpected(number.error());
        return phoenix_key(*number).public_key();
    }
    if (const auto key = phoenix::PublicKey::from_text(text)) return *key;
    const auto bytes = base::from_base58(text);
    if (bytes && crypto::PublicKey::decode(*bytes))
        return failure(base::Error::Kind::invalid, fmt::format("`{}` is an account, and no Phoenix address", text));
    return failure(base::Error::Kind::invalid, fmt::format("`{}` is neither a Phoenix address in base58 nor #N", text));
}

void AccountArgument::add_options(CLI::App& command) {
    command.add_option("ACCOUNT", text, "Base58, or #N for an account number [#0]")->type_name("");
    keys.add_options(command);
}

base::Result<crypto::PublicKey> AccountArgument::read() const {
    const auto accounts = Accounts::read(keys);
    if (!accounts) return std::unexpected(accounts.error());
    return accounts->account(text);
}

}  // namespace rues::app
