#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/endian.hpp"
#include "ledger/transaction.hpp"
#include "support/wasm_assembler.hpp"

/// Contracts for tests, written by hand. Facts: docs/reference/machine.md 1.
namespace rues::vm::test {

using base::Bytes;
using base::ByteView;
using ledger::ContractId;
using wasm::test::Assembler;
using wasm::test::code;
using wasm::test::Code;
namespace op = wasm::test::op;

/// Operators that wasm_assembler.hpp has no name for.
namespace op32 {
inline Code load(std::uint32_t offset = 0) {
    return op::access({0x28}, offset);
}
inline Code load8(std::uint32_t offset = 0) {
    return op::access({0x2d}, offset);
}
inline Code load64(std::uint32_t offset = 0) {
    return op::access({0x29}, offset);
}
inline Code store(std::uint32_t offset = 0) {
    return op::access({0x36}, offset);
}
inline Code store64(std::uint32_t offset = 0) {
    return op::access({0x37}, offset);
}
inline const Code memory_size = {0x3f, 0x00}, memory_grow = {0x40, 0x00}, memory_copy = {0xfc, 0x0a, 0x00, 0x00},
                  memory_fill = {0xfc, 0x0b, 0x00}, sub = {0x6b}, less = {0x48}, mul = {0x6c}, wrap = {0xa7};
}  // namespace op32

/// A contract with a 32-bit memory: one page for data, then the argument buffer, then scratch pages. It imports every
/// function of the host, and `hdebug` if it is to log.
class TestContract {
public:
    static constexpr std::int32_t kArgument = 65'536;  ///< address of the argument buffer
    static constexpr std::int32_t kScratch = 131'072;

    explicit TestContract(std::uint64_t pages = 4, bool logs = false) {
        using wasm::test::kI32;
        using wasm::test::kI64;
        const auto import = [this](std::string_view name, const Code& parameters, const Code& results) {
            imports_.emplace_back(name, assembler.import_function(name, assembler.type(parameters, results)));
        };
        import("hq", {kI32, kI32, kI32}, {kI32});
        import("hd", {kI32, kI32}, {kI32});
        import("c", {kI32, kI32, kI32, kI32, kI64}, {kI32});
        import("emit", {kI32, kI32, kI32}, {});
        import("feed", {kI32}, {});
        import("caller", {}, {kI32});
        import("callstack", {}, {kI32});
        import("limit", {}, {kI64});
        import("spent", {}, {kI64});
        import("panic", {kI32}, {});
        import("owner", {kI32}, {kI32});
        import("self_id", {}, {});
        if (logs) import("hdebug", {kI32}, {});
        type_ = assembler.type({kI32}, {kI32});
        assembler.memory({pages});
        assembler.export_memory("memory");
        assembler.export_global("A", assembler.global(kI32, false, op::i32_const(kArgument)));
    }

    Code import(std::string_view name) const {
        for (const auto& [known, index] : imports_)
            if (known == name) return op::call(index);
        throw std::runtime_error("no import " + std::string(name));
    }
    /// `body` takes the argument's length from local 0 and leaves the result's length. Returns the function's index.
    std::uint32_t function(std::string_view name, const Code& body, const std::vector<Code>& locals = {}) {
        const std::uint32_t index =
            static_cast<std::uint32_t>(imports_.size()) + assembler.function(type_, code(body, op::end), locals);
        assembler.export_function(name, index);
        return index;
    }
    /// Address of bytes in the data page.
    std::int32_t data(std::string_view bytes) {
        const std::int32_t at = next_data_;
        assembler.active_data(op::i32_const(at), bytes);
        next_data_ += static_cast<std::int32_t>(bytes.size());
        return at;
    }
    Bytes build() const { return assembler.build(); }

    Assembler assembler;

private:
    std::vector<std::pair<std::string, std::uint32_t>> imports_;
    std::uint32_t type_ = 0;
    std::int32_t next_data_ = 1'024;
};

/// A contract that does what its argument says:
///
/// | function | argument | does and returns |
/// |---|---|---|
/// | echo | bytes | the bytes |
/// | call | see `call_argument` | calls a contract; i32 code, then up to 512 bytes of the buffer |
/// | put | u32 address, u32 value | stores the value |
/// | put_and_trap | the same | stores the value and traps |
/// | get | u32 address | the value there |
/// | grow | u32 pages | grows the memory; the old size in pages |
/// | size | | size of the memory in pages |
/// | emit | u32 count | emits `count` events of topic "topic" whose data is the argument |
/// | feed | u32 count | feeds the argument `count` times |
/// | panic | bytes | panics with the bytes |
/// | hd | name | the host data |
/// | hq | u32 length of name, name, argument | asks the host |
/// | owner | id or nothing | owner of the contract, or its own |
/// | self_id, caller, callstack | | what the import puts into the buffer; for the last two 4 bytes of its result first
/// | | limit, spent | | u64 | | spin | | loops for ever | | recurse | | calls itself without end, in the contract | |
/// trap | | unreachable | | long | u32 length | returns that length |
inline TestContract proxy() {
    TestContract contract;
    constexpr auto A = TestContract::kArgument;
    constexpr auto S = TestContract::kScratch;
    using wasm::test::kI32;
    const Code one_local = code(1, kI32);
    const auto constant = [](std::int32_t value) { return op::i32_const(value); };
    /// The word of the argument at `at`.
    const auto word = [&](std::uint32_t at) { return code(constant(A), op32::load(at)); };
    /// Stores what `value` leaves as the answer of four bytes.
    const auto answer = [&](const Code& value) { return code(constant(A), value, op32::store(), constant(4)); };

    contract.function("echo", op::local_get(0));
    contract.function(
        "call",
        code(constant(S), constant(A), op::local_get(0), op32::memory_copy,  // the argument moves to the scratch page
                                                                             // the inner argument moves to the buffer
             constant(A), constant(S + 44), constant(S), op32::load(40), op::i32_add, op::local_get(0), constant(44),
             op32::sub, constant(S), op32::load(40), op32::sub, op32::memory_copy,
             // c(id, name, name length, argument length, limit)
             constant(S), constant(S + 44), constant(S), op32::load(40), op::local_get(0), constant(44), op32::sub,
             constant(S), op32::load(40), op32::sub, constant(S), op32::load64(32), contract.import("c"),
             op::local_set(1),
             // the code moves in front of the buffer
             constant(A + 4), constant(A), constant(512), op32::memory_copy, constant(A), op::local_get(1),
             op32::store(), op::local_get(1), constant(0), op32::less, op::if_(kI32), constant(516), op::else_,
             op::local_get(1), constant(4), op::i32_add, op::end),
        {one_local});
    contract.function("put", code(word(0), word(4), op32::store(), constant(0)));
    contract.function("put_and_trap", code(word(0), word(4), op32::store(), op::unreachable));
    contract.function("get", answer(code(word(0), op32::load())));
    contract.function("grow", answer(code(word(0), op32::memory_grow)));
    contract.function("size", answer(op32::memory_size));
    const std::int32_t topic = contract.data("topic");
    const auto repeat = [&](const Code& body) {
        return code(word(0), op::local_set(1), op::loop(), body, op::local_get(1), constant(1), op32::sub,
                    op::local_tee(1), op::br_if(0), op::end, constant(0));
    };
    contract.function("emit", repeat(code(constant(topic), constant(5), op::local_get(0), contract.import("emit"))),
                      {one_local});
    contract.function("feed", repeat(code(op::local_get(0), contract.import("feed"))), {one_local});
    contract.function("panic", code(op::local_get(0), contract.import("panic"), constant(0)));
    contract.function("hd", code(constant(S), constant(A), op::local_get(0), op32::memory_copy, constant(S),
                                 op::local_get(0), contract.import("hd")));
    contract.function("hq", code(constant(S), constant(A), op::local_get(0), op32::memory_copy, constant(A),
                                 constant(S + 4), constant(S), op32::load(), op::i32_add, op::local_get(0), constant(4),
                                 op32::sub, constant(S), op32::load(), op32::sub, op32::memory_copy, constant(S + 4),
                                 constant(S), op32::load(), op::local_get(0), constant(4), op32::sub, constant(S),
                                 op32::load(), op32::sub, contract.import("hq")));
    contract.function(
        "owner", code(constant(S), constant(A), op::local_get(0), op32::memory_copy, op::local_get(0), op::if_(kI32),
                      constant(S), op::else_, constant(0), op::end, contract.import("owner")));
    contract.function("self_id", code(contract.import("self_id"), constant(32)));
    const auto listed = [&](std::string_view name, std::int32_t bytes_each) {
        return code(contract.import(name), op::local_set(1), constant(A + 4), constant(A), constant(4'096),
                    op32::memory_copy, constant(A), op::local_get(1), op32::store(), op::local_get(1),
                    constant(bytes_each), op32::mul, constant(4), op::i32_add);
    };
    contract.function("caller", listed("caller", 32), {one_local});
    contract.function("callstack", listed("callstack", 32), {one_local});
    contract.function("limit", code(constant(A), contract.import("limit"), op32::store64(), constant(8)));
    contract.function("spent", code(constant(A), contract.import("spent"), op32::store64(), constant(8)));
    contract.function("spin", code(op::loop(), op::br(0), op::end, constant(0)));
    // imports, then functions in the order of their definition: the next one's index is this
    const std::uint32_t own = contract.function("trap", code(op::unreachable)) + 1;
    contract.function("recurse", code(op::local_get(0), op::call(own), constant(1), op::i32_add));
    contract.function("long", word(0));
    return contract;
}
inline Bytes proxy_contract() {
    return proxy().build();
}

/// A contract that logs (docs/reference/machine.md 1.2, `hdebug`):
///
/// | function | argument | does |
/// |---|---|---|
/// | log | bytes | logs the bytes |
/// | log_many | u32 count | logs the argument `count` times |
/// | log_and_panic | bytes | logs the bytes and panics with them |
/// | log_beyond | | logs more than the argument buffer has |
/// | call_log | id | calls `log` of a contract with the first byte of the id |
inline TestContract logging_contract() {
    TestContract contract(4, true);
    constexpr auto A = TestContract::kArgument;
    const auto log = contract.import("hdebug");
    const Code nothing = op::i32_const(0);
    contract.function("log", code(op::local_get(0), log, nothing));
    contract.function(
        "log_many",
        code(op::i32_const(A), op32::load(), op::local_set(1), op::loop(), op::local_get(0), log, op::local_get(1),
             op::i32_const(1), op32::sub, op::local_tee(1), op::br_if(0), op::end, nothing),
        {code(1, wasm::test::kI32)});
    contract.function("log_and_panic",
                      code(op::local_get(0), log, op::local_get(0), contract.import("panic"), nothing));
    contract.function("log_beyond", code(op::i32_const(65'537), log, nothing));
    const std::int32_t name = contract.data("log");
    contract.function("call_log", code(op::i32_const(A), op::i32_const(name), op::i32_const(3), op::i32_const(1),
                                       op::i64_const(0), contract.import("c"), op::drop, nothing));
    return contract;
}

inline ContractId contract_id(unsigned number) {
    ContractId id{};
    id[0] = static_cast<std::byte>(number);
    id[31] = std::byte{0xc0};
    return id;
}

inline Bytes words(std::initializer_list<std::uint32_t> values) {
    base::Writer out;
    for (const std::uint32_t value : values) out.put(value);
    return out.take();
}

/// The argument of the proxy's `call`.
inline Bytes call_argument(const ContractId& id, std::string_view function, ByteView argument,
                           std::uint64_t limit = 0) {
    base::Writer out;
    out.put(id).put(limit).put(static_cast<std::uint32_t>(function.size())).put(base::view(function)).put(argument);
    return out.take();
}

}  // namespace rues::vm::test
