// The values of a function: constants, locals, operators and their operands. What uses them is in
// wasm_function_generator.cpp.
#include "support/wasm_function_generator.hpp"

namespace rues::wasm::test {

void FunctionGenerator::values(std::string_view types) {
    for (const char type : types) value(type);
}

/// Takes values off the stack.
void FunctionGenerator::take(std::string_view types) {
    for (std::size_t i = types.size(); i > 0; --i) {
        if (random_.percent(50)) {
            put(op::local_set(local_of(types[i - 1])));
        } else {
            put({op::drop});
        }
    }
}

void FunctionGenerator::value(char type) {
    if (budget_ == 0 || depth_ > kMaxDepth || random_.percent(25)) return leaf(type);
    --budget_;
    ++depth_;
    const std::vector<Signature>& fitting = signatures_.with_result(type);
    if (fitting.empty() || random_.percent(25)) {
        special(type);
    } else {
        operation(fitting[random_.below(static_cast<std::uint32_t>(fitting.size()))]);
    }
    --depth_;
}

void FunctionGenerator::leaf(char type) {
    if (random_.percent(50)) return put(op::local_get(local_of(type)));
    if (const std::size_t global = plan_.globals.find(type); random_.percent(30))
        return put(op::global_get(static_cast<std::uint32_t>(global) + 1));
    switch (type) {
    case 'i':
        return put(op::i32_const(static_cast<std::int32_t>(random_.next() >> random_.below(64))));
    case 'l':
        return put(op::i64_const(static_cast<std::int64_t>(random_.next() >> random_.below(64))));
    case 'f':
        return put(0x43, 0, 0, random_.below(256), 0x40);
    case 'd':
        return put(0x44, 0, 0, 0, 0, 0, 0, random_.below(256), 0x40);
    case 'v':
        return put(op::vector(0x0c), repeated({static_cast<std::uint8_t>(random_.below(256))}, 16));
    default:
        break;
    }
    if (type == 'r' && random_.percent(50))
        return put(0xd2, leb(plan_.table[random_.below(static_cast<std::uint32_t>(plan_.table.size()))]));
    put(0xd0, value_type_of(type));
}

void FunctionGenerator::operation(const Signature& signature) {
    for (std::size_t i = 0; i < signature.parameters.size(); ++i) operand(signature, i);
    Code out = signature.code;
    if (signature.width != 0) {
        std::uint32_t align = 0;
        while (signature.width >> (align + 1) != 0 && random_.percent(70)) ++align;
        const std::uint32_t offset = random_.below(300);
        if (!plan_.options.simple && random_.percent(5)) {
            out = code(out, leb(align | 0x40), 0, padded_leb(offset, 5));  // the memory named, and leading zeros
        } else {
            out = code(out, leb(align), leb(offset));
        }
    }
    if (signature.lanes != 0) out = code(out, random_.below(signature.lanes));
    for (std::uint8_t i = 0; i < signature.literal; ++i) out = code(out, random_.below(32));
    put(out);
}

void FunctionGenerator::operand(const Signature& signature, std::size_t index) {
    const char type = signature.parameters[index];
    switch (signature.guard) {
    case Signature::Guard::divisor:
        value(type);
        put(type == 'i' ? op::i32_const(1) : op::i64_const(1));
        if (index == 0) {
            put({static_cast<std::uint8_t>(type == 'i' ? 0x76 : 0x88)});  // shr_u
        } else {
            put({static_cast<std::uint8_t>(type == 'i' ? 0x72 : 0x84)});  // or
        }
        return;
    case Signature::Guard::small_float:
        value('i');
        put(op::i32_const(0x7fff));
        put({0x71});
        put({static_cast<std::uint8_t>(type == 'f' ? 0xb3 : 0xb8)});  // convert_i32_u
        return;
    default:
        break;
    }
    if (type == 'p') return address();
    value(type);
}

/// Operators that have no signature of their own.
void FunctionGenerator::special(char type) {
    const bool simple = plan_.options.simple;
    const bool is_reference = type == 'r' || type == 'x';
    switch (random_.below(8)) {
    case 0:
        value(type);
        return put(op::local_tee(local_of(type)));
    case 1:
        values(std::string{type, type, 'i'});
        if (is_reference || (!simple && random_.percent(50))) return put(0x1c, 1, value_type_of(type));
        return put({op::select});
    case 2: {
        if (labels_.size() > kMaxDepth) break;
        const bool has_else = random_.percent(50);
        if (has_else) value('i');
        open(has_else ? op::if_(value_type_of(type)) : op::block(value_type_of(type)), {&type, 1});
        statements(random_.below(2));
        if (!dead_) value(type);
        if (has_else) {
            put({op::else_});
            dead_ = false;
            value(type);
        }
        return close();
    }
    case 3:
        if (simple) break;
        if (is_reference) {
            put(op::i32_const(static_cast<std::int32_t>(random_.below(3))));
            return put(0x25, leb(type == 'r' ? kFunctionTable : kExternTable));
        }
        if (type == (plan_.options.memory64 ? 'l' : 'i')) return put(0x3f, 0);
        break;
    case 4:
        if (!plan_.options.bulk || simple || type != (plan_.options.memory64 ? 'l' : 'i')) break;
        constant_address(static_cast<std::int32_t>(random_.below(2)));
        return put(0x40, 0);
    case 5:
        if (simple || type != 'i') break;
        value(random_.percent(50) ? 'r' : 'x');
        return put({0xd1});
    case 6:
        if (simple || type != 'i') break;
        return put(op::bulk(16), leb(random_.below(3)));
    case 7: {
        if (!plan_.options.bulk || simple || type != 'i') break;
        const bool functions = random_.percent(50);
        value(functions ? 'r' : 'x');
        put(op::i32_const(static_cast<std::int32_t>(random_.below(2))));
        return put(op::bulk(15), leb(functions ? kFunctionTable : kExternTable));
    }
    default:
        break;
    }
    leaf(type);
}

/// An address below 32 KiB, which every access in this module can reach.
void FunctionGenerator::address(std::uint32_t limit) {
    value('i');
    put(op::i32_const(static_cast<std::int32_t>(limit)));
    put({0x71});
    if (plan_.options.memory64) put({0xad});
}

void FunctionGenerator::constant_address(std::int32_t value) {
    put(plan_.options.memory64 ? op::i64_const(value) : op::i32_const(value));
}

}  // namespace rues::wasm::test
