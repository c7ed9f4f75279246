// Measures the machine: contract memory, compiling, how blocks, starts and feeders grow with the state, and the
// delivery of decoded events. `bench_vm memory` measures one part only.
#include <span>
#include <string_view>
#include <utility>

#include "support/publishers.hpp"
#include "vm/parts.hpp"

int main(int count, char** arguments) {
    using namespace rues::bench;
    constexpr std::pair<std::string_view, bool (*)()> kParts[] = {{"memory", &measure_memory},
                                                                  {"compiling", &measure_compiling},
                                                                  {"growth", &measure_growth},
                                                                  {"decoding", &measure_decoding}};
    const std::span<char* const> all(arguments, static_cast<std::size_t>(count));
    if (is_publisher(all)) return publish(all);
    pin_here(cpus().measured);
    bool kept = true;
    for (const auto& [name, measure] : kParts) {
        if (count > 1 && name != arguments[1]) continue;
        kept = measure() && kept;
    }
    return kept ? 0 : 1;
}
