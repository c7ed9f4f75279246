#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "support/test_contract.hpp"

/// Data drivers for tests, written by hand. Facts: docs/reference/machine.md 4.
namespace rues::vm::test {

/// A data driver whose functions can be replaced one by one. Its memory has texts in the first page; from the second
/// page on `alloc` gives one piece after the other, and `dealloc` takes nothing back.
///
/// What `encode_input_fn` and the decoders do follows from the first letter of the name that they are asked for:
///
/// | letter | does |
/// |---|---|
/// | e | answers with the data |
/// | c | answers with the number of calls that this instance had, as a digit |
/// | f | returns 2, as for an error of the driver |
/// | g | grows the memory by as many pages as the first word of the data says, then answers with nothing; traps when it
/// cannot | | h | says that the answer has 2 GiB | | b | says that the answer has one byte more than fits | | l | loops
/// for ever | | o | reads behind the memory | | r | calls itself without end | | t | traps |
class TestDriver {
public:
    static constexpr std::string_view kError = R"(Unsupported("fn_name é"))";
    static constexpr std::string_view kVersion = "0.2.7";
    static constexpr std::string_view kSchema = R"({"name": "Test", "events": [], "functions": [1.50, 1e2]})";

    TestDriver() {
        using wasm::test::kI32;
        codec_ = assembler.type({kI32, kI32, kI32, kI32, kI32, kI32}, {kI32});
        getter_ = assembler.type({kI32, kI32}, {kI32});
        allocator_ = assembler.type({kI32}, {kI32});
        taker_ = assembler.type({kI32, kI32}, {});
        nothing_ = assembler.type({}, {});
        heap_ = assembler.global(kI32, true, op::i32_const(65'536));
        calls_ = assembler.global(kI32, true, op::i32_const('0'));

        set("init", Code{});
        set("dealloc", Code{});
        set("alloc", allocation());
        set("get_schema", text(kSchema, 0));
        set("get_version", text(kVersion, 0));
        set("get_last_error", text(kError, 0));
        for (const auto* name : {"encode_input_fn", "decode_input_fn", "decode_output_fn", "decode_event"})
            set(name, by_letter());
    }

    /// The body of an exported function, without its `end`. nullopt: it is not exported.
    TestDriver& set(std::string_view name, std::optional<Code> body) {
        bodies_[std::string(name)] = std::move(body);
        return *this;
    }
    /// Exports a function of another type under this name: it takes `parameters` and gives nothing.
    TestDriver& set_mistyped(std::string_view name, const Code& parameters = {wasm::test::kI64}) {
        set(name, std::nullopt);
        const auto type = assembler.type(parameters, {});
        assembler.export_function(name, assembler.function(type, code(op::end)));
        return *this;
    }
    TestDriver& memory(std::uint64_t pages, std::string_view name = "memory") {
        pages_ = pages;
        memory_name_ = name;
        return *this;
    }
    /// Leaves code 0 after it wrote a text to the address in local `output`, as an answer.
    Code text(std::string_view answer, std::uint32_t output) {
        const std::int32_t at = next_text_;
        assembler.active_data(op::i32_const(at), answer);
        next_text_ += static_cast<std::int32_t>(answer.size());
        return written(op::i32_const(at), op::i32_const(static_cast<std::int32_t>(answer.size())), output);
    }
    /// The same for the bytes whose address and length two pieces of code leave.
    static Code written(const Code& from, const Code& length, std::uint32_t output) {
        return code(op::local_get(output), length, op32::store(), op::local_get(output), op::i32_const(4), op::i32_add,
                    from, length, op32::memory_copy, op::i32_const(0));
    }

    Bytes build() {
        assembler.memory({pages_});
        if (!memory_name_.empty()) assembler.export_memory(memory_name_);
        for (const auto& [name, body] : bodies_)
            if (body) assembler.export_function(name, assembler.function(type_of(name), code(*body, op::end), {}));
        return assembler.build();
    }

    wasm::test::Assembler assembler;

private:
    std::uint32_t type_of(std::string_view name) const {
        if (name == "init") return nothing_;
        if (name == "alloc") return allocator_;
        if (name == "dealloc") return taker_;
        return name.starts_with("get_") ? getter_ : codec_;
    }
    /// Makes room in the memory: traps when it cannot grow.
    Code allocation() const {
        const Code end = code(op::global_get(heap_), op::local_get(0), op::i32_add);
        const Code shift16 = code(op::i32_const(16), 0x76);  // i32.shr_u
        return code(op::block(), end, op32::memory_size, op::i32_const(65'536), op32::mul, op32::less, op::br_if(0),
                    op::local_get(0), shift16, op::i32_const(1), op::i32_add, op32::memory_grow, op::i32_const(-1),
                    kEqual, op::if_(), op::i32_const(0), op::return_, op::end, op::end,
                    // the next piece begins at a multiple of 8
                    op::global_get(heap_), end, op::i32_const(7), op::i32_add, op::i32_const(-8), 0x71 /* i32.and */,
                    op::global_set(heap_));
    }
    Code by_letter() {
        const auto when = [](char letter, const Code& body) {
            return code(op::local_get(0), op32::load8(), op::i32_const(letter), kEqual, op::if_(), body, op::end);
        };
        const Code count = code(op::i32_const(512), op::global_get(calls_), op32::store(), op::global_get(calls_),
                                op::i32_const(1), op::i32_add, op::global_set(calls_));
        const Code arguments = code(op::local_get(0), op::local_get(1), op::local_get(2), op::local_get(3),
                                    op::local_get(4), op::local_get(5));
        const auto claim = [](std::int32_t bytes) {
            return code(op::local_get(4), op::i32_const(bytes), op32::store(), op::i32_const(0), op::return_);
        };
        // The function is alone in the module so far, so its index is known.
        const std::uint32_t recursion =
            assembler.function(codec_, code(arguments, op::call(0), op::i32_const(1), op::i32_add, op::end));
        return code(when('e', code(written(op::local_get(2), op::local_get(3), 4), op::return_)),
                    when('c', code(count, written(op::i32_const(512), op::i32_const(1), 4), op::return_)),
                    when('f', code(op::i32_const(2), op::return_)),
                    when('g', code(op::local_get(2), op32::load(), op32::memory_grow, op::i32_const(-1), kEqual,
                                   op::if_(), op::unreachable, op::end, claim(0))),
                    when('h', claim(0x7fffffff)), when('b', claim(65'533)),
                    when('l', code(op::loop(), op::br(0), op::end)),
                    when('o', code(op::i32_const(-16), op32::load(), op::return_)),
                    when('r', code(arguments, op::call(recursion), op::return_)), op::unreachable);
    }

    static constexpr std::uint8_t kEqual = 0x46;
    std::uint32_t codec_ = 0, getter_ = 0, allocator_ = 0, taker_ = 0, nothing_ = 0, heap_ = 0, calls_ = 0;
    std::map<std::string, std::optional<Code>, std::less<>> bodies_;
    std::uint64_t pages_ = 2;
    std::string memory_name_ = "memory";
    std::int32_t next_text_ = 1'024;
};

}  // namespace rues::vm::test
