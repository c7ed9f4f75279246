#include "vm/call_trace.hpp"

#include <algorithm>
#include <utility>

#include "vm/session.hpp"

namespace rues::vm {
namespace {

TracedCall::End end_of(Failure::Kind kind) {
    switch (kind) {
    case Failure::Kind::panic:
        return TracedCall::End::panic;
    case Failure::Kind::out_of_gas:
        return TracedCall::End::out_of_gas;
    case Failure::Kind::does_not_exist:
        return TracedCall::End::does_not_exist;
    case Failure::Kind::deadline:
    case Failure::Kind::too_many_pages:
        return TracedCall::End::stopped;
    case Failure::Kind::unknown:
        break;
    }
    return TracedCall::End::failed;
}

void add(TracedCall::LeftOut& sum, const TracedCall& call) {
    sum.calls += call.left_out.calls;
    sum.events += call.left_out.events;
    sum.gas += call.left_out.gas;
    sum.text_bytes += call.left_out.text_bytes;
    for (const TracedStep& step : call.steps)
        if (const auto* inner = step.call()) add(sum, *inner);
}

/// REQUIRES: `text` is UTF-8. Its longest part of whole characters that has at most `most` bytes.
std::string_view cut(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0U) == 0x80) --most;
    return text.substr(0, most);
}

}  // namespace

void CallTrace::begin(const ContractId& contract, std::string_view function, std::size_t argument_bytes,
                      std::uint64_t gas_limit) {
    Open& open = open_.emplace_back();
    open.is_listed = open_.size() == 1 || listed_ < kMaxCalls;
    listed_ += open.is_listed ? 1 : 0;
    open.call.contract = contract;
    open.call.function = taken(function, open.call);
    open.call.argument_bytes = argument_bytes;
    open.call.gas_limit = gas_limit;
}

void CallTrace::emitted(std::string_view topic, std::size_t bytes) {
    Open& open = open_.back();
    if (!open.is_listed || listed_events_ >= kMaxEvents) {
        ++open.call.left_out.events;
        return;
    }
    ++listed_events_;
    open.call.steps.emplace_back(TracedEvent{taken(topic, open.call), bytes});
}

void CallTrace::returned(std::size_t result_bytes, std::uint64_t gas) {
    open_.back().call.entered = true;
    open_.back().call.result_bytes = result_bytes;
    end(nullptr, gas, gas);
}

void CallTrace::failed(const Failure& failure, std::uint64_t used, std::uint64_t charged) {
    open_.back().call.entered = true;
    end(&failure, used, charged);
}

void CallTrace::refused(const Failure& failure) {
    end(&failure, 0, 0);
}

void CallTrace::end(const Failure* failure, std::uint64_t used, std::uint64_t charged) {
    Open ended = std::move(open_.back());
    open_.pop_back();
    TracedCall& call = ended.call;
    call.gas_spent = charged;
    call.gas_lost = charged - std::min(charged, used);
    call.gas_own = used - std::min(used, ended.gas_of_calls);
    if (failure != nullptr) {
        call.end = end_of(failure->kind);
        call.error = taken(failure->text, call);
    }
    if (open_.empty()) {
        calls_.push_back(std::move(call));
        return;
    }
    Open& caller = open_.back();
    caller.gas_of_calls += charged;
    const bool is_extra = !ended.is_listed && failure != nullptr && listed_failures_ < kMaxFailedCalls;
    listed_failures_ += is_extra ? 1 : 0;
    if (ended.is_listed || is_extra) {
        caller.call.steps.emplace_back(std::move(call));
    } else {
        leave_out(caller.call.left_out, call);
        caller.call.left_out.gas += charged;
    }
}

std::string CallTrace::taken(std::string_view text, TracedCall& of) {
    const auto kept = cut(text, std::min(kMaxText, kMaxTexts - text_bytes_));
    text_bytes_ += kept.size();
    of.left_out.text_bytes += text.size() - kept.size();
    return std::string(kept);
}

/// Adds a call that is not listed, with all that it holds, and gives back what that took of the bounds: the calls that
/// fail later need it.
void CallTrace::leave_out(TracedCall::LeftOut& from, const TracedCall& call) {
    from.calls += 1 + call.left_out.calls;
    from.events += call.left_out.events;
    text_bytes_ -= call.function.size() + call.error.size();
    for (const TracedStep& step : call.steps) {
        const auto* inner = step.call();  // no event: a call that is not listed counts its events only
        if (inner == nullptr) continue;
        --listed_failures_;  // no call that is not listed has a listed one, but for its failures
        leave_out(from, *inner);
    }
}

TracedCall::LeftOut left_out(const CallTrace& trace) {
    TracedCall::LeftOut sum;
    for (const TracedCall& call : trace.calls()) add(sum, call);
    return sum;
}

}  // namespace rues::vm
