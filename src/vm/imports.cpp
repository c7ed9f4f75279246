// What contracts import. docs/reference/machine.md 1.2, 1.5.
#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/encoding.hpp"
#include "base/endian.hpp"
#include "vm/host_functions.hpp"
#include "vm/host_queries.hpp"
#include "vm/session_inside.hpp"

namespace rues::vm {
namespace {

constexpr std::uint64_t kEventByte = 4;  // gas

constexpr std::int32_t kPanic = -1;
constexpr std::int32_t kOutOfGas = -2;
constexpr std::int32_t kDoesNotExist = -3;
constexpr std::int32_t kUnknown = std::numeric_limits<std::int32_t>::min();

std::uint64_t as_i32(std::int32_t value) {
    return static_cast<std::uint32_t>(value);
}

std::unexpected<Failure> fail(std::string text) {
    return std::unexpected(unknown(std::move(text)));
}
std::unexpected<Failure> out_of_bounds() {
    return fail("a pointer or a length is outside the memory");
}
std::unexpected<Failure> out_of_gas() {
    return std::unexpected(Failure{Failure::Kind::out_of_gas, {}});
}

}  // namespace

bool RunningContract::call(std::size_t function, std::span<std::uint64_t> values) noexcept {
    const auto answer = [&]() -> Answer {
        switch (static_cast<Import>(function)) {
        case Import::hq:
            return hq(values[0], values[1], values[2]);
        case Import::hd:
            return hd(values[0], values[1]);
        case Import::c:
            return c(values);
        case Import::emit:
            return emit(values[0], values[1], values[2]);
        case Import::feed:
            return feed(values[0]);
        case Import::caller:
            return caller();
        case Import::callstack:
            return callstack();
        case Import::limit:
            return limit();
        case Import::spent:
            return spent();
        case Import::panic:
            return panic(values[0]);
        case Import::owner:
            return owner(values[0]);
        case Import::self_id:
            return self_id();
        case Import::hdebug:
            return hdebug(values[0]);
        }
        return fail("an import that does not exist");
    }();
    if (!answer) {
        session_.stopped_by_host = answer.error();
        return false;
    }
    values[0] = *answer;
    return true;
}

std::optional<ByteView> RunningContract::read(std::uint64_t offset, std::uint64_t length) noexcept {
    const std::uint64_t bytes = size();
    if (offset > bytes || length > bytes - offset) return std::nullopt;
    return ByteView(base() + offset, static_cast<std::size_t>(length));
}

std::optional<ByteView> RunningContract::read_argument(std::uint64_t length) noexcept {
    if (length > Session::kArgumentBytes) return std::nullopt;
    return read(contract_.compiled.argument_buffer, length);
}

bool RunningContract::write_argument(ByteView bytes) noexcept {
    const auto place = read_argument(bytes.size());
    if (!place) return false;
    // The bytes may lie in the same memory.
    if (!bytes.empty()) std::memmove(base() + contract_.compiled.argument_buffer, bytes.data(), bytes.size());
    return true;
}

RunningContract::Answer RunningContract::write_answer(ByteView bytes) {
    if (!write_argument(bytes)) return out_of_bounds();
    return bytes.size();
}

RunningContract::Answer RunningContract::hq(std::uint64_t name, std::uint64_t name_length, std::uint64_t length) {
    const auto name_bytes = read(name, name_length);
    const auto argument = read_argument(length);
    if (!name_bytes || !argument) return out_of_bounds();
    const std::string_view query = base::text(*name_bytes);
    if (!base::is_utf8(query)) return fail("a host query's name is not UTF-8");
    const HostQueries& queries = *session_.machine.queries;
    const HostQuestion question{query, *argument, contract_.compiled.argument_buffer, session_.environment.fork,
                                plonk_version(session_.environment)};
    const auto price = queries.price(question);
    if (!price) return fail("there is no host query of this name");
    const std::uint64_t gas = remaining();
    if (gas < *price) {
        set_remaining(0);
        return out_of_gas();
    }
    set_remaining(gas - *price);
    for (const KnownAnswer& known : session_.known)
        if (known.query == query && base::equal(known.argument, *argument)) return write_answer(known.answer);
    const auto answer = queries.answer(question);
    if (!answer) return std::unexpected(Failure{Failure::Kind::panic, answer.error()});
    return write_answer(*answer);
}

RunningContract::Answer RunningContract::hd(std::uint64_t name, std::uint64_t name_length) {
    const auto name_bytes = read(name, name_length);
    if (!name_bytes) return out_of_bounds();
    const std::string_view key = base::text(*name_bytes);
    if (!base::is_utf8(key)) return fail("the name of host data is not UTF-8");
    const Environment& environment = session_.environment;
    if (key == "chain_id") return write_answer(std::as_bytes(std::span(&environment.chain_id, 1)));
    if (key == "block_height") {
        std::array<std::byte, 8> height{};
        base::store_le(height.data(), environment.height);
        return write_answer(std::span(height).first(environment.genesis ? 4 : 8));
    }
    if (key == "public_sender" && session_.public_sender) return write_answer(*session_.public_sender);
    return 0;
}

RunningContract::Answer RunningContract::c(std::span<const std::uint64_t> values) {
    const auto id_bytes = read(values[0], sizeof(ContractId));
    const auto name_bytes = read(values[1], values[2]);
    const auto argument_bytes = read_argument(values[3]);
    if (!id_bytes || !name_bytes || !argument_bytes || !base::is_utf8(base::text(*name_bytes)))
        return error_code(unknown("a pointer, a length or a name is bad"));
    const std::uint64_t gas = remaining();
    const std::uint64_t wanted = values[4];
    const std::uint64_t limit = wanted > 0 && wanted < gas ? wanted : gas / 100 * 93 + gas % 100 * 93 / 100;
    // Copies: the callee may be this contract, and write over them.
    const auto id = base::to_array<sizeof(ContractId)>(*id_bytes);
    const std::string name(base::text(*name_bytes));
    const Bytes argument = base::to_bytes(*argument_bytes);

    CallTrace* const trace = session_.trace;
    if (trace) trace->begin(id, name, argument.size(), limit);
    const auto failed_before = [&](const Failure& failure) -> Answer {
        if (trace) trace->refused(failure);
        if (session_.aborted) return std::unexpected(*session_.aborted);
        return error_code(failure);
    };
    if (session_.hook) {
        if (auto refusal = session_.hook(id, name, argument))
            return failed_before({Failure::Kind::panic, std::move(*refusal)});
    }
    if (session_.stack.size() >= Session::kMaxDepth) return failed_before(unknown("the call is nested too deep"));
    const auto callee = session_.load(id);
    if (!callee) return failed_before(callee.error());
    if (*callee == nullptr) return failed_before({Failure::Kind::does_not_exist, {}});
    if (auto pushed = session_.push_frame(**callee, limit); !pushed) return failed_before(pushed.error());

    std::expected<std::int32_t, Failure> result = std::unexpected(unknown("init cannot be called"));
    if (name != "init") result = session_.run_top_frame(name, argument);
    Bytes data;
    if (result) {
        const auto answer = (*callee)->running->read_argument(static_cast<std::uint32_t>(*result));
        if (answer)
            data = base::to_bytes(*answer);
        else
            result = std::unexpected(unknown("the contract returned a length beyond its argument buffer"));
    }
    if (!result) {
        if (trace) trace->failed(result.error(), session_.gas_used(), limit);
        session_.pop_failed_frame();
        set_remaining(gas - limit);  // also of a call that ends with all calls above it: a trace says what each lost
        if (session_.aborted) return std::unexpected(*session_.aborted);
        return error_code(result.error());
    }
    const std::uint64_t spent = limit - (*callee)->running->remaining();
    if (trace) trace->returned(data.size(), spent);
    session_.pop_succeeded_frame();
    set_remaining(gas - spent);
    if (!write_argument(data)) return out_of_bounds();
    return as_i32(*result);
}

std::uint64_t RunningContract::error_code(const Failure& failure) {
    switch (failure.kind) {
    case Failure::Kind::panic: {
        base::Writer text(failure.text.size() + 4);
        text.put(static_cast<std::uint32_t>(failure.text.size())).put(base::view(failure.text));
        return as_i32(write_argument(text.bytes()) ? kPanic : kUnknown);
    }
    case Failure::Kind::out_of_gas:
        return as_i32(kOutOfGas);
    case Failure::Kind::does_not_exist:
        return as_i32(kDoesNotExist);
    default:
        return as_i32(kUnknown);
    }
}

RunningContract::Answer RunningContract::emit(std::uint64_t topic, std::uint64_t topic_length, std::uint64_t length) {
    const auto topic_bytes = read(topic, topic_length);
    const auto data = read_argument(length);
    if (!topic_bytes || !data) return out_of_bounds();
    const std::uint64_t gas = remaining();
    const std::uint64_t cost = kEventByte * (topic_length + length);
    if (cost > gas) {
        set_remaining(0);
        return out_of_gas();
    }
    set_remaining(gas - cost);
    if (!base::is_utf8(base::text(*topic_bytes))) return fail("an event's topic is not UTF-8");
    session_.event_bytes += topic_length + length;
    if (session_.events.size() >= SessionInside::kMaxEvents || session_.event_bytes > SessionInside::kMaxEventBytes)
        return std::unexpected(session_.abort(Failure::Kind::too_many_pages, "the call emitted too many events"));
    if (session_.trace) session_.trace->emitted(base::text(*topic_bytes), data->size());
    session_.events.push_back(
        {{contract_.id, std::string(base::text(*topic_bytes)), base::to_bytes(*data), {}}, false});
    return 0;
}

RunningContract::Answer RunningContract::feed(std::uint64_t length) {
    const auto data = read_argument(length);
    if (!data) return out_of_bounds();
    if (!session_.sink) return fail(std::string(kMissingFeed));
    if (!(*session_.sink)(*data))
        return std::unexpected(session_.abort(Failure::Kind::deadline, "nobody takes what the contract feeds"));
    return 0;
}

RunningContract::Answer RunningContract::caller() {
    const auto& stack = session_.stack;
    if (stack.size() < 2) return 0;
    if (!write_argument(stack[stack.size() - 2].callee->id)) return out_of_bounds();
    return 1;
}

RunningContract::Answer RunningContract::callstack() {
    Bytes ids;
    const auto& stack = session_.stack;
    for (std::size_t i = stack.size() - 1; i-- > 0;) base::append(ids, stack[i].callee->id);
    if (!write_argument(ids)) return out_of_bounds();
    return stack.size() - 1;
}

RunningContract::Answer RunningContract::limit() const {
    return session_.stack.back().limit;
}

RunningContract::Answer RunningContract::spent() {
    return session_.stack.back().limit - remaining();
}

RunningContract::Answer RunningContract::panic(std::uint64_t length) {
    const auto text = read_argument(length);
    if (!text) return out_of_bounds();
    if (!base::is_utf8(base::text(*text))) return fail("the contract panicked with a text that is not UTF-8");
    return std::unexpected(Failure{Failure::Kind::panic, std::string(base::text(*text))});
}

RunningContract::Answer RunningContract::owner(std::uint64_t id) {
    const auto bytes = read(id, sizeof(ContractId));
    if (!bytes) return out_of_bounds();
    const LoadedContract* contract =
        id == 0 ? &contract_ : session_.look_up(base::to_array<sizeof(ContractId)>(*bytes));
    if (!contract) return 0;
    return write_answer(*contract->contract.owner);
}

RunningContract::Answer RunningContract::self_id() {
    return write_answer(contract_.id);
}

/// Costs what the call of the import costs, as the others without a price of their own.
RunningContract::Answer RunningContract::hdebug(std::uint64_t length) {
    const auto line = read_argument(length);
    if (!line) return out_of_bounds();
    if (!base::is_utf8(base::text(*line))) return fail("a line for the log is not UTF-8");
    if (session_.contract_lines) session_.contract_lines(contract_.id, base::text(*line));
    return 0;
}

}  // namespace rues::vm
