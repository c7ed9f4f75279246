#include "unit/wasm/interpreter.hpp"

#include <stdexcept>

namespace rues::wasm::test {
namespace {

constexpr int kMaxDepth = 100;
constexpr std::uint32_t kNull = 0xffff'ffff;

/// Bytes that an operator accesses.
std::size_t width(std::uint8_t code) {
    switch (code) {
    case 0x28:
    case 0x36:
        return 4;
    case 0x29:
    case 0x37:
        return 8;
    case 0x3a:
        return 1;
    default:
        throw std::invalid_argument("operator that the interpreter does not know");
    }
}

std::int32_t as_i32(std::uint64_t value) {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
}

}  // namespace

struct Interpreter::Frame {
    Function& function;
    std::vector<std::uint64_t> locals;
    std::vector<Label> labels;
    std::size_t at = 0;
    std::size_t base = 0;      ///< height of the stack below the function
    std::int64_t counter = 0;  ///< the copy that the function keeps
    std::int64_t pending = 0;

    std::uint8_t byte() { return function.code.at(at++); }
    std::uint64_t leb() {
        Decoder decoder(function.code, at);
        const std::uint64_t out = decoder.leb();
        at = decoder.at();
        return out;
    }
    std::int64_t sleb() {
        Decoder decoder(function.code, at);
        const std::int64_t out = decoder.signed_leb();
        at = decoder.at();
        return out;
    }
};

Interpreter::Interpreter(base::ByteView module, Counting counting, const CostTable& costs)
    : counting_(counting), costs_(costs) {
    read(decode(module));
}

void Interpreter::read(const Decoded& module) {
    const auto items = [&](std::uint8_t id, const auto& read_item) {
        const auto section = module.sections.find(id);
        if (section == module.sections.end()) return;
        Decoder decoder(section->second);
        for (std::uint64_t left = decoder.leb(); left > 0; --left) read_item(decoder);
    };
    const auto constant = [](Decoder& decoder) {
        decoder.byte();
        const std::int64_t out = decoder.signed_leb();
        decoder.byte();
        return static_cast<std::uint64_t>(out);
    };
    items(1, [&](Decoder& d) {
        d.byte();
        Code parameters = d.sized();
        types_.push_back({std::move(parameters), d.sized()});
    });
    items(2, [&](Decoder& d) {
        d.sized();
        d.sized();
        d.byte();
        imports_.push_back(static_cast<std::uint32_t>(d.leb()));
    });
    items(3, [&](Decoder& d) { functions_.emplace_back().type = static_cast<std::uint32_t>(d.leb()); });
    items(4, [&](Decoder& d) {
        d.byte();
        const bool bounded = d.byte() == 1;
        table_.assign(d.leb(), kNull);
        if (bounded) d.leb();
    });
    items(5, [&](Decoder& d) {
        const bool bounded = d.byte() == 1;
        memory_.assign(d.leb() * 65'536, 0);
        if (bounded) d.leb();
    });
    items(6, [&](Decoder& d) {
        const bool is_i32 = d.byte() == kI32;
        d.byte();
        const std::uint64_t value = constant(d);
        globals_.push_back(is_i32 ? static_cast<std::uint32_t>(value) : value);
    });
    counter_global_ = globals_.size();
    items(7, [&](Decoder& d) {
        const Code name = d.sized();
        const std::uint8_t kind = d.byte();
        const auto index = static_cast<std::uint32_t>(d.leb());
        const std::string text(name.begin(), name.end());
        if (kind == 0) exports_[text] = index;
        if (kind == 3 && text == "__gas") counter_global_ = index;
    });
    items(9, [&](Decoder& d) {
        d.byte();
        std::uint64_t at = constant(d);
        for (std::uint64_t left = d.leb(); left > 0; --left) table_.at(at++) = static_cast<std::uint32_t>(d.leb());
    });
    for (std::size_t i = 0; i < functions_.size(); ++i) {
        Decoder d(module.bodies.at(i));
        for (std::uint64_t groups = d.leb(); groups > 0; --groups) {
            functions_[i].locals += d.leb();
            d.byte();
        }
        functions_[i].code = d.bytes(d.left());
        find_blocks(functions_[i]);
    }
}

void Interpreter::find_blocks(Function& function) {
    std::vector<std::size_t> open;
    Frame frame{function, {}, {}};
    while (frame.at < function.code.size()) {
        const std::uint8_t code = frame.byte();
        switch (code) {
        case 0x02:
        case 0x03:
        case 0x04:
            frame.sleb();
            open.push_back(frame.at);
            break;
        case op::else_:
            function.blocks[open.back()].else_ = frame.at;
            break;
        case op::end:
            if (open.empty()) return;
            function.blocks[open.back()].end = frame.at;
            open.pop_back();
            break;
        case 0x0e:
            for (std::uint64_t left = frame.leb() + 1; left > 0; --left) frame.leb();
            break;
        case 0x11:
        case 0x28:
        case 0x29:
        case 0x36:
        case 0x37:
        case 0x3a:
            frame.leb();
            frame.leb();
            break;
        case 0x0c:
        case 0x0d:
        case 0x10:
        case 0x20:
        case 0x21:
        case 0x22:
        case 0x23:
        case 0x24:
            frame.leb();
            break;
        case 0x41:
        case 0x42:
            frame.sleb();
            break;
        default:
            break;
        }
    }
}

Interpreter::Outcome Interpreter::call(const std::string& name, std::uint32_t argument, std::int64_t counter) {
    stack_.clear();
    depth_ = 0;
    set_counter(counter);
    push(argument);
    try {
        invoke(exports_.at(name));
    } catch (const Trap&) {
        return {End::trap, 0};
    }
    return {End::value, pop()};
}

void Interpreter::invoke(std::uint32_t index) {
    if (index < imports_.size()) {
        seen_.push_back(counter());
        set_counter(counter() + kHostPrice);
        return;
    }
    if (++depth_ > kMaxDepth) throw Trap{};
    Function& function = functions_.at(index - imports_.size());
    const Type& type = types_.at(function.type);
    Frame frame{function, {}, {}};
    frame.base = stack_.size() - type.parameters.size();
    frame.locals.assign(stack_.begin() + static_cast<std::ptrdiff_t>(frame.base), stack_.end());
    frame.locals.resize(frame.locals.size() + function.locals);
    stack_.resize(frame.base);
    frame.labels.push_back({type.results.size(), frame.base, function.code.size(), false});
    if (counting_ == Counting::by_rule) {
        frame.counter = counter_;
        frame.pending = costs_.entry;
        add_pending(frame);
        check(frame);
    }
    execute(frame);
    --depth_;
}

void Interpreter::execute(Frame& frame) {
    while (!frame.labels.empty()) {
        const std::uint8_t code = frame.byte();
        if (counting_ == Counting::by_rule) before(frame, code);
        step(frame, code);
    }
}

/// What the network's engine does before it compiles an operator.
void Interpreter::before(Frame& frame, std::uint8_t code) {
    switch (code) {
    case op::nop:
    case op::drop:
    case 0x02:
        return;
    case 0x03:
    case op::else_:
    case op::end:
        return add_pending(frame);
    case op::return_:
    case op::unreachable:
        break;
    case 0x36:
    case 0x3a:
        frame.pending += costs_.store_32;
        return;
    case 0x37:
        frame.pending += costs_.store_64;
        return;
    default:
        frame.pending += costs_.plain;
        break;
    }
    switch (code) {
    case 0x04:
    case 0x0c:
    case 0x0d:
    case 0x0e:
        return add_pending(frame);
    case 0x10:
    case 0x11:
    case op::return_:
    case op::unreachable:
        add_pending(frame);
        return save(frame);
    default:
        return;
    }
}

void Interpreter::add_pending(Frame& frame) {
    frame.counter += frame.pending;
    frame.pending = 0;
}

void Interpreter::save(Frame& frame) {
    counter_ = frame.counter;
}

void Interpreter::check(Frame& frame) {
    if (frame.counter < 0) return;
    save(frame);
    throw Trap{};
}

Interpreter::Type Interpreter::block_type(Frame& frame) {
    const std::int64_t type = frame.sleb();
    if (type >= 0) return types_.at(static_cast<std::size_t>(type));
    if (type == -0x40) return {};
    return {{}, {static_cast<std::uint8_t>(type + 0x80)}};
}

void Interpreter::leave_function(Frame& frame) {
    const std::size_t results = frame.labels.front().arity;
    stack_.erase(stack_.begin() + static_cast<std::ptrdiff_t>(frame.base),
                 stack_.end() - static_cast<std::ptrdiff_t>(results));
    frame.labels.clear();
    if (counting_ == Counting::by_rule) {
        add_pending(frame);
        save(frame);
    }
}

void Interpreter::branch(Frame& frame, std::uint64_t label) {
    frame.labels.resize(frame.labels.size() - label);
    const Label target = frame.labels.back();
    if (frame.labels.size() == 1) return leave_function(frame);
    stack_.erase(stack_.begin() + static_cast<std::ptrdiff_t>(target.height),
                 stack_.end() - static_cast<std::ptrdiff_t>(target.arity));
    frame.at = target.to;
    if (!target.is_loop) {
        frame.labels.pop_back();
    } else if (counting_ == Counting::by_rule) {
        check(frame);
    }
}

void Interpreter::step(Frame& frame, std::uint8_t code) {
    switch (code) {
    case op::unreachable:
        throw Trap{};
    case op::nop:
        break;
    case 0x02:
    case 0x03:
    case 0x04: {
        const Type type = block_type(frame);
        const std::size_t begin = frame.at;
        const Block block = frame.function.blocks.at(begin);
        const bool is_loop = code == 0x03;
        const bool taken = code != 0x04 || pop() != 0;
        if (!taken) frame.at = block.else_ != 0 ? block.else_ : block.end;
        if (!taken && block.else_ == 0) break;
        frame.labels.push_back({is_loop ? type.parameters.size() : type.results.size(),
                                stack_.size() - type.parameters.size(), is_loop ? begin : block.end, is_loop});
        if (is_loop && counting_ == Counting::by_rule) check(frame);
        break;
    }
    case op::else_:
        frame.at = frame.labels.back().to;
        frame.labels.pop_back();
        break;
    case op::end:
        if (frame.labels.size() == 1) return leave_function(frame);
        frame.labels.pop_back();
        break;
    case 0x0c:
        branch(frame, frame.leb());
        break;
    case 0x0d: {
        const std::uint64_t label = frame.leb();
        if (pop() != 0) branch(frame, label);
        break;
    }
    case 0x0e: {
        std::vector<std::uint64_t> labels(frame.leb() + 1);
        for (auto& label : labels) label = frame.leb();
        branch(frame, labels[std::min<std::uint64_t>(pop(), labels.size() - 1)]);
        break;
    }
    case op::return_:
        leave_function(frame);
        break;
    case 0x10:
        invoke(static_cast<std::uint32_t>(frame.leb()));
        if (counting_ == Counting::by_rule) frame.counter = counter_;
        break;
    case 0x11: {
        const Type type = types_.at(frame.leb());
        frame.leb();
        const std::uint64_t at = pop();
        if (at >= table_.size() || table_[at] == kNull) throw Trap{};
        const std::uint32_t function = table_[at];
        const Type& actual =
            types_.at(function < imports_.size() ? imports_[function] : functions_[function - imports_.size()].type);
        if (actual.parameters != type.parameters || actual.results != type.results) throw Trap{};
        invoke(function);
        if (counting_ == Counting::by_rule) frame.counter = counter_;
        break;
    }
    case op::drop:
        pop();
        break;
    case op::select: {
        const bool first = pop() != 0;
        const std::uint64_t b = pop();
        if (!first) {
            pop();
            push(b);
        }
        break;
    }
    case 0x20:
        push(frame.locals.at(frame.leb()));
        break;
    case 0x21:
        frame.locals.at(frame.leb()) = pop();
        break;
    case 0x22:
        frame.locals.at(frame.leb()) = stack_.back();
        break;
    case 0x23:
        push(globals_.at(frame.leb()));
        break;
    case 0x24:
        globals_.at(frame.leb()) = pop();
        break;
    case 0x28:
    case 0x29:
    case 0x36:
    case 0x37:
    case 0x3a:
        access(frame, code);
        break;
    case 0x41:
        push32(static_cast<std::uint64_t>(frame.sleb()));
        break;
    case 0x42:
        push(static_cast<std::uint64_t>(frame.sleb()));
        break;
    default:
        numeric(code);
        break;
    }
}

void Interpreter::access(Frame& frame, std::uint8_t code) {
    frame.leb();
    const std::uint64_t offset = frame.leb();
    const std::size_t bytes = width(code);
    if (counting_ == Counting::by_rule && offset + bytes > (1ULL << 32)) {
        add_pending(frame);
        save(frame);
    }
    const bool is_store = code >= 0x36;
    const std::uint64_t value = is_store ? pop() : 0;
    const std::uint64_t at = pop() + offset;
    if (at + bytes > memory_.size()) throw Trap{};
    std::uint64_t loaded = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
        if (is_store) memory_[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
        loaded |= std::uint64_t{memory_[at + i]} << (8 * i);
    }
    if (!is_store) push(loaded);
}

void Interpreter::numeric(std::uint8_t code) {
    const std::uint64_t b = pop();
    if (code == op::i32_eqz) return push(b == 0 ? 1 : 0);
    if (code == 0xa7) return push32(b);                                                  // i32.wrap_i64
    if (code == 0xac) return push(static_cast<std::uint64_t>(std::int64_t{as_i32(b)}));  // i64.extend_i32_s
    const std::uint64_t a = pop();
    switch (code) {
    case 0x46:
        return push(a == b ? 1 : 0);
    case 0x48:
        return push(as_i32(a) < as_i32(b) ? 1 : 0);
    case op::i64_ge_s:
        return push(static_cast<std::int64_t>(a) >= static_cast<std::int64_t>(b) ? 1 : 0);
    case op::i32_add:
        return push32(a + b);
    case 0x6b:
        return push32(a - b);
    case 0x6e:  // i32.div_u
        if (b == 0) throw Trap{};
        return push32(a / b);
    case 0x71:
        return push32(a & b);
    case op::i64_add:
        return push(a + b);
    default:
        throw std::invalid_argument("operator that the interpreter does not know");
    }
}

std::uint64_t Interpreter::pop() {
    const std::uint64_t out = stack_.back();
    stack_.pop_back();
    return out;
}

void Interpreter::set_counter(std::int64_t value) {
    if (counting_ == Counting::by_rule) {
        counter_ = value;
    } else {
        globals_.at(counter_global_) = static_cast<std::uint64_t>(value);
    }
}

}  // namespace rues::wasm::test
