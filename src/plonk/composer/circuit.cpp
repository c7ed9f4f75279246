#include "plonk/composer/circuit.hpp"

#include <bit>

#include "base/bytes.hpp"

namespace rues::plonk {

unsigned Circuit::log_size() const noexcept {
    return static_cast<unsigned>(std::countr_zero(std::bit_ceil(gates_.size())));
}

std::size_t CircuitBuilder::Hash::operator()(const Selectors& selectors) const noexcept {
    return std::hash<std::string_view>()(base::text(std::as_bytes(std::span(selectors))));
}

void CircuitBuilder::append(const Selectors& selectors, const Wires& wires, bool has_input) {
    const auto [at, is_new] = index_.try_emplace(selectors, static_cast<std::uint32_t>(circuit_.selectors_.size()));
    if (is_new) circuit_.selectors_.push_back(selectors);
    if (has_input) circuit_.input_rows_.push_back(static_cast<std::uint32_t>(circuit_.gates_.size()));
    circuit_.gates_.push_back({at->second, wires});
}

Circuit CircuitBuilder::finish(std::size_t witnesses) && {
    circuit_.witnesses_ = witnesses;
    return std::move(circuit_);
}

}  // namespace rues::plonk
