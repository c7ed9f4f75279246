#include "wasm/function_meter.hpp"

#include "wasm/prepare.hpp"

namespace rues::wasm {
namespace {

namespace op {
constexpr std::uint8_t kUnreachable = 0x00;
constexpr std::uint8_t kBlock = 0x02;
constexpr std::uint8_t kEnd = 0x0b;
constexpr std::uint8_t kBranchIf = 0x0d;
constexpr std::uint8_t kReturn = 0x0f;
constexpr std::uint8_t kLocalGet = 0x20;
constexpr std::uint8_t kLocalSet = 0x21;
constexpr std::uint8_t kGlobalGet = 0x23;
constexpr std::uint8_t kGlobalSet = 0x24;
constexpr std::uint8_t kI64Const = 0x42;
constexpr std::uint8_t kI64NotLess = 0x59;  // i64.ge_s
constexpr std::uint8_t kI64Add = 0x7c;
}  // namespace op

/// At least the bytes that any one place adds: a few operators, each with at most one number.
constexpr std::size_t kMaxInsertion = 64;
constexpr std::uint8_t kEmptyBlockType = 0x40;
constexpr std::uint32_t kHasMemoryIndex = 0x40;

}  // namespace

bool FunctionMeter::run(std::uint32_t type) {
    const std::size_t begin = out_.begin_sized();
    locals(metering_.module.types[type]);
    prologue(metering_.block_types[type]);
    copied_ = in_.at();
    frames_.push_back({});
    frames_.back().values = metering_.module.types[type].results.size();
    if (style_ == Style::plain) frames_.back().offset = 0;
    while (!frames_.empty()) {
        if (in_.empty()) in_.fail("function without an end");
        if (in_.failed()) return true;
        step();
        if (conflict_) return false;
    }
    if (!in_.failed() && !in_.empty()) in_.fail("operators after the end of a function");
    if (in_.failed()) return true;
    epilogue();
    if (out_.size() - begin > metering_.limits.function_bytes)
        in_.fail("function is too large", Refusal::Kind::too_large);
    out_.end_sized(begin);
    return true;
}

/// Joining paths takes a compiler a step for each local, and knowing which operands still live one for each 64 of them.
std::uint64_t FunctionMeter::work() const noexcept {
    constexpr std::uint64_t kFunction = 120;
    return kFunction + operators_ + values_ + counter_ + blocks_ * counter_ + blocks_ * operators_ / 64;
}

/// Copies the declared locals and adds one.
void FunctionMeter::locals(const Module::FunctionType& function) {
    const std::uint32_t groups = in_.count(std::numeric_limits<std::uint32_t>::max(), 2);  // some may be empty
    const std::uint8_t* const first = in_.at();
    std::uint64_t count = function.parameters.size();
    for (std::uint32_t i = 0; i < groups && !in_.failed(); ++i) {
        count += in_.u32();
        reference_types_ |= is_reference(in_.type());
        if (count > metering_.limits.locals) in_.fail("too many locals", Refusal::Kind::too_large);
    }
    if (in_.failed()) return;
    counter_ = static_cast<std::uint32_t>(count);
    const auto bytes = static_cast<std::size_t>(in_.at() - first);
    out_.reserve(bytes + kMaxInsertion);
    out_.u32(groups + 1);
    out_.copy(first, bytes);
    out_.u32(1);
    out_.put(static_cast<std::uint8_t>(ValueType::i64));
}

void FunctionMeter::prologue(std::int64_t block_type) {
    pending_ = metering_.costs.entry;
    out_.reserve(kMaxInsertion);
    out_.put(op::kBlock);
    out_.put(kEmptyBlockType);
    value();
    check(0);
    out_.put(op::kBlock);
    out_.s64(block_type);
}

void FunctionMeter::epilogue() {
    copy_up_to(in_.at());
    if (!dead_ && (pending_ != 0 || !in_global_)) {
        value();
        add(pending_);
        global(op::kGlobalSet);
    }
    out_.put(op::kReturn);
    out_.put(op::kEnd);
    out_.put(op::kI64Const);
    out_.put(0);
    global(op::kGlobalSet);
    out_.put(op::kUnreachable);
    out_.put(op::kEnd);
}

/// Reads one operator, and does what metering does there.
void FunctionMeter::step() {
    const std::uint8_t* const begin = in_.at();
    ++operators_;
    Operator current = kOperators[in_.byte()];
    if (current.form == Form::prefix_fc || current.form == Form::prefix_fd) current = prefixed(current.form);
    reference_types_ |= current.reference_types;
    if (!dead_) pending_ += costs_[static_cast<std::size_t>(current.cost)];
    switch (current.form) {
    case Form::plain:
        break;
    case Form::local:
        if (in_.u32() >= counter_) in_.fail("unknown local");
        break;
    case Form::global:
        if (in_.u32() >= metering_.counter) in_.fail("unknown global");
        break;
    case Form::index:
        in_.u32();
        break;
    case Form::two_indices:
        in_.u32();
        in_.u32();
        break;
    case Form::memory:
        address(current.width, begin);
        break;
    case Form::memory_lane:
        address(current.width, begin);
        in_.byte();
        break;
    case Form::i32:
        in_.s32();
        break;
    case Form::i64:
        in_.s64();
        break;
    case Form::bytes_1:
        in_.byte();
        break;
    case Form::bytes_4:
        in_.skip(4);
        break;
    case Form::bytes_8:
        in_.skip(8);
        break;
    case Form::bytes_16:
        in_.skip(16);
        break;
    case Form::select:
        if (in_.u32() != 1) in_.fail("select with other than one type");
        in_.type();
        break;
    case Form::null:
        if (!is_reference(in_.type())) in_.unsupported("unknown reference type");
        break;
    case Form::prefix_fc:
    case Form::prefix_fd:
    case Form::unknown:
        in_.unsupported("unknown operator");
        break;
    default:
        control(current.form, begin);
        break;
    }
}

/// The engine makes a loop with calls of its own of each operator on many bytes or elements (`memory.copy`, …): that is
/// as much work as this many operators.
constexpr std::uint64_t kBulkWork = 90;
constexpr std::uint32_t kFirstBulk = 8;  // those before are conversions

Operator FunctionMeter::prefixed(Form prefix) noexcept {
    const std::uint32_t code = in_.u32();
    if (prefix == Form::prefix_fc && code >= kFirstBulk) {
        values_ += kBulkWork;
        ++blocks_;  // the loop
    }
    if (prefix == Form::prefix_fc) return code < kBulkOperators.size() ? kBulkOperators[code] : Operator{};
    return code < kVectorOperators.size() ? kVectorOperators[code] : Operator{};
}

void FunctionMeter::control(Form form, const std::uint8_t* begin) {
    switch (form) {
    case Form::block:
        frames_.push_back({.values = block_type().results});
        if (style_ == Style::plain && !dead_) frames_.back().offset = 0;
        break;
    case Form::loop:
        enter_loop(begin);
        break;
    case Form::if_:
        enter_if(begin);
        break;
    case Form::else_:
        enter_else(begin);
        break;
    case Form::end:
        leave(begin);
        break;
    case Form::br:
        branch(begin);
        dead_ = true;
        break;
    case Form::br_if:
        branch(begin);
        break;
    case Form::br_table:
        branch_table(begin);
        break;
    case Form::return_:
    case Form::unreachable:
        publish(begin);
        dead_ = true;
        break;
    case Form::call: {
        const std::uint32_t function = in_.u32();
        if (function < metering_.module.function_count()) count_call(metering_.module.type_of(function));
        publish(begin);
        break;
    }
    case Form::call_indirect: {
        const std::uint32_t type = in_.u32();
        type_index(type);
        if (!in_.failed()) count_call(metering_.module.types[type]);
        ++blocks_;
        const std::uint8_t* const table = in_.at();
        // Before reference types, this was one byte that had to be 0.
        if (in_.u32() != 0 || in_.at() - table != 1) reference_types_ = true;
        publish(begin);
        break;
    }
    default:
        break;
    }
}

/// An address whose constant part alone lies beyond 4 GiB always traps. The network's engine saves the counter before
/// it.
void FunctionMeter::address(std::uint8_t width, const std::uint8_t* begin) {
    const std::uint32_t flags = in_.u32();
    if (flags >= 2 * kHasMemoryIndex) return in_.fail("alignment is too large");
    if ((flags & kHasMemoryIndex) != 0 && in_.u32() != 0) return in_.fail("unknown memory");
    if (in_.u64() > kAddressSpace - width) publish(begin);
}

FunctionMeter::BlockType FunctionMeter::block_type() {
    ++blocks_;
    if (!in_.empty() && (*in_.at() == kEmptyBlockType || value_type(*in_.at()))) {
        const auto type = value_type(in_.byte());
        reference_types_ |= type && is_reference(*type);
        return {.results = type ? 1U : 0U};
    }
    const std::int64_t index = in_.s33();
    if (index < 0) {
        in_.unsupported("unknown block type");
        return {};
    }
    type_index(static_cast<std::uint64_t>(index));
    if (in_.failed()) return {};
    const Module::FunctionType& type = metering_.module.types[static_cast<std::size_t>(index)];
    values_ += type.parameters.size() + type.results.size();
    return {type.parameters.size(), type.results.size()};
}

void FunctionMeter::count_call(const Module::FunctionType& callee) noexcept {
    values_ += callee.parameters.size() + callee.results.size();
}

void FunctionMeter::type_index(std::uint64_t index) noexcept {
    if (index >= metering_.module.types.size()) in_.fail("unknown type");
}

/// The block to which a label leads; nullptr when there is none.
FunctionMeter::Frame* FunctionMeter::label() noexcept {
    const std::uint32_t label = in_.u32();
    if (label < frames_.size()) return &frames_[frames_.size() - 1 - label];
    in_.fail("unknown label");
    return nullptr;
}

void FunctionMeter::enter_loop(const std::uint8_t* begin) {
    frames_.push_back({.kind = Frame::Kind::loop, .values = block_type().parameters});
    if (dead_) return;
    settle(chosen_offset(), begin);
    frames_.back().offset = pending_;
    copy_up_to(in_.at());
    value();
    check(frames_.size());  // $body is the label before
}

void FunctionMeter::enter_if(const std::uint8_t* begin) {
    frames_.push_back({.kind = Frame::Kind::if_, .values = block_type().results});
    if (dead_) return;
    settle(chosen_offset(), begin);
    frames_.back().offset = pending_;
}

void FunctionMeter::enter_else(const std::uint8_t* begin) {
    Frame& frame = frames_.back();
    if (frame.kind != Frame::Kind::if_) return in_.fail("else without if");
    frame.kind = Frame::Kind::block;
    arrive(frame, begin);
    dead_ = frame.offset == Frame::kNotReached;
    pending_ = frame.offset;
    in_global_ = false;
}

void FunctionMeter::leave(const std::uint8_t* begin) {
    Frame frame = frames_.back();
    frames_.pop_back();
    ++blocks_;
    values_ += frame.values;
    if (frame.kind == Frame::Kind::loop || frame.offset == Frame::kNotReached) return;
    arrive(frame, begin);
    dead_ = false;
    pending_ = frame.offset;
    in_global_ = false;
}

void FunctionMeter::branch(const std::uint8_t* begin) {
    Frame* const to = label();
    if (to == nullptr) return;
    ++blocks_;
    values_ += to->values;
    arrive(*to, begin);
}

void FunctionMeter::branch_table(const std::uint8_t* begin) {
    const std::uint32_t count = in_.count(metering_.limits.branch_targets, 1);
    Cursor again = in_;
    std::int64_t offset = Frame::kNotReached;
    for (std::uint32_t i = 0; i <= count; ++i) {  // the last one is the default
        const Frame* const to = label();
        if (to == nullptr) return;
        values_ += 1 + to->values;
        if (dead_ || to->offset == Frame::kNotReached) continue;
        conflict_ |= offset != Frame::kNotReached && offset != to->offset;
        offset = to->offset;
    }
    ++blocks_;
    if (dead_) return;
    settle(offset == Frame::kNotReached ? pending_ : offset, begin);
    for (std::uint32_t i = 0; i <= count; ++i) frames_[frames_.size() - 1 - again.u32()].offset = pending_;
    dead_ = true;
}

/// The way to a label, before the operator at `begin`.
void FunctionMeter::arrive(Frame& frame, const std::uint8_t* begin) {
    if (dead_) return;
    if (frame.offset == Frame::kNotReached) frame.offset = pending_;
    settle(frame.offset, begin);
}

/// Brings the value into the local so that `pending` is still to be added, before the operator at `begin`.
void FunctionMeter::settle(std::int64_t pending, const std::uint8_t* begin) {
    if (dead_ || (pending_ == pending && !in_global_)) return;
    copy_up_to(begin);
    value();
    add(pending_ - pending);
    local(op::kLocalSet);
    pending_ = pending;
    in_global_ = false;
}

/// Brings the global up to date, before the operator at `begin`. The local is then out of date.
void FunctionMeter::publish(const std::uint8_t* begin) {
    if (dead_ || (pending_ == 0 && in_global_)) return;
    copy_up_to(begin);
    value();
    add(pending_);
    global(op::kGlobalSet);
    pending_ = 0;
    in_global_ = true;
}

/// Copies the operators that were read and not copied, and makes space for what is inserted after them.
void FunctionMeter::copy_up_to(const std::uint8_t* end) {
    const auto count = static_cast<std::size_t>(end - copied_);
    out_.reserve(count + kMaxInsertion);
    out_.copy(copied_, count);
    copied_ = end;
}

/// Pushes the counter without what is pending.
void FunctionMeter::value() noexcept {
    if (in_global_) {
        global(op::kGlobalGet);
    } else {
        local(op::kLocalGet);
    }
}

/// Adds to the value on the stack.
void FunctionMeter::add(std::int64_t cost) noexcept {
    if (cost == 0) return;
    out_.put(op::kI64Const);
    out_.s64(cost);
    out_.put(op::kI64Add);
}

/// Leaves the function when the value on the stack and what is pending are not negative. `label`: of $out_of_gas here.
void FunctionMeter::check(std::size_t label) noexcept {
    out_.put(op::kI64Const);
    out_.s64(-pending_);
    out_.put(op::kI64NotLess);
    out_.put(op::kBranchIf);
    out_.u32(static_cast<std::uint32_t>(label));
}

void FunctionMeter::local(std::uint8_t code) noexcept {
    out_.put(code);
    out_.u32(counter_);
}

void FunctionMeter::global(std::uint8_t code) noexcept {
    out_.put(code);
    out_.u32(metering_.counter);
}

}  // namespace rues::wasm
