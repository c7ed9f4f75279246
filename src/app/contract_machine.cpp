#include "app/contract_machine.hpp"

#include <algorithm>
#include <fstream>
#include <vector>

#include "crypto/hash.hpp"
#include "ledger/circuits.hpp"

namespace rues::app {
namespace {

namespace fs = std::filesystem;

bool is_file_name(const std::string& key) {
    return !key.empty() && key.size() <= 200 &&
           std::ranges::all_of(key, [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; });
}

std::optional<base::Bytes> read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return std::nullopt;
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    return in.bad() ? std::nullopt : std::optional(base::to_bytes(text));
}

vm::ProofChecks::Replacements developer_replacements() {
    vm::ProofChecks::Replacements out;
    for (const auto& circuit : ledger::transaction_circuits()) {
        out.emplace(crypto::blake3(circuit.verifier_data),
                    base::to_bytes(ledger::developer_verifier_data()[circuit.inputs - 1]));
    }
    return out;
}

/// Removes the oldest files until there is room for one more.
void make_room(const fs::path& folder, std::size_t most) {
    std::vector<std::pair<fs::file_time_type, fs::path>> files;
    std::error_code error;
    for (const auto& file : fs::directory_iterator(folder, error)) {
        std::error_code ignored;
        files.emplace_back(file.last_write_time(ignored), file.path());
    }
    std::ranges::sort(files);
    for (std::size_t i = 0; i + most <= files.size(); ++i) fs::remove(files[i].second, error);
}

/// Written under another name first: a process that is killed leaves no half of a file behind that name.
void write(const fs::path& folder, const std::string& key, base::ByteView bytes, std::size_t most) {
    std::error_code error;
    fs::create_directories(folder, error);
    fs::permissions(folder, fs::perms::owner_all, error);
    if (error) return;
    make_room(folder, most);
    const auto written = folder / (key + ".new");
    {
        std::ofstream out(written, std::ios::binary | std::ios::trunc);
        const auto text = base::text(bytes);
        out.write(text.data(), static_cast<std::streamsize>(text.size()));
        if (!out.flush()) return;
    }
    fs::rename(written, folder / key, error);
}

}  // namespace

ContractMachine::ContractMachine(phoenix::Keys keys)
    : queries_(keys == phoenix::Keys::developer ? developer_replacements() : vm::ProofChecks::Replacements()) {}

base::Result<std::unique_ptr<ContractMachine>> ContractMachine::create(vm::MachineOptions options, phoenix::Keys keys) {
    auto out = std::make_unique<ContractMachine>(keys);
    auto machine = vm::Machine::create(std::move(options), out->queries_);
    if (!machine) return std::unexpected(machine.error());
    out->machine_ = std::move(*machine);
    return out;
}

base::Result<std::shared_ptr<const vm::GenesisContracts>> load_contracts(const fs::path& folder) {
    // Not copied: the program's contracts live as long as the program.
    if (folder.empty())
        return std::shared_ptr<const vm::GenesisContracts>(&vm::genesis_contracts(), [](const void*) {});
    auto read = vm::read_genesis_contracts(folder.string());
    if (!read) return std::unexpected(read.error());
    return std::make_shared<const vm::GenesisContracts>(std::move(*read));
}

vm::CompiledStore compiled_in(const fs::path& folder, std::size_t most) {
    return {[folder](const std::string& key) { return is_file_name(key) ? read(folder / key) : std::nullopt; },
            [folder, most](const std::string& key, base::ByteView compiled) {
                if (is_file_name(key)) write(folder, key, compiled, most);
            }};
}

}  // namespace rues::app
