#pragma once

#include <map>
#include <stdexcept>

#include "support/wasm_assembler.hpp"

namespace rues::wasm::test {

/// A module, taken apart without the code under test.
struct Decoded {
    std::map<std::uint8_t, Code> sections;  ///< contents
    std::vector<std::uint8_t> order;        ///< ids as they come, custom sections too
    std::vector<Code> bodies;               ///< of the functions: locals and operators
};

class Decoder {
public:
    explicit Decoder(const Code& from, std::size_t at = 0) : from_(from), at_(at) {}

    std::size_t at() const { return at_; }
    std::size_t left() const { return from_.size() - at_; }
    bool done() const { return at_ == from_.size(); }
    std::uint8_t byte() { return from_.at(at_++); }
    std::uint64_t leb() {
        std::uint64_t out = 0;
        for (unsigned shift = 0;; shift += 7) {
            const std::uint8_t next = byte();
            out |= std::uint64_t{next & 0x7fU} << shift;
            if (next < 0x80) return out;
        }
    }
    std::int64_t signed_leb() {
        std::uint64_t out = 0;
        unsigned shift = 0;
        std::uint8_t next = 0;
        do {
            next = byte();
            out |= std::uint64_t{next & 0x7fU} << shift;
            shift += 7;
        } while (next >= 0x80);
        if (shift < 64 && (next & 0x40) != 0) out |= ~std::uint64_t{0} << shift;
        return static_cast<std::int64_t>(out);
    }
    Code bytes(std::uint64_t count) {
        if (count > from_.size() - at_) throw std::out_of_range("part is longer than the module");
        const auto begin = from_.begin() + static_cast<std::ptrdiff_t>(at_);
        at_ += count;
        return {begin, begin + static_cast<std::ptrdiff_t>(count)};
    }
    Code sized() { return bytes(leb()); }

private:
    const Code& from_;
    std::size_t at_;
};

inline Decoded decode(base::ByteView module) {
    const auto* const begin = base::u8(module);
    const Code all(begin, begin + module.size());
    Decoder decoder(all);
    Decoded out;
    decoder.bytes(8);
    while (!decoder.done()) {
        const std::uint8_t id = decoder.byte();
        out.order.push_back(id);
        out.sections[id] = decoder.sized();
    }
    if (const auto code = out.sections.find(10); code != out.sections.end()) {
        Decoder bodies(code->second);
        for (std::uint64_t left = bodies.leb(); left > 0; --left) out.bodies.push_back(bodies.sized());
        if (!bodies.done()) throw std::out_of_range("section is longer than its content");
    }
    return out;
}

}  // namespace rues::wasm::test
