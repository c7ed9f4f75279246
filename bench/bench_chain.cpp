// Measures the chain: transactions, empty blocks, and reading contracts over HTTP. `bench_chain reading` measures one
// part only.
#include <string_view>
#include <utility>

#include "chain/parts.hpp"

int main(int count, char** arguments) {
    using namespace rues::bench;
    constexpr std::pair<std::string_view, bool (*)()> kParts[] = {
        {"transactions", &measure_transactions}, {"empty-block", &measure_empty_block}, {"reading", &measure_reading}};
    pin_here(cpus().measured);  // the peers run on the server's CPU
    bool kept = true;
    for (const auto& [name, measure] : kParts) {
        if (count > 1 && name != arguments[1]) continue;
        kept = measure() && kept;
    }
    return kept ? 0 : 1;
}
