#include "app/accounts.hpp"

#include <fmt/format.h>

#include "app/input.hpp"
#include "base/encoding.hpp"
#include "ledger/genesis.hpp"

namespace rues::app {
namespace {

using base::Error;
using base::failure;

constexpr std::uint64_t kPhraseAccount = 3;

base::Result<crypto::Seed> seed_of_phrase(std::string_view phrase) {
    auto seed = crypto::seed_from_phrase(phrase);
    if (!seed) return failure(Error::Kind::invalid, "the phrase: " + seed.error());
    return *seed;
}

}  // namespace

void KeySource::add_options(CLI::App& command) {
    auto* phrase =
        command.add_option("--phrase-file", phrase_file, "Accounts of the phrase in this file (- for input)");
    auto* seed = command.add_option("--seed-file", seed_file, "Accounts of the seed in this file, 128 hex digits");
    phrase->type_name("FILE")->excludes(seed);
    seed->type_name("FILE");
}

base::Result<crypto::SecretKey> KeySource::secret_key(std::uint64_t number) const {
    if (local_chain() && number != kPhraseAccount) return crypto::account_key(ledger::local_chain_seed(), number);
    if (local_chain()) {
        const auto seed = seed_of_phrase(ledger::local_chain_phrase());
        if (!seed) return std::unexpected(seed.error());
        return crypto::account_key(*seed, 0);
    }
    const std::string& file = phrase_file.empty() ? seed_file : phrase_file;
    const auto text = read_argument(file == "-" ? file : "@" + file);
    if (!text) return std::unexpected(text.error());
    if (!phrase_file.empty()) {
        const auto seed = seed_of_phrase(base::trimmed(*text));
        if (!seed) return std::unexpected(seed.error());
        return crypto::account_key(*seed, number);
    }
    const auto seed = base::array_from_hex<64>(base::trimmed(*text));
    if (!seed) return failure(Error::Kind::invalid, "the seed must be 128 hex digits");
    return crypto::account_key(*seed, number);
}

base::Result<crypto::PublicKey> KeySource::account(std::string_view text) const {
    if (text.starts_with('#')) {
        const auto number = base::parse_u64(text.substr(1));
        if (!number) return failure(Error::Kind::invalid, fmt::format("`{}` is not an account number", text));
        const auto key = secret_key(*number);
        if (!key) return std::unexpected(key.error());
        return key->public_key();
    }
    const auto bytes = base::from_base58(text);
    const auto key = bytes ? crypto::PublicKey::decode(*bytes) : std::nullopt;
    if (!key) return failure(Error::Kind::invalid, fmt::format("`{}` is neither an account in base58 nor #N", text));
    return *key;
}

}  // namespace rues::app
