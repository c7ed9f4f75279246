#pragma once

#include <limits>
#include <vector>

#include "wasm/metering.hpp"
#include "wasm/operators.hpp"

namespace rues::wasm {

/// Rewrites one function.
///
/// **Where the counter is.** At every place of the code, the counter is the added local or the global, plus `pending_`.
/// Costs collect in `pending_` while the code is read. After a call the value is in the global, until something needs
/// it in the local.
///
/// **Where it can be seen.** The global is brought up to date (`publish`) before calls, `return`, `unreachable` and at
/// the end of the function, as the network's engine does, and nowhere else: a trap leaves the value of the last save.
/// Checks add nothing, they compare with `-pending_`.
///
/// **Where paths meet.** All paths to a label arrive with the value in the local and with the same `pending_`, the
/// label's `offset`. The first arrival chooses it and needs no addition; the others add the difference. The network's
/// engine adds at every branch. The sums are the same with half the additions, and the engine compiles them faster. The
/// targets of one br_table must share one offset. A function in which they do not is rewritten in the style `plain`,
/// where all offsets are 0.
///
/// Code that nothing reaches is copied without counting, as in the network's engine.
class FunctionMeter {
public:
    enum class Style : std::uint8_t { sparse, plain };

    /// An open block.
    struct Frame {
        enum class Kind : std::uint8_t { block, loop, if_ };  ///< `if_` until its `else`
        static constexpr std::int64_t kNotReached = std::numeric_limits<std::int64_t>::min();
        Kind kind = Kind::block;
        /// Of the label: the end, of a loop the beginning. An `if` reaches its end when the condition is false.
        std::int64_t offset = kNotReached;
        std::uint64_t values = 0;  ///< that a branch to its label carries
    };

    /// `frames` is empty; it is passed in so that the functions of a module share its memory.
    FunctionMeter(const Metering& metering, Style style, Cursor& in, Output& out, std::vector<Frame>& frames)
        : metering_(metering), costs_(metering.costs.by_class()), style_(style), in_(in), out_(out), frames_(frames) {}

    /// Appends the rewritten body, or fails the cursor. False when the function must be rewritten in the style `plain`;
    /// what was appended is then of no use.
    bool run(std::uint32_t type);

    bool reference_types() const noexcept { return reference_types_; }
    /// The function's part of `Prepared::work`, after `run` has returned true.
    std::uint64_t work() const noexcept;

private:
    void locals(const Module::FunctionType& function);
    void prologue(std::int64_t block_type);
    void epilogue();

    void step();
    Operator prefixed(Form prefix) noexcept;
    void control(Form form, const std::uint8_t* begin);
    void address(std::uint8_t width, const std::uint8_t* begin);
    /// Values that go into a block, and out of it.
    struct BlockType {
        std::uint64_t parameters = 0;
        std::uint64_t results = 0;
    };
    BlockType block_type();
    void type_index(std::uint64_t index) noexcept;
    void count_call(const Module::FunctionType& callee) noexcept;
    Frame* label() noexcept;

    void enter_loop(const std::uint8_t* begin);
    void enter_if(const std::uint8_t* begin);
    void enter_else(const std::uint8_t* begin);
    void leave(const std::uint8_t* begin);
    void branch(const std::uint8_t* begin);
    void branch_table(const std::uint8_t* begin);

    void arrive(Frame& frame, const std::uint8_t* begin);
    void settle(std::int64_t pending, const std::uint8_t* begin);
    void publish(const std::uint8_t* begin);
    void copy_up_to(const std::uint8_t* end);
    /// `pending_` of a label that the current place defines.
    std::int64_t chosen_offset() const noexcept { return style_ == Style::plain ? 0 : pending_; }

    void value() noexcept;
    void add(std::int64_t cost) noexcept;
    void check(std::size_t label) noexcept;
    void local(std::uint8_t code) noexcept;
    void global(std::uint8_t code) noexcept;

    const Metering& metering_;
    const std::array<std::uint16_t, 5> costs_;
    const Style style_;
    Cursor& in_;
    Output& out_;
    std::vector<Frame>& frames_;            ///< the first is $body
    const std::uint8_t* copied_ = nullptr;  ///< everything before it is in the output
    std::uint32_t counter_ = 0;             ///< index of the added local
    std::int64_t pending_ = 0;
    bool in_global_ = true;
    bool dead_ = false;
    bool conflict_ = false;  ///< the targets of a br_table have different offsets
    bool reference_types_ = false;

    // For `work`:
    std::uint64_t operators_ = 0;
    std::uint64_t values_ = 0;  ///< that operators move beyond what every operator may move
    std::uint64_t blocks_ = 0;  ///< places where a block of the compiler begins or ends
};

}  // namespace rues::wasm
