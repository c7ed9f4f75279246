#include <cstdio>
#include <fstream>

#include "chain/genesis_file.hpp"
#include "chain/genesis_state.hpp"
#include "vm/host_queries.hpp"

/// rues_make_default_state FILE: makes the state of block 0 of the default genesis and writes it to FILE
/// (cmake/default_state.cmake).
int main(int argc, char** argv) {
    namespace chain = rues::chain;
    namespace vm = rues::vm;
    const auto fails = [](const std::string& why) {
        std::fprintf(stderr, "%s\n", why.c_str());
        return 1;
    };
    if (argc != 2) return fails("a file name is expected");
    const auto genesis = chain::read_genesis(chain::default_genesis());
    if (!genesis) return fails(genesis.error());
    const vm::HostQueries queries;
    const auto machine = vm::Machine::create({}, queries);
    if (!machine) return fails(machine.error().text);
    const chain::GenesisParts parts{*genesis, vm::genesis_contracts()};
    const auto state = chain::make_genesis_state(**machine, parts);
    if (!state) return fails(state.error().text);
    const auto encoded = chain::encode_genesis_state(parts, **state);
    const auto bytes = rues::base::text(encoded);
    std::ofstream out(argv[1], std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return out.flush() ? 0 : fails("the file cannot be written");
}
