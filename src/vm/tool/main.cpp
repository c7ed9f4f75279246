// Compiles a contract for any x86-64: `compile_contract FROM.wasm TO`. Part of the build
// (cmake/genesis_contracts.cmake).
#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "vm/compiled.hpp"
#include "vm/host_functions.hpp"

namespace {

int complain(std::string_view text) {
    fmt::print(stderr, "compile_contract: {}\n", text);
    return 1;
}

}  // namespace

int main(int count, char** arguments) {
    using namespace rues;
    if (count != 3) return complain("usage: compile_contract FROM.wasm TO");
    std::ifstream from(arguments[1], std::ios::binary);
    const std::string code{std::istreambuf_iterator<char>(from), std::istreambuf_iterator<char>()};
    if (!from) return complain(fmt::format("{} cannot be read", arguments[1]));

    const auto prepared = vm::prepare_contract(base::view(code));
    if (!prepared) return complain(prepared.error().text);
    const auto engine = vm::Engine::create({vm::host_functions32(), vm::host_functions64(), true});
    if (!engine) return complain(engine.error().text);
    const auto compiled = vm::compile(**engine, *prepared);
    if (!compiled) return complain(compiled.error().text);
    const auto saved = vm::save_compiled(*compiled);
    if (!saved) return complain(saved.error().text);

    std::ofstream to(arguments[2], std::ios::binary);
    to.write(reinterpret_cast<const char*>(saved->data()), static_cast<std::streamsize>(saved->size()));
    to.close();
    return to ? 0 : complain(fmt::format("{} cannot be written", arguments[2]));
}
