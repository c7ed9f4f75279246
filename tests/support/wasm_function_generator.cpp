#include "support/wasm_function_generator.hpp"

#include <algorithm>
#include <utility>

namespace rues::wasm::test {
namespace {

constexpr std::uint32_t kMaxLoops = 6;  ///< of one function
constexpr std::uint32_t kMaxOpenLoops = 2;
constexpr std::uint32_t kMaxIterations = 3;
constexpr std::uint32_t kOrdinaryLocals = 2;  ///< of each type

/// What the interpreter knows.
std::vector<Signature> simple_signatures() {
    using Guard = Signature::Guard;
    return {
        {{0x45}, "i", 'i'},
        {{0x46}, "ii", 'i'},
        {{0x48}, "ii", 'i'},
        {{0x59}, "ll", 'i'},
        {{0x6a}, "ii", 'i'},
        {{0x6b}, "ii", 'i'},
        {{0x71}, "ii", 'i'},
        {{0x7c}, "ll", 'l'},
        {{0xa7}, "l", 'i'},
        {{0xac}, "i", 'l'},
        {{0x28}, "p", 'i', Guard::address, 4},
        {{0x29}, "p", 'l', Guard::address, 8},
        {{0x36}, "pi", 0, Guard::address, 4},
        {{0x37}, "pl", 0, Guard::address, 8},
        {{0x3a}, "pi", 0, Guard::address, 1},
    };
}

const SignatureIndex& signatures_of(bool simple) {
    static const SignatureIndex simple_ones(simple_signatures());
    static const SignatureIndex all(signatures(true));
    return simple ? simple_ones : all;
}

}  // namespace

FunctionGenerator::FunctionGenerator(const ModulePlan& plan, const ModulePlan::Function& function, Random& random,
                                     std::set<std::uint32_t>& operators)
    : plan_(plan),
      function_(function),
      random_(random),
      operators_(operators),
      signatures_(signatures_of(plan.options.simple)),
      types_(plan.globals),
      budget_(30 + random.below(60)),
      calls_(function.level == 2 ? 0 : 3) {}

std::pair<std::vector<Code>, Code> FunctionGenerator::generate() {
    const FunctionShape& type = plan_.types[function_.type];
    locals_ = type.parameters;
    std::vector<Code> groups;
    for (const char letter : types_) {
        locals_ += std::string(kOrdinaryLocals, letter);
        groups.push_back(code(leb(kOrdinaryLocals), value_type_of(letter)));
    }
    groups.push_back(code(leb(kMaxLoops), kI32));  // counters of loops, which nothing else uses
    labels_.push_back({type.results});
    statements(4 + random_.below(8));
    if (!dead_) values(type.results);
    put({op::end});
    return {groups, out_};
}

void FunctionGenerator::statements(std::uint32_t count) {
    for (; count > 0; --count) statement();
}

void FunctionGenerator::statement() {
    if (plan_.host && random_.percent(25)) return host();
    const bool nested = labels_.size() > 1 && labels_.size() < kMaxDepth + 1;
    switch (random_.below(16)) {
    case 0: {
        const char type = any_type();
        value(type);
        put(op::local_set(local_of(type)));
        break;
    }
    case 1: {
        const auto index = random_.below(static_cast<std::uint32_t>(plan_.globals.size()));
        value(plan_.globals[index]);
        put(op::global_set(index + 1));
        break;
    }
    case 2:
    case 3:
        store();
        break;
    case 4:
        value(any_type());
        put({op::drop});
        break;
    case 5:
        put({op::nop});
        break;
    case 6:
    case 7:
        simple_block();
        break;
    case 8:
        block_of_values();
        break;
    case 9:
        loop();
        break;
    case 10:
        branch();
        break;
    case 11:
        call();
        break;
    case 12:
        if (nested && random_.percent(40)) leave();
        break;
    case 13:
        memory_operation();
        break;
    case 14:
        table_operation();
        break;
    default:
        if (plan_.options.traps && random_.percent(30)) trap();
        break;
    }
}

void FunctionGenerator::store() {
    const std::vector<Signature>& stores = signatures_.with_result(0);
    operation(stores[random_.below(static_cast<std::uint32_t>(stores.size()))]);
}

/// block, if, and if with else, without values.
void FunctionGenerator::simple_block() {
    if (labels_.size() > kMaxDepth) return;
    const std::uint32_t kind = random_.below(3);
    if (kind > 0) value('i');
    open(kind == 0 ? op::block() : op::if_(), "");
    statements(1 + random_.below(4));
    if (kind == 2) {
        put({op::else_});
        dead_ = false;
        statements(1 + random_.below(4));
    }
    close();
}

/// A block or an if with parameters and results.
void FunctionGenerator::block_of_values() {
    if (labels_.size() > kMaxDepth) return;
    const std::uint32_t index = random_.below(static_cast<std::uint32_t>(plan_.types.size()));
    const FunctionShape& type = plan_.types[index];
    const bool has_else = random_.percent(50);
    values(type.parameters);
    if (has_else) value('i');
    open(code(has_else ? 0x04 : 0x02, leb(index)), type.results);
    const auto content = [&] {
        take(type.parameters);
        statements(random_.below(3));
        if (!dead_) values(type.results);
    };
    content();
    if (has_else) {
        put({op::else_});
        dead_ = false;
        content();
    }
    close();
    take(type.results);
}

/// A branch to the loop, from wherever, runs its next iteration; they are counted at its head.
void FunctionGenerator::loop() {
    if (labels_.size() > kMaxDepth || loops_ == kMaxOpenLoops || loop_count_ == kMaxLoops) return;
    const auto counter = static_cast<std::uint32_t>(locals_.size()) + loop_count_++;
    const bool has_parameter = random_.percent(30);
    put(op::i32_const(static_cast<std::int32_t>(1 + random_.below(kMaxIterations))));
    put(op::local_set(counter));
    open(op::block(), "");
    if (has_parameter) value('i');
    open(has_parameter ? code(0x03, leb(0)) : op::loop(), has_parameter ? "i" : "");  // type 0 is (i32) -> i32
    ++loops_;
    if (has_parameter) take("i");
    put(op::local_get(counter));
    put(op::i32_const(1));
    put({0x6b});
    put(op::local_tee(counter));
    put(op::i32_const(0));
    put({0x48});
    put(op::br_if(1));
    statements(1 + random_.below(4));
    if (!dead_ && has_parameter) value('i');
    if (!dead_ && random_.percent(70)) {
        put(op::br(0));
        dead_ = true;
    }
    --loops_;
    close();
    if (has_parameter) take("i");
    close();
}

void FunctionGenerator::branch() {
    const std::size_t index = random_.below(static_cast<std::uint32_t>(labels_.size()));
    const std::string types = labels_[index].types;
    const std::uint32_t label = label_number(index);
    const std::uint32_t kind = labels_.size() > 1 ? random_.below(4) : 0;
    values(types);
    switch (kind) {
    case 0:
    case 1:
        value('i');
        put(op::br_if(label));
        take(types);
        break;
    case 2:
        put(op::br(label));
        dead_ = true;
        break;
    default: {
        Code targets;
        std::uint32_t count = 0;
        for (std::size_t other = 0; other < labels_.size(); ++other) {
            if (labels_[other].types != types || !random_.percent(70)) continue;
            targets = code(targets, leb(label_number(other)));
            ++count;
        }
        value('i');
        put(0x0e, leb(count), targets, leb(label));
        dead_ = true;
        break;
    }
    }
}

void FunctionGenerator::call() {
    if (random_.percent(25)) {
        put(op::call(random_.below(plan_.quiet_imports)));
        return;
    }
    if (calls_ == 0 || loops_ > 1) return;
    std::vector<std::uint32_t> callees;
    for (std::uint32_t i = 0; i < plan_.functions.size(); ++i)
        if (plan_.functions[i].level > function_.level) callees.push_back(i);
    --calls_;
    if (random_.percent(60)) {
        const std::uint32_t callee = callees[random_.below(static_cast<std::uint32_t>(callees.size()))];
        const FunctionShape& type = plan_.types[plan_.functions[callee].type];
        values(type.parameters);
        put(op::call(plan_.imports + callee));
        take(type.results);
        return;
    }
    const std::uint32_t at = random_.below(static_cast<std::uint32_t>(plan_.table.size()));
    const std::uint32_t type = plan_.functions[plan_.table[at] - plan_.imports].type;
    values(plan_.types[type].parameters);
    put(op::i32_const(static_cast<std::int32_t>(at)));
    if (!plan_.options.simple && random_.percent(20)) {
        put(0x11, leb(type), padded_leb(0, 5));  // as compilers write it for the linker
    } else {
        put(op::call_indirect(type));
    }
    take(plan_.types[type].results);
}

/// return, or a branch that leaves the function.
void FunctionGenerator::leave() {
    values(plan_.types[function_.type].results);
    put(random_.percent(50) ? Code{op::return_} : op::br(label_number(0)));
    dead_ = true;
}

void FunctionGenerator::memory_operation() {
    if (plan_.options.simple) return;
    switch (plan_.options.bulk ? random_.below(4) : 3) {
    case 0:
        address();
        address();
        constant_address(static_cast<std::int32_t>(random_.below(200)));
        put(op::bulk(10), 0, 0);
        break;
    case 1:
        address();
        value('i');
        constant_address(static_cast<std::int32_t>(random_.below(200)));
        put(op::bulk(11), 0);
        break;
    case 2: {
        const bool dropped = random_.percent(30);
        address();
        put(op::i32_const(0));
        put(op::i32_const(dropped ? 0 : 9));
        put(op::bulk(8), leb(dropped ? kDroppedSegment : kSegment), 0);
        break;
    }
    default:
        put(op::bulk(9), leb(kDroppedSegment));
        break;
    }
}

void FunctionGenerator::table_operation() {
    if (plan_.options.simple) return;
    const std::uint32_t table = random_.percent(50) ? kFunctionTable : kExternTable;
    const char type = table == kFunctionTable ? 'r' : 'x';
    const auto small = [&] { put(op::i32_const(static_cast<std::int32_t>(random_.below(3)))); };
    const std::uint32_t kind = random_.below(5);
    switch (plan_.options.bulk ? kind : kind % 2 * 4) {
    case 0:
        small();
        value(type);
        put(0x26, leb(table));
        break;
    case 1:
        small();
        value(type);
        put(op::i32_const(1));
        put(op::bulk(17), leb(table));
        break;
    case 2:
        small();
        small();
        put(op::i32_const(1));
        put(op::bulk(14), leb(table), leb(table));
        break;
    case 3: {
        const bool dropped = random_.percent(30);
        small();
        put(op::i32_const(0));
        put(op::i32_const(dropped ? 0 : 2));
        put(op::bulk(12), leb(dropped ? kDroppedSegment : kSegment), leb(kFunctionTable));
        break;
    }
    default:
        put(op::bulk(13), leb(kDroppedSegment));
        break;
    }
}

void FunctionGenerator::trap() {
    value('i');
    open(op::if_(), "");
    switch (random_.below(4)) {
    case 0:
        put({op::unreachable});
        dead_ = true;
        break;
    case 1:
        put(op::i32_const(1));
        put(op::i32_const(0));
        put({0x6e});
        put({op::drop});
        break;
    case 2:  // beyond the memory
        constant_address(0x7000'0000);
        put(op::access({0x28}));
        put({op::drop});
        break;
    default:  // beyond every memory
        constant_address(0);
        put(op::access({0x28}, 0xffff'fffd));
        put({op::drop});
        break;
    }
    close();
}

/// What needs the host.
void FunctionGenerator::host() {
    const ModulePlan::Host& host = *plan_.host;
    const auto length = [&](std::uint32_t most) { put(op::i32_const(static_cast<std::int32_t>(random_.below(most)))); };
    switch (random_.below(8)) {
    case 0:
    case 1:
        put(op::i32_const(host.topic));
        put(op::i32_const(1));
        length(60);
        put(op::call(host.emit));
        break;
    case 2:  // a panic in one of eight cases
        value('i');
        put(op::i32_const(7));
        put({0x71});
        put({0x45});
        open(op::if_(), "");
        length(20);
        put(op::call(host.panic));
        close();
        break;
    case 3:
        put(op::call(random_.percent(50) ? host.limit : host.spent));
        put(op::local_set(local_of('l')));
        break;
    case 4:
        if (!function_.feeds) break;
        length(40);
        put(op::call(host.feed));
        break;
    default:
        if (function_.level != 0 || loops_ > 0 || std::exchange(has_called_, true)) break;
        put(op::i32_const(ModulePlan::kArgument));
        put(op::i32_const(host.function));
        put(op::i32_const(2));
        put(op::i32_const(64));
        put(op::i64_const(random_.percent(30) ? 3'000 : 60'000));
        put(op::call(host.call));
        put(op::local_set(local_of('i')));
        break;
    }
}

void FunctionGenerator::put(const Code& operation) {
    std::uint32_t id = operation.at(0);
    if (id == 0xfc || id == 0xfd) {
        std::uint32_t number = operation.at(1) & 0x7fU;
        if (operation[1] >= 0x80) number |= std::uint32_t{operation.at(2)} << 7;
        id = id << 16 | number;
    }
    operators_.insert(id);
    out_.insert(out_.end(), operation.begin(), operation.end());
}

void FunctionGenerator::open(const Code& operation, std::string_view label) {
    put(operation);
    labels_.push_back({std::string(label)});
    dead_ = false;
}

void FunctionGenerator::close() {
    put({op::end});
    labels_.pop_back();
    dead_ = false;
}

std::uint32_t FunctionGenerator::local_of(char type) {
    std::vector<std::uint32_t> fitting;
    for (std::uint32_t i = 0; i < locals_.size(); ++i)
        if (locals_[i] == type) fitting.push_back(i);
    return fitting[random_.below(static_cast<std::uint32_t>(fitting.size()))];
}

}  // namespace rues::wasm::test
