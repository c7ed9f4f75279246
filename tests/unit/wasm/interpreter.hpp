#pragma once

#include <map>
#include <string>
#include <vector>

#include "unit/wasm/decoded.hpp"
#include "wasm/costs.hpp"

namespace rues::wasm::test {

/// Executes modules that have only the operators of `WasmGenerator` in its simple form. It shares no code with the
/// reader and the rewriter. Two ways to count gas are compared with it:
/// - `Counting::by_rule`: the interpreter counts while it executes an original module, word by word as
///   docs/reference/machine.md 2.1 says;
/// - `Counting::by_module`: it executes a rewritten module, which counts itself in the global that it exports.
///
/// Imported functions take the counter's value down (`seen`) and charge `kHostPrice`.
class Interpreter {
public:
    enum class Counting : std::uint8_t { by_rule, by_module };
    enum class End : std::uint8_t { value, trap };
    static constexpr std::int64_t kHostPrice = 7;

    struct Outcome {
        End end = End::trap;
        std::uint64_t value = 0;
        friend bool operator==(const Outcome&, const Outcome&) = default;
    };

    Interpreter(base::ByteView module, Counting counting, const CostTable& costs);

    /// Calls an exported function (i32) -> i32 with this counter.
    Outcome call(const std::string& name, std::uint32_t argument, std::int64_t counter);

    std::int64_t counter() const {
        return counting_ == Counting::by_rule ? counter_ : static_cast<std::int64_t>(globals_[counter_global_]);
    }
    const std::vector<std::int64_t>& seen() const { return seen_; }
    const std::vector<std::uint8_t>& memory() const { return memory_; }
    /// Without the counter.
    std::vector<std::uint64_t> globals() const {
        return {globals_.begin(), globals_.begin() + static_cast<std::ptrdiff_t>(counter_global_)};
    }

private:
    struct Type {
        Code parameters, results;
    };
    struct Block {
        std::size_t end = 0;    ///< behind the `end`
        std::size_t else_ = 0;  ///< behind the `else`; 0: none
    };
    struct Function {
        std::uint32_t type = 0;
        Code code;  ///< without locals
        std::size_t locals = 0;
        std::map<std::size_t, Block> blocks;  ///< by the place behind `block`, `loop` and `if`
    };
    struct Label {
        std::size_t arity = 0;
        std::size_t height = 0;
        std::size_t to = 0;
        bool is_loop = false;
    };
    struct Trap {};
    struct Frame;

    void read(const Decoded& module);
    void find_blocks(Function& function);
    void invoke(std::uint32_t function);
    void execute(Frame& frame);
    void step(Frame& frame, std::uint8_t code);
    void numeric(std::uint8_t code);
    void access(Frame& frame, std::uint8_t code);
    void branch(Frame& frame, std::uint64_t label);
    void leave_function(Frame& frame);
    Type block_type(Frame& frame);
    void before(Frame& frame, std::uint8_t code);
    void add_pending(Frame& frame);
    void save(Frame& frame);
    void check(Frame& frame);

    std::uint64_t pop();
    void push(std::uint64_t value) { stack_.push_back(value); }
    void push32(std::uint64_t value) { push(static_cast<std::uint32_t>(value)); }
    void set_counter(std::int64_t value);

    const Counting counting_;
    const CostTable costs_;
    std::vector<Type> types_;
    std::vector<std::uint32_t> imports_;
    std::vector<Function> functions_;
    std::vector<std::uint32_t> table_;
    std::vector<std::uint64_t> globals_;
    std::map<std::string, std::uint32_t> exports_;
    std::vector<std::uint8_t> memory_;
    std::vector<std::uint64_t> stack_;
    std::vector<std::int64_t> seen_;
    std::size_t counter_global_ = 0;
    std::int64_t counter_ = 0;
    int depth_ = 0;
};

}  // namespace rues::wasm::test
