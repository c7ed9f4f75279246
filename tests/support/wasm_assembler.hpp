#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

/// Writes modules of WebAssembly by hand.
namespace rues::wasm::test {

/// Operators, or any other part of a module.
using Code = std::vector<std::uint8_t>;

template <typename... Parts>
Code code(const Parts&... parts) {
    Code out;
    const auto add = [&out](const auto& part) {
        if constexpr (std::is_integral_v<std::decay_t<decltype(part)>>) {
            out.push_back(static_cast<std::uint8_t>(part));
        } else {
            for (const std::uint8_t byte : part) out.push_back(byte);
        }
    };
    (add(parts), ...);
    return out;
}

inline Code leb(std::uint64_t value) {
    Code out;
    for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::uint8_t>(value | 0x80));
    out.push_back(static_cast<std::uint8_t>(value));
    return out;
}

inline Code signed_leb(std::int64_t value) {
    Code out;
    for (; value < -0x40 || value >= 0x40; value >>= 7) out.push_back(static_cast<std::uint8_t>(value | 0x80));
    out.push_back(static_cast<std::uint8_t>(value & 0x7f));
    return out;
}

/// A number of exactly `bytes` bytes, with leading zeros.
inline Code padded_leb(std::uint64_t value, std::size_t bytes) {
    Code out;
    for (; out.size() + 1 < bytes; value >>= 7) out.push_back(static_cast<std::uint8_t>(value | 0x80));
    out.push_back(static_cast<std::uint8_t>(value));
    return out;
}

inline Code repeated(const Code& part, std::size_t times) {
    Code out;
    out.reserve(part.size() * times);
    for (std::size_t i = 0; i < times; ++i) out.insert(out.end(), part.begin(), part.end());
    return out;
}

inline Code sized(const Code& content) {
    return code(leb(content.size()), content);
}

inline constexpr std::uint8_t kI32 = 0x7f, kI64 = 0x7e, kF32 = 0x7d, kF64 = 0x7c, kV128 = 0x7b, kFuncref = 0x70,
                              kExternref = 0x6f, kNoValue = 0x40;

namespace op {
inline constexpr std::uint8_t unreachable = 0x00, nop = 0x01, else_ = 0x05, end = 0x0b, return_ = 0x0f, drop = 0x1a,
                              select = 0x1b, i32_eqz = 0x45, i32_add = 0x6a, i64_ge_s = 0x59, i64_add = 0x7c;

inline Code block(std::uint8_t type = kNoValue) {
    return {0x02, type};
}
inline Code loop(std::uint8_t type = kNoValue) {
    return {0x03, type};
}
inline Code if_(std::uint8_t type = kNoValue) {
    return {0x04, type};
}
inline Code br(std::uint32_t label) {
    return code(0x0c, leb(label));
}
inline Code br_if(std::uint32_t label) {
    return code(0x0d, leb(label));
}
/// The last label is the default.
inline Code br_table(std::initializer_list<std::uint32_t> labels) {
    Code out = code(0x0e, leb(labels.size() - 1));
    for (const std::uint32_t label : labels) out = code(out, leb(label));
    return out;
}
inline Code call(std::uint32_t function) {
    return code(0x10, leb(function));
}
inline Code call_indirect(std::uint32_t type, std::uint32_t table = 0) {
    return code(0x11, leb(type), leb(table));
}
inline Code local_get(std::uint32_t index) {
    return code(0x20, leb(index));
}
inline Code local_set(std::uint32_t index) {
    return code(0x21, leb(index));
}
inline Code local_tee(std::uint32_t index) {
    return code(0x22, leb(index));
}
inline Code global_get(std::uint32_t index) {
    return code(0x23, leb(index));
}
inline Code global_set(std::uint32_t index) {
    return code(0x24, leb(index));
}
inline Code i32_const(std::int32_t value) {
    return code(0x41, signed_leb(value));
}
inline Code i64_const(std::int64_t value) {
    return code(0x42, signed_leb(value));
}
/// An operator that accesses memory.
inline Code access(const Code& operation, std::uint64_t offset = 0, std::uint32_t align = 0) {
    return code(operation, leb(align), leb(offset));
}
inline Code vector(std::uint32_t number) {
    return code(0xfd, leb(number));
}
inline Code bulk(std::uint32_t number) {
    return code(0xfc, leb(number));
}
}  // namespace op

struct Size {
    std::uint64_t min = 0;
    std::optional<std::uint64_t> max = std::nullopt;
};

/// Items are appended to their sections in the order of the calls. The sections come in the order of the standard.
class Assembler {
public:
    std::uint32_t type(const Code& parameters, const Code& results) {
        return item(types_, code(0x60, sized(parameters), sized(results)));
    }
    std::uint32_t import_function(std::string_view name, std::uint32_t type) {
        return import(name, code(0x00, leb(type)));
    }
    /// `description`: kind and type.
    std::uint32_t import(std::string_view name, const Code& description) {
        return item(imports_, code(text("env"), text(name), description));
    }
    /// `locals`: groups of a count and a type, already encoded. `body` ends with `end`. Returns the index among the
    /// module's own functions, which follow the imported ones.
    std::uint32_t function(std::uint32_t type, const Code& body, const std::vector<Code>& locals = {}) {
        Code groups = leb(locals.size());
        for (const Code& group : locals) groups = code(groups, group);
        item(bodies_, sized(code(groups, body)));
        return item(functions_, leb(type));
    }
    std::uint32_t table(const Size& limits, std::uint8_t type = kFuncref) {
        return item(tables_, code(type, limit(limits, 0)));
    }
    std::uint32_t memory(const Size& limits, bool is_64 = false) {
        return item(memories_, limit(limits, is_64 ? 4 : 0));
    }
    /// `value`: a constant expression without its `end`.
    std::uint32_t global(std::uint8_t type, bool is_mutable, const Code& value) {
        return item(globals_, code(type, std::uint8_t{is_mutable}, value, op::end));
    }
    Assembler& export_function(std::string_view name, std::uint32_t index) { return exported(name, 0, index); }
    Assembler& export_memory(std::string_view name, std::uint32_t index = 0) { return exported(name, 2, index); }
    Assembler& export_global(std::string_view name, std::uint32_t index) { return exported(name, 3, index); }
    Assembler& exported(std::string_view name, std::uint8_t kind, std::uint32_t index) {
        item(exports_, code(text(name), kind, leb(index)));
        return *this;
    }
    Assembler& start(std::uint32_t function) {
        start_ = leb(function);
        return *this;
    }
    Assembler& element(const Code& encoded) {
        item(elements_, encoded);
        return *this;
    }
    Assembler& active_data(const Code& offset, std::string_view bytes) {
        item(data_, code(0x00, offset, op::end, sized(Code(bytes.begin(), bytes.end()))));
        return *this;
    }
    Assembler& passive_data(std::string_view bytes) {
        item(data_, code(0x01, sized(Code(bytes.begin(), bytes.end()))));
        return *this;
    }
    Assembler& data(const Code& encoded) {
        item(data_, encoded);
        return *this;
    }
    /// Writes the section DataCount, as memory.init and data.drop demand.
    Assembler& count_data() {
        counts_data_ = true;
        return *this;
    }
    /// Put in front of all other sections.
    Assembler& custom(std::string_view name, const Code& content) {
        custom_ = code(custom_, 0x00, sized(code(text(name), content)));
        return *this;
    }

    base::Bytes build() const {
        Code out = code(Code{0, 'a', 's', 'm', 1, 0, 0, 0}, custom_);
        const auto section = [&out](std::uint8_t id, const Section& items) {
            if (items.count > 0) out = code(out, id, sized(code(leb(items.count), items.content)));
        };
        section(1, types_);
        section(2, imports_);
        section(3, functions_);
        section(4, tables_);
        section(5, memories_);
        section(6, globals_);
        section(7, exports_);
        if (start_) out = code(out, 0x08, sized(*start_));
        section(9, elements_);
        if (counts_data_) out = code(out, 0x0c, sized(leb(data_.count)));
        section(10, bodies_);
        section(11, data_);
        return bytes(out);
    }

    static base::Bytes bytes(const Code& from) {
        const auto view = std::as_bytes(std::span(from));
        return {view.begin(), view.end()};
    }
    static Code text(std::string_view text) { return sized(Code(text.begin(), text.end())); }

private:
    struct Section {
        std::uint32_t count = 0;
        Code content;
    };

    static std::uint32_t item(Section& section, const Code& encoded) {
        section.content.insert(section.content.end(), encoded.begin(), encoded.end());
        return section.count++;
    }
    static Code limit(const Size& limits, std::uint8_t flags) {
        if (limits.max) return code(static_cast<std::uint8_t>(flags | 1), leb(limits.min), leb(*limits.max));
        return code(flags, leb(limits.min));
    }

    Code custom_;
    Section types_, imports_, functions_, tables_, memories_, globals_, exports_, elements_, bodies_, data_;
    std::optional<Code> start_;
    bool counts_data_ = false;
};

}  // namespace rues::wasm::test
