#pragma once

#include <array>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/wasm_generator.hpp"
#include "support/wasm_signatures.hpp"

/// The part of the generator that makes the bodies of functions.
namespace rues::wasm::test {

/// SplitMix64: the same numbers with every library.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() {
        std::uint64_t z = state_ += 0x9e37'79b9'7f4a'7c15;
        z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9;
        z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11eb;
        return z ^ (z >> 31);
    }
    std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(next() % limit); }
    bool percent(std::uint32_t chance) { return below(100) < chance; }

private:
    std::uint64_t state_;
};

/// Value types are letters: i i32, l i64, f f32, d f64, v v128, r funcref, x externref.
struct FunctionShape {
    std::string parameters, results;
};

struct ModulePlan {
    struct Function {
        std::uint32_t type;   ///< index in `types`
        std::uint32_t level;  ///< it calls functions of higher levels
        bool feeds = false;
    };
    /// Indices of imported functions of the host, and addresses of texts that no other code writes to.
    struct Host {
        std::uint32_t emit, panic, feed, call, limit, spent;
        std::int32_t topic, function;
    };
    static constexpr std::int32_t kArgument = 65'536;  ///< address of the argument buffer
    GeneratorOptions options;
    std::vector<FunctionShape> types;  ///< the first is (i32) -> i32, the second () -> ()
    std::vector<Function> functions;
    std::vector<std::uint32_t> table;  ///< functions of table 0, all of the last level
    std::string globals;               ///< types of the mutable globals, which begin at index 1
    std::uint32_t quiet_imports = 0;   ///< functions () -> ()
    std::uint32_t imports = 0;         ///< all, the quiet ones first
    std::optional<Host> host;
};

// Segments of elements and of data that are used by *.init, and dropped.
inline constexpr std::uint32_t kSegment = 1;
inline constexpr std::uint32_t kDroppedSegment = 2;
// Tables beside that of call_indirect.
inline constexpr std::uint32_t kFunctionTable = 1;
inline constexpr std::uint32_t kExternTable = 2;

constexpr std::uint8_t value_type_of(char letter) {
    switch (letter) {
    case 'i':
        return kI32;
    case 'l':
        return kI64;
    case 'f':
        return kF32;
    case 'd':
        return kF64;
    case 'v':
        return kV128;
    case 'r':
        return kFuncref;
    default:
        return kExternref;
    }
}

inline Code value_types_of(std::string_view letters) {
    Code out;
    for (const char letter : letters) out.push_back(value_type_of(letter));
    return out;
}

/// Signatures by what they put onto the stack.
class SignatureIndex {
public:
    explicit SignatureIndex(const std::vector<Signature>& all) {
        for (const Signature& signature : all)
            by_result_[static_cast<unsigned char>(signature.result)].push_back(signature);
    }
    const std::vector<Signature>& with_result(char result) const {
        return by_result_[static_cast<unsigned char>(result)];
    }

private:
    std::array<std::vector<Signature>, 256> by_result_;
};

class FunctionGenerator {
public:
    FunctionGenerator(const ModulePlan& plan, const ModulePlan::Function& function, Random& random,
                      std::set<std::uint32_t>& operators);

    /// Groups of locals, and the body.
    std::pair<std::vector<Code>, Code> generate();

private:
    static constexpr std::uint32_t kMaxDepth = 5;  ///< of values and of blocks

    /// An open block.
    struct Label {
        std::string types;  ///< what a branch to it needs
    };

    void statements(std::uint32_t count);
    void statement();
    void store();
    void simple_block();
    void block_of_values();
    void loop();
    void branch();
    void call();
    void leave();
    void memory_operation();
    void table_operation();
    void trap();
    void host();

    void values(std::string_view types);
    void take(std::string_view types);
    void value(char type);
    void leaf(char type);
    void operation(const Signature& signature);
    void operand(const Signature& signature, std::size_t index);
    void special(char type);
    void address(std::uint32_t limit = 0x7fff);
    void constant_address(std::int32_t value);

    void put(const Code& operation);
    template <typename... Parts>
    void put(const Parts&... parts) {
        put(code(parts...));
    }
    void open(const Code& operation, std::string_view label);
    void close();
    std::uint32_t local_of(char type);
    char any_type() { return types_[random_.below(static_cast<std::uint32_t>(types_.size()))]; }
    std::uint32_t label_number(std::size_t index) const {
        return static_cast<std::uint32_t>(labels_.size() - 1 - index);
    }

    const ModulePlan& plan_;
    const ModulePlan::Function& function_;
    Random& random_;
    std::set<std::uint32_t>& operators_;
    const SignatureIndex& signatures_;
    std::string types_;   ///< that values may have
    std::string locals_;  ///< parameters included
    std::vector<Label> labels_;
    Code out_;
    std::uint32_t budget_ = 0;      ///< values that may still be more than a leaf
    std::uint32_t depth_ = 0;       ///< of values inside of values
    std::uint32_t loops_ = 0;       ///< that are open
    std::uint32_t loop_count_ = 0;  ///< each loop has a local of its own
    std::uint32_t calls_ = 0;       ///< that may still be made
    bool has_called_ = false;       ///< another contract: once, so that calls make no tree that grows without end
    bool dead_ = false;             ///< nothing reaches the rest of the block
};

}  // namespace rues::wasm::test
