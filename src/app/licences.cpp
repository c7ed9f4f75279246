#include "app/licences.hpp"

#include <fmt/format.h>

#include "rues/version.hpp"
#include "vm/engine.hpp"

namespace rues::app {
namespace {

struct Part {
    std::string_view name;
    std::string_view licence;  ///< SPDX
    std::string_view source;
};

constexpr Part kParts[] = {
    {"wasmtime", "Apache-2.0 WITH LLVM-exception", "https://github.com/bytecodealliance/wasmtime"},
    {"transfer and stake contracts of Dusk", "MPL-2.0", "https://github.com/dusk-network/rusk"},
    {"blst", "Apache-2.0", "https://github.com/supranational/blst"},
    {"c-kzg-4844 (Ethereum's KZG setup)", "Apache-2.0", "https://github.com/ethereum/c-kzg-4844"},
    {"libsecp256k1", "MIT", "https://github.com/bitcoin-core/secp256k1"},
    {"Boost (Asio, Beast, JSON)", "BSL-1.0", "https://www.boost.org"},
    {"OpenSSL", "Apache-2.0", "https://www.openssl.org"},
    {"libsodium", "ISC", "https://libsodium.org"},
    {"RocksDB", "Apache-2.0", "https://rocksdb.org"},
    {"libnats (nats.c)", "Apache-2.0", "https://github.com/nats-io/nats.c"},
    {"fmt", "MIT", "https://fmt.dev"},
    {"spdlog", "MIT", "https://github.com/gabime/spdlog"},
    {"toml++", "MIT", "https://github.com/marzer/tomlplusplus"},
    {"CLI11", "BSD-3-Clause", "https://github.com/CLIUtils/CLI11"},
    {"GraphiQL", "MIT", "https://github.com/graphql/graphiql"},
    {"React", "MIT", "https://react.dev"},
};

}  // namespace

std::string licences() {
    std::string out = fmt::format("rues {} is licensed under Apache-2.0. It contains or is linked with:\n\n", kVersion);
    for (const Part& part : kParts) out += fmt::format("  {:38}{:32}{}\n", part.name, part.licence, part.source);
    out += fmt::format(
        "\n"
        "The library of wasmtime is the unmodified release {}; it lies beside the program.\n"
        "\n"
        "The contracts are the unmodified files transfer_contract.wasm and stake_contract.wasm of the crate\n"
        "rusk-recovery 1.7.0, copyright Dusk Network, under the Mozilla Public License 2.0, which is at\n"
        "https://mozilla.org/MPL/2.0/. Their source code is in the folders contracts/transfer and contracts/stake\n"
        "of https://github.com/dusk-network/rusk. The setting genesis-contracts uses others.\n",
        vm::Engine::version());
    return out;
}

}  // namespace rues::app
