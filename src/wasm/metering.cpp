#include "wasm/metering.hpp"

#include "wasm/function_meter.hpp"

namespace rues::wasm {
namespace {

std::unexpected<Refusal> too_much_work(std::string text) {
    return std::unexpected(Refusal{Refusal::Kind::too_large, std::move(text)});
}

}  // namespace

Result<Metering::Needs> Metering::rewrite(base::ByteView code, Output& out) const {
    using Style = FunctionMeter::Style;
    Cursor cursor(module.bytes, code);
    const std::uint32_t count = cursor.u32();
    if (!cursor.failed() && count != module.functions.size()) cursor.fail("another number of bodies than of functions");
    out.reserve(1);
    out.put(static_cast<std::uint8_t>(SectionId::code));
    const std::size_t begin = out.begin_sized();
    out.reserve(Output::kMaxLeb);
    out.u32(count);
    Needs needs;
    std::vector<FunctionMeter::Frame> frames;
    for (std::uint32_t i = 0; i < count && !cursor.failed(); ++i) {
        const base::ByteView body = cursor.bytes(cursor.u32());
        if (cursor.failed()) break;
        const std::size_t before = out.size();
        for (const Style style : {Style::sparse, Style::plain}) {
            Cursor in(module.bytes, body);
            FunctionMeter meter(*this, style, in, out, frames);
            const bool done = meter.run(module.functions[i]);
            if (in.failed()) return std::unexpected(in.refusal());
            needs.reference_types |= meter.reference_types();
            if (done) {
                if (meter.work() > limits.function_work)
                    return too_much_work("function " + std::to_string(i) + " is too complex to be compiled");
                needs.work += meter.work();
                if (needs.work > limits.module_work) return too_much_work("module is too complex to be compiled");
                break;
            }
            out.truncate(before);
            frames.clear();
        }
    }
    if (!cursor.failed() && !cursor.empty()) cursor.fail("section is longer than its content");
    if (cursor.failed()) return std::unexpected(cursor.refusal());
    out.end_sized(begin);
    return needs;
}

}  // namespace rues::wasm
