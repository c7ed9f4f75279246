#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "wasm/cursor.hpp"
#include "wasm/limits.hpp"

namespace rues::wasm {

enum class SectionId : std::uint8_t {
    custom,
    type,
    import,
    function,
    table,
    memory,
    global,
    exports,
    start,
    element,
    code,
    data,
    data_count,
};
inline constexpr std::size_t kSectionIds = 13;
inline constexpr std::size_t kHeaderBytes = 8;

/// Kinds of imports and exports. The values are those of the binary format.
enum class Kind : std::uint8_t { function, table, memory, global };

/// Everything of a module but the code of its functions. Views point into the module's bytes.
struct Module {
    /// Each byte is a value type.
    struct FunctionType {
        base::ByteView parameters, results;
    };
    struct Import {
        std::string_view name;
        std::uint32_t type;
    };
    struct Memory {
        bool is_64 = false;
        std::uint64_t min_pages = 0;
        std::optional<std::uint64_t> max_pages;
    };
    struct Global {
        ValueType type;
        bool is_mutable;
        std::uint64_t value;  ///< of an i32 or i64
    };
    struct Export {
        std::string_view name;
        Kind kind;
        std::uint32_t index;
    };
    struct Data {
        base::ByteView encoded;  ///< the whole segment
        base::ByteView bytes;
        std::optional<std::uint64_t> offset;  ///< of an active segment
    };

    base::ByteView bytes;
    std::array<std::optional<base::ByteView>, kSectionIds> sections;  ///< contents by id, without custom sections
    std::vector<FunctionType> types;
    std::vector<Import> imports;           ///< only functions
    std::vector<std::uint32_t> functions;  ///< types of the module's own functions
    std::optional<Memory> memory;
    std::vector<Global> globals;
    std::vector<Export> exports;
    std::vector<Data> data;
    std::uint32_t tables = 0;
    std::uint64_t table_elements = 0;  ///< initial size of all tables
    bool has_start = false;
    bool reference_types = false;  ///< something outside of the code needs this proposal

    std::optional<base::ByteView> section(SectionId id) const noexcept {
        return sections[static_cast<std::size_t>(id)];
    }
    std::size_t function_count() const noexcept { return imports.size() + functions.size(); }
    /// REQUIRES: index < function_count().
    const FunctionType& type_of(std::size_t index) const noexcept {
        return types[index < imports.size() ? imports[index].type : functions[index - imports.size()]];
    }
};

/// Reads all sections, and the code section only as a whole. `host_functions` are the names of `Rules::imports`: an
/// import that is no function is refused as `unsupported` when its name is there, else as `function`.
Result<Module> read_module(base::ByteView bytes, std::span<const std::string_view> host_functions,
                           const Limits& limits);

}  // namespace rues::wasm
