#include "wasm/prepare.hpp"

#include <algorithm>
#include <limits>
#include <map>

#include "wasm/contract_rules.hpp"
#include "wasm/metering.hpp"

namespace rues::wasm {
namespace {

constexpr std::uint8_t kFunctionForm = 0x60;
constexpr std::uint8_t kMutable = 1;
constexpr std::uint8_t kI64Const = 0x42;
constexpr std::uint8_t kEnd = 0x0b;
/// An empty passive segment. To memory.init and data.drop it is what an active segment is after instantiation.
constexpr std::array<std::uint8_t, 2> kDroppedSegment = {1, 0};
constexpr std::int64_t kNotChosen = std::numeric_limits<std::int64_t>::min();

constexpr std::array kOrder = {SectionId::type,    SectionId::import,     SectionId::function, SectionId::table,
                               SectionId::memory,  SectionId::global,     SectionId::exports,  SectionId::start,
                               SectionId::element, SectionId::data_count, SectionId::code,     SectionId::data};

std::vector<ValueType> to_types(base::ByteView bytes) {
    std::vector<ValueType> out;
    out.reserve(bytes.size());
    for (const std::byte byte : bytes) out.push_back(static_cast<ValueType>(byte));
    return out;
}

Export to_export(std::string_view name, const Module::FunctionType& type) {
    const auto is_i32 = [](std::byte each) { return static_cast<ValueType>(each) == ValueType::i32; };
    Export out{std::string(name), std::nullopt};
    if (std::ranges::all_of(type.parameters, is_i32) && std::ranges::all_of(type.results, is_i32))
        out.of_i32 = {type.parameters.size(), type.results.size()};
    return out;
}

/// Writes the new module, section by section.
class Rewriter {
public:
    Rewriter(const Module& module, const CostTable& costs, const Rules& rules, const Limits& limits)
        : module_(module),
          rules_(rules),
          metering_{module, costs, limits, static_cast<std::uint32_t>(module.globals.size()), {}},
          out_(module.bytes.size() + module.bytes.size() / 4 + 1024) {}

    Result<Metering::Needs> run() {
        Metering::Needs needs;
        choose_block_types();
        if (module_.types.size() + added_types_.size() > metering_.limits.types)
            return std::unexpected(Refusal{Refusal::Kind::too_large, "module has too many types"});
        out_.append(module_.bytes.first(kHeaderBytes));
        for (const SectionId id : kOrder) {
            const auto content = module_.section(id);
            if (id == SectionId::global) {
                globals(content.value_or(base::ByteView{}));
            } else if (id == SectionId::exports) {
                exports(content.value_or(base::ByteView{}));
            } else if (!content) {
                continue;
            } else if (id == SectionId::type) {
                types(*content);
            } else if (id == SectionId::code) {
                auto rewritten = metering_.rewrite(*content, out_);
                if (!rewritten) return rewritten;
                needs = *rewritten;
            } else if (id == SectionId::data && rules_.contract) {
                data();
            } else {
                const std::size_t begin = begin_section(id);
                out_.append(*content);
                out_.end_sized(begin);
            }
        }
        return needs;
    }

    base::Bytes take() && { return std::move(out_).take(); }

private:
    /// A block has the results of its function: none, one value type, or more, which needs a type without parameters.
    /// Such a type is added once for each list of results.
    void choose_block_types() {
        std::map<std::string_view, std::int64_t> added;
        metering_.block_types.assign(module_.types.size(), kNotChosen);
        for (const std::uint32_t type : module_.functions) {
            std::int64_t& chosen = metering_.block_types[type];
            if (chosen != kNotChosen) continue;
            const base::ByteView results = module_.types[type].results;
            if (results.empty()) {
                chosen = kNoValues;
            } else if (results.size() == 1) {
                chosen = std::to_integer<std::int64_t>(results.front()) - 0x80;
            } else {
                const auto next = static_cast<std::int64_t>(module_.types.size() + added_types_.size());
                const auto [place, is_new] = added.emplace(base::text(results), next);
                if (is_new) added_types_.push_back(results);
                chosen = place->second;
            }
        }
    }

    std::size_t begin_section(SectionId id) {
        out_.reserve(1);
        out_.put(static_cast<std::uint8_t>(id));
        return out_.begin_sized();
    }

    void number(std::size_t value) {
        out_.reserve(Output::kMaxLeb);
        out_.u32(static_cast<std::uint32_t>(value));
    }

    /// The items of a section, without their count.
    base::ByteView items(base::ByteView content) const noexcept {
        Cursor cursor(module_.bytes, content);
        if (!content.empty()) cursor.u32();
        return cursor.bytes(cursor.remaining());
    }

    void types(base::ByteView content) {
        const std::size_t begin = begin_section(SectionId::type);
        number(module_.types.size() + added_types_.size());
        out_.append(items(content));
        for (const base::ByteView results : added_types_) {
            out_.reserve(2);
            out_.put(kFunctionForm);
            out_.put(0);
            number(results.size());
            out_.append(results);
        }
        out_.end_sized(begin);
    }

    void globals(base::ByteView content) {
        const std::size_t begin = begin_section(SectionId::global);
        number(module_.globals.size() + 1);
        out_.append(items(content));
        out_.reserve(Output::kMaxLeb + 4);
        out_.put(static_cast<std::uint8_t>(ValueType::i64));
        out_.put(kMutable);
        out_.put(kI64Const);
        out_.s64(rules_.initial_counter);
        out_.put(kEnd);
        out_.end_sized(begin);
    }

    void exports(base::ByteView content) {
        const std::size_t begin = begin_section(SectionId::exports);
        number(module_.exports.size() + 1);
        out_.append(items(content));
        number(kCounterName.size());
        out_.append(base::view(kCounterName));
        out_.reserve(1);
        out_.put(static_cast<std::uint8_t>(Kind::global));
        number(metering_.counter);
        out_.end_sized(begin);
    }

    void data() {
        const std::size_t begin = begin_section(SectionId::data);
        number(module_.data.size());
        for (const Module::Data& segment : module_.data)
            out_.append(segment.offset ? std::as_bytes(std::span(kDroppedSegment)) : segment.encoded);
        out_.end_sized(begin);
    }

    const Module& module_;
    const Rules& rules_;
    Metering metering_;
    Output out_;
    std::vector<base::ByteView> added_types_;  ///< results of each
};

/// The initial memory of a contract is the one that its data segments are written to.
Result<std::vector<Segment>> take_data(const Module& module) {
    std::vector<Segment> out;
    for (const Module::Data& segment : module.data) {
        if (!segment.offset) continue;
        // Addresses have 64 bits, sizes in bytes have 65.
        const std::uint64_t pages = std::min(module.memory->min_pages, kAddressSpace / kPageBytes);
        const std::uint64_t size = pages * kPageBytes;
        if (segment.bytes.size() > size || *segment.offset > size - segment.bytes.size())
            return std::unexpected(
                Refusal{Refusal::Kind::data_out_of_bounds, "data segment lies beyond the initial memory"});
        out.push_back({*segment.offset, base::to_bytes(segment.bytes)});
    }
    return out;
}

}  // namespace

Result<Prepared> prepare(base::ByteView bytes, const CostTable& costs, const Rules& rules, const Limits& limits) {
    const auto module = read_module(bytes, rules.imports, limits);
    if (!module) return std::unexpected(module.error());
    if (std::ranges::any_of(module->exports, [](const auto& item) { return item.name == kCounterName; }))
        return std::unexpected(
            Refusal{Refusal::Kind::reserved_name, "module exports the reserved name " + std::string(kCounterName)});
    Prepared out;
    if (rules.contract) {
        const auto buffer = check_contract(*module, rules.imports);
        if (!buffer) return std::unexpected(buffer.error());
        out.argument_buffer = *buffer;
        auto data = take_data(*module);
        if (!data) return std::unexpected(data.error());
        out.data = *std::move(data);
    }
    Rewriter rewriter(*module, costs, rules, limits);
    const auto needs = rewriter.run();
    if (!needs) return std::unexpected(needs.error());
    out.reference_types = module->reference_types || needs->reference_types;
    out.work = needs->work;
    out.module = std::move(rewriter).take();

    out.imports.reserve(module->imports.size());
    for (const Module::Import& import : module->imports) {
        const Module::FunctionType& type = module->types[import.type];
        out.imports.push_back({std::string(import.name), to_types(type.parameters), to_types(type.results)});
    }
    for (const Module::Export& item : module->exports) {
        if (item.kind == Kind::function) out.functions.push_back(to_export(item.name, module->type_of(item.index)));
        const bool is_better = out.memory_export.empty() || item.name == kDriverMemory;
        if (item.kind == Kind::memory && is_better) out.memory_export = item.name;
    }
    if (module->memory) {
        out.has_memory = true;
        out.memory64 = module->memory->is_64;
        out.min_pages = module->memory->min_pages;
        out.max_pages = module->memory->max_pages;
    }
    out.table_elements = module->table_elements;
    out.has_start = module->has_start;
    return out;
}

}  // namespace rues::wasm
