#include "wasm/module.hpp"

#include <algorithm>
#include <array>

#include "wasm/constant.hpp"

namespace rues::wasm {
namespace {

constexpr std::array<std::uint8_t, kHeaderBytes> kHeader = {0, 'a', 's', 'm', 1, 0, 0, 0};
/// Place of each section in a module, by id; the section DataCount comes before the code. Custom sections stand
/// anywhere.
constexpr std::array<std::uint8_t, kSectionIds> kPlace = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 10};
constexpr std::uint8_t kTagSection = 13;
constexpr std::uint8_t kFunctionForm = 0x60;

// Flags of limits, and of segments of elements and of data.
constexpr std::uint8_t kHasMaximum = 1;
constexpr std::uint8_t kIs64 = 4;
constexpr std::uint32_t kPassiveOrDeclared = 1;
constexpr std::uint32_t kExplicitIndex = 2;
constexpr std::uint32_t kExpressions = 4;

/// Reads the sections of one module into `out_`. Each function reads one section to its end.
class ModuleReader {
public:
    ModuleReader(Module& out, std::span<const std::string_view> host_functions, const Limits& limits)
        : out_(out), host_functions_(host_functions), limits_(limits) {}

    void read(SectionId id, Cursor& cursor) {
        switch (id) {
        case SectionId::custom:
            cursor.name(limits_.name_bytes);
            cursor.skip(cursor.remaining());
            break;
        case SectionId::type:
            types(cursor);
            break;
        case SectionId::import:
            imports(cursor);
            break;
        case SectionId::function:
            functions(cursor);
            break;
        case SectionId::table:
            tables(cursor);
            break;
        case SectionId::memory:
            memories(cursor);
            break;
        case SectionId::global:
            globals(cursor);
            break;
        case SectionId::exports:
            exports(cursor);
            break;
        case SectionId::start:
            out_.has_start = true;
            cursor.u32();
            break;
        case SectionId::element:
            elements(cursor);
            break;
        case SectionId::code:
            cursor.skip(cursor.remaining());
            break;
        case SectionId::data:
            data(cursor);
            break;
        case SectionId::data_count:
            cursor.u32();
            break;
        }
    }

    /// Set when an import made the module unacceptable.
    std::optional<Refusal>& refusal() { return refusal_; }

private:
    base::ByteView value_types(Cursor& cursor, std::uint32_t limit) {
        const std::uint32_t count = cursor.count(limit, 1);
        const base::ByteView out = cursor.bytes(count);
        for (const std::byte byte : out) {
            const auto type = value_type(std::to_integer<std::uint8_t>(byte));
            if (!type) cursor.unsupported("function type with an unknown value type");
            out_.reference_types |= type && is_reference(*type);
        }
        return out;
    }

    void types(Cursor& cursor) {
        const std::uint32_t count = cursor.count(limits_.types, 3);
        out_.types.reserve(count);
        for (std::uint32_t i = 0; i < count && !cursor.failed(); ++i) {
            if (cursor.byte() != kFunctionForm) return cursor.unsupported("type that is no function type");
            const base::ByteView parameters = value_types(cursor, limits_.parameters);
            const base::ByteView results = value_types(cursor, limits_.results);
            out_.types.push_back({parameters, results});
        }
    }

    std::uint32_t type_index(Cursor& cursor) {
        const std::uint32_t index = cursor.u32();
        if (index >= out_.types.size()) cursor.fail("unknown type");
        return index;
    }

    void imports(Cursor& cursor) {
        const std::uint32_t count = cursor.count(limits_.imports, 4);
        out_.imports.reserve(count);
        for (std::uint32_t i = 0; i < count && !cursor.failed(); ++i) {
            cursor.name(limits_.name_bytes);
            const std::string_view name = cursor.name(limits_.name_bytes);
            if (cursor.byte() != static_cast<std::uint8_t>(Kind::function) && !cursor.failed()) {
                const bool known = std::ranges::find(host_functions_, name) != host_functions_.end();
                refusal_ = {known ? Refusal::Kind::unsupported : Refusal::Kind::function,
                            "import " + std::string(name) + " is not a function", std::string(name)};
                return cursor.unsupported("import that is no function");
            }
            out_.imports.push_back({name, type_index(cursor)});
        }
    }

    void functions(Cursor& cursor) {
        const std::uint32_t count = cursor.count(limits_.functions, 1);
        out_.functions.reserve(count);
        for (std::uint32_t i = 0; i < count && !cursor.failed(); ++i) out_.functions.push_back(type_index(cursor));
        if (out_.function_count() > limits_.functions) cursor.fail("too many functions", Refusal::Kind::too_large);
    }

    void tables(Cursor& cursor) {
        out_.tables = cursor.count(limits_.tables, 3);
        for (std::uint32_t i = 0; i < out_.tables && !cursor.failed(); ++i) {
            const ValueType type = cursor.type();
            if (!is_reference(type)) return cursor.unsupported("table of an unknown form");
            const std::uint8_t flags = cursor.byte();
            if (flags > kHasMaximum) return cursor.unsupported("table with unknown flags");
            const std::uint32_t initial = cursor.u32();
            if (initial > limits_.table_elements) return cursor.fail("table is too large", Refusal::Kind::too_large);
            if (flags == kHasMaximum) cursor.u32();
            out_.table_elements += initial;
            out_.reference_types |= type != ValueType::funcref;
        }
        out_.reference_types |= out_.tables > 1;
    }

    void memories(Cursor& cursor) {
        const std::uint32_t count = cursor.u32();
        if (count > 1) return cursor.unsupported("more than one memory");
        if (count == 0) return;
        const std::uint8_t flags = cursor.byte();
        if ((flags & ~(kHasMaximum | kIs64)) != 0) return cursor.unsupported("memory with unknown flags");
        Module::Memory memory;
        memory.is_64 = (flags & kIs64) != 0;
        const auto pages = [&] { return memory.is_64 ? cursor.u64() : std::uint64_t{cursor.u32()}; };
        memory.min_pages = pages();
        if ((flags & kHasMaximum) != 0) memory.max_pages = pages();
        out_.memory = memory;
    }

    void globals(Cursor& cursor) {
        const std::uint32_t count = cursor.count(limits_.globals, 4);
        out_.globals.reserve(count);
        for (std::uint32_t i = 0; i < count && !cursor.failed(); ++i) {
            const ValueType type = cursor.type();
            const std::uint8_t is_mutable = cursor.byte();
            if (is_mutable > 1) return cursor.unsupported("global with unknown flags");
            const Constant initial = read_constant(cursor);
            if (initial.type != type) return cursor.fail("global and its value have different types");
            out_.globals.push_back({type, is_mutable == 1, initial.value});
            out_.reference_types |= is_reference(type);
        }
    }

    void exports(Cursor& cursor) {
        const std::uint32_t count = cursor.count(limits_.exports, 3);
        out_.exports.reserve(count);
        for (std::uint32_t i = 0; i < count && !cursor.failed(); ++i) {
            const std::string_view name = cursor.name(limits_.name_bytes);
            const std::uint8_t kind = cursor.byte();
            if (kind > static_cast<std::uint8_t>(Kind::global)) return cursor.unsupported("export of an unknown kind");
            const Module::Export item{name, static_cast<Kind>(kind), cursor.u32()};
            if (item.index >= count_of(item.kind)) return cursor.fail("export of an unknown index");
            out_.exports.push_back(item);
        }
    }

    std::size_t count_of(Kind kind) const noexcept {
        switch (kind) {
        case Kind::function:
            return out_.function_count();
        case Kind::table:
            return out_.tables;
        case Kind::memory:
            return out_.memory ? 1 : 0;
        case Kind::global:
            return out_.globals.size();
        }
        return 0;
    }

    void elements(Cursor& cursor) {
        const std::uint32_t count = cursor.count(limits_.element_segments, 3);
        for (std::uint32_t i = 0; i < count && !cursor.failed(); ++i) {
            const std::uint32_t flags = cursor.u32();
            if (flags > (kPassiveOrDeclared | kExplicitIndex | kExpressions))
                return cursor.unsupported("element segment with unknown flags");
            if ((flags & kPassiveOrDeclared) == 0) {
                if ((flags & kExplicitIndex) != 0) cursor.u32();
                read_constant(cursor);
            }
            if ((flags & (kPassiveOrDeclared | kExplicitIndex)) != 0) {
                if ((flags & kExpressions) == 0) {
                    if (cursor.byte() != 0) return cursor.unsupported("element segment of an unknown kind");
                } else if (!is_reference(cursor.type())) {
                    return cursor.unsupported("element segment of an unknown type");
                }
            }
            element_items(cursor, (flags & kExpressions) != 0);
        }
    }

    void element_items(Cursor& cursor, bool expressions) {
        const std::uint32_t items = cursor.count(limits_.table_elements, 1);
        for (std::uint32_t item = 0; item < items && !cursor.failed(); ++item) {
            if (expressions) {
                read_constant(cursor);
            } else {
                cursor.u32();
            }
        }
        out_.reference_types |= expressions;
    }

    void data(Cursor& cursor) {
        const std::uint32_t count = cursor.count(limits_.data_segments, 2);
        out_.data.reserve(count);
        for (std::uint32_t i = 0; i < count && !cursor.failed(); ++i) {
            const std::uint8_t* begin = cursor.at();
            Module::Data segment;
            const std::uint32_t flags = cursor.u32();
            if (flags > kExplicitIndex) return cursor.unsupported("data segment with unknown flags");
            if (flags != kPassiveOrDeclared) {
                if (flags == kExplicitIndex && cursor.u32() != 0)
                    return cursor.fail("data segment of an unknown memory");
                if (!out_.memory) return cursor.fail("data segment without a memory");
                const Constant offset = read_constant(cursor);
                if (offset.type != (out_.memory->is_64 ? ValueType::i64 : ValueType::i32))
                    return cursor.fail("offset of a data segment has the wrong type");
                segment.offset = offset.value;
            }
            segment.bytes = cursor.bytes(cursor.u32());
            if (cursor.failed()) return;
            segment.encoded = std::as_bytes(std::span(begin, cursor.at()));
            out_.data.push_back(segment);
        }
    }

    Module& out_;
    std::span<const std::string_view> host_functions_;
    const Limits& limits_;
    std::optional<Refusal> refusal_;
};

}  // namespace

Result<Module> read_module(base::ByteView bytes, std::span<const std::string_view> host_functions,
                           const Limits& limits) {
    if (bytes.size() > limits.bytes)
        return std::unexpected(Refusal{Refusal::Kind::too_large, "module has too many bytes"});
    if (!base::equal(bytes.first(std::min(bytes.size(), kHeader.size())), std::as_bytes(std::span(kHeader))))
        return std::unexpected(Refusal{Refusal::Kind::malformed, "not a module of WebAssembly version 1"});

    Module out;
    out.bytes = bytes;
    ModuleReader reader(out, host_functions, limits);
    Cursor cursor(bytes, bytes.subspan(kHeader.size()));
    std::uint8_t place = 0;
    while (!cursor.empty()) {
        const std::uint8_t id = cursor.byte();
        const base::ByteView content = cursor.bytes(cursor.u32());
        if (id == kTagSection) cursor.unsupported("section of exceptions");
        if (id >= kPlace.size()) cursor.fail("unknown section");
        if (cursor.failed()) break;
        if (id != 0) {
            if (kPlace[id] <= place) {
                cursor.fail("section out of order");
                break;
            }
            place = kPlace[id];
            out.sections[id] = content;
        }
        Cursor section(bytes, content);
        reader.read(static_cast<SectionId>(id), section);
        if (!section.failed() && !section.empty()) section.fail("section is longer than its content");
        if (reader.refusal()) return std::unexpected(*std::move(reader.refusal()));
        if (section.failed()) return std::unexpected(section.refusal());
    }
    if (cursor.failed()) return std::unexpected(cursor.refusal());
    return out;
}

}  // namespace rues::wasm
