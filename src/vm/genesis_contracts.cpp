#include "vm/genesis_contracts.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

// cmake/genesis_contracts.cmake compiles these into the program.
extern const char kRuesTransferContract[];
extern const unsigned long kRuesTransferContractSize;
extern const char kRuesTransferCompiled[];
extern const unsigned long kRuesTransferCompiledSize;
extern const char kRuesStakeContract[];
extern const unsigned long kRuesStakeContractSize;
extern const char kRuesStakeCompiled[];
extern const unsigned long kRuesStakeCompiledSize;

namespace rues::vm {
namespace {

ByteView embedded(const char* bytes, unsigned long size) {
    return base::view(std::string_view(bytes, size));
}

/// Largest file that is read as a genesis contract.
constexpr std::size_t kMaxContract = std::size_t{4} << 20;

base::Result<Bytes> read_contract(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return base::failure(base::Error::Kind::not_found, path + " cannot be opened");
    Bytes bytes(kMaxContract + 1);
    file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (file.bad()) return base::failure(base::Error::Kind::io, path + " cannot be read");
    bytes.resize(static_cast<std::size_t>(file.gcount()));
    if (bytes.size() > kMaxContract) return base::failure(base::Error::Kind::invalid, path + " is larger than 4 MiB");
    if (bytes.empty()) return base::failure(base::Error::Kind::invalid, path + " is empty");
    return bytes;
}

}  // namespace

std::optional<ByteView> compiled_genesis_contract(ByteView code) {
    const std::array<std::pair<ByteView, ByteView>, 2> contracts = {{
        {embedded(kRuesTransferContract, kRuesTransferContractSize),
         embedded(kRuesTransferCompiled, kRuesTransferCompiledSize)},
        {embedded(kRuesStakeContract, kRuesStakeContractSize), embedded(kRuesStakeCompiled, kRuesStakeCompiledSize)},
    }};
    for (const auto& [bytes, compiled] : contracts)
        if (base::equal(bytes, code)) return compiled;
    return std::nullopt;
}

const GenesisContracts& genesis_contracts() {
    static const GenesisContracts contracts{base::to_bytes(embedded(kRuesTransferContract, kRuesTransferContractSize)),
                                            base::to_bytes(embedded(kRuesStakeContract, kRuesStakeContractSize))};
    return contracts;
}

base::Result<GenesisContracts> read_genesis_contracts(const std::string& folder) {
    auto transfer = read_contract(folder + "/transfer_contract.wasm");
    if (!transfer) return std::unexpected(std::move(transfer.error()));
    auto stake = read_contract(folder + "/stake_contract.wasm");
    if (!stake) return std::unexpected(std::move(stake.error()));
    return GenesisContracts{std::move(*transfer), std::move(*stake)};
}

}  // namespace rues::vm
