#include "plonk/composer/description.hpp"

#include <map>

#include "base/endian.hpp"
#include "crypto/poseidon.hpp"

namespace rues::plonk {
namespace {

/// MessagePack, of which only arrays and unsigned integers occur. Structures have no header.
class Packer {
public:
    void boolean(bool value) { byte(value ? 0xc3 : 0xc2); }

    void integer(std::uint64_t value) {
        if (value <= 0x7f) {
            byte(value);
        } else if (value <= 0xff) {
            byte(0xcc);
            byte(value);
        } else if (value <= 0xffff) {
            byte(0xcd);
            big_endian(static_cast<std::uint16_t>(value));
        } else {
            byte(0xce);
            big_endian(static_cast<std::uint32_t>(value));  // REQUIRES: fewer than 2^32 of everything
        }
    }

    void array(std::size_t size) {
        if (size <= 0xf) {
            byte(0x90 + size);
        } else if (size <= 0xffff) {
            byte(0xdc);
            big_endian(static_cast<std::uint16_t>(size));
        } else {
            byte(0xdd);
            big_endian(static_cast<std::uint32_t>(size));
        }
    }

    void scalar(const Fr& value) {
        for (const std::byte each : value.bytes()) integer(std::to_integer<std::uint64_t>(each));
    }

    base::Bytes take() && { return std::move(out_); }

private:
    void byte(std::uint64_t value) { out_.push_back(static_cast<std::byte>(value)); }
    template <typename T>
    void big_endian(T value) {
        out_.resize(out_.size() + sizeof value);
        base::store_be(out_.data() + out_.size() - sizeof value, value);
    }

    base::Bytes out_;
};

/// Numbers scalars by their first use.
class Scalars {
public:
    /// Scalars of every circuit, which are not written: 0, 1, -1, and the constants of Poseidon without the factor of
    /// 2^256.
    Scalars() {
        index_of(Fr());
        index_of(Fr(1));
        index_of(-Fr(1));
        const auto& constants = crypto::poseidon_constants();
        const Fr factor = Fr(2).squared(8).inverse();
        constexpr std::size_t kTabled = 335;  // of 340: the format's table ends one round early
        for (const Fr& constant : std::span(constants.round).first(kTabled)) index_of(constant * factor);
        for (const auto& row : constants.matrix) {
            for (const Fr& element : row) index_of(element * factor);
        }
        known_ = scalars_.size();
    }

    std::uint64_t index_of(const Fr& scalar) {
        const auto [at, is_new] = index_.try_emplace(scalar.bytes(), scalars_.size());
        if (is_new) scalars_.push_back(scalar);
        return at->second;
    }

    std::span<const Fr> extra() const { return std::span(scalars_).subspan(known_); }

private:
    std::vector<Fr> scalars_;
    std::map<base::Hash32, std::uint64_t> index_;
    std::size_t known_ = 0;
};

}  // namespace

base::Bytes describe(const Circuit& circuit) {
    Scalars scalars;
    std::vector<std::array<std::uint64_t, kSelectors>> polynomials;
    for (const Selectors& selectors : circuit.selectors()) {
        auto& out = polynomials.emplace_back();
        for (std::size_t i = 0; i < selectors.size(); ++i) out[i] = scalars.index_of(selectors[i]);
    }

    Packer out;
    out.boolean(true);  // the constants of Poseidon are known
    out.array(circuit.input_rows().size());
    for (const std::uint32_t row : circuit.input_rows()) out.integer(row);
    out.integer(circuit.witnesses());
    out.array(scalars.extra().size());
    for (const Fr& scalar : scalars.extra()) out.scalar(scalar);
    out.array(polynomials.size());
    for (const auto& polynomial : polynomials) {
        for (const std::uint64_t index : polynomial) out.integer(index);
    }
    out.array(circuit.gates().size());
    for (const Circuit::Gate& gate : circuit.gates()) {
        out.integer(gate.selectors);
        for (const Witness witness : gate.wires) out.integer(witness.index);
    }
    return std::move(out).take();
}

}  // namespace rues::plonk
