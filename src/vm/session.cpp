#include "vm/session.hpp"

#include <utility>

#include "vm/pages/compact.hpp"
#include "vm/session_inside.hpp"

namespace rues::vm {
namespace {

Failure of_machine(const base::Error& error) {
    return {Failure::Kind::too_many_pages, error.text};
}

}  // namespace

plonk::Version plonk_version(const Environment& environment) noexcept {
    if (environment.fork != HardFork::pre_fork) return plonk::Version::v3;
    const std::uint64_t first_of_v2 = environment.chain_id == 1 ? 3'470'360 : environment.chain_id == 2 ? 2'653'175 : 1;
    return environment.height >= first_of_v2 ? plonk::Version::v2 : plonk::Version::v1;
}

std::string Failure::to_string() const {
    switch (kind) {
    case Kind::panic:
        return "Panic: " + text;
    case Kind::out_of_gas:
        return "OutOfGas";
    case Kind::does_not_exist:
        return "Contract does not exist";
    case Kind::unknown:
        break;
    case Kind::deadline:
    case Kind::too_many_pages:
        return text;
    }
    return "Unknown";
}

Session::Session(std::unique_ptr<SessionInside> inside) : inside_(std::move(inside)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Session Session::of_block(Machine& machine, std::shared_ptr<const State> state, const Environment& environment,
                          BlockLimits limits) {
    auto inside = std::make_unique<SessionInside>(machine, std::move(state), environment);
    inside->stop = std::move(limits.stop);
    inside->max_written_bytes = limits.written_bytes;
    return Session(std::move(inside));
}

Session Session::of_query(Machine& machine, std::shared_ptr<const State> state, const Environment& environment,
                          QueryLimits limits) {
    auto inside = std::make_unique<SessionInside>(machine, std::move(state), environment);
    inside->is_query = true;
    inside->stop = std::move(limits.stop);
    inside->max_written_bytes = limits.written_bytes;
    return Session(std::move(inside));
}

std::expected<Receipt, Failure> Session::call(const ContractId& id, std::string_view function, ByteView argument,
                                              std::uint64_t gas_limit) {
    const auto refused = [&](Failure failure) {
        if (inside_->trace) {
            inside_->trace->begin(id, function, argument.size(), gas_limit);
            inside_->trace->refused(failure);
        }
        return std::unexpected(std::move(failure));
    };
    if (inside_->broken) return refused(of_machine(*inside_->broken));
    if (function == "init") return refused(unknown(std::string(kNoFunction)));  // only a deployment calls it
    if (argument.size() > kArgumentBytes) return refused(unknown("the argument has more than 65536 bytes"));
    const auto callee = inside_->load(id);
    if (!callee) {
        inside_->end_top_level_call();
        return refused(callee.error());
    }
    if (*callee == nullptr) return refused(Failure{Failure::Kind::does_not_exist, {}});
    return inside_->top_level_call(**callee, function, argument, gas_limit);
}

std::expected<Receipt, Failure> Session::feed(const ContractId& id, std::string_view function, ByteView argument,
                                              std::uint64_t gas_limit, const Sink& sink) {
    inside_->sink = &sink;
    auto receipt = call(id, function, argument, gas_limit);
    inside_->sink = nullptr;
    return receipt;
}

void Session::public_sender(std::optional<base::ByteArray<208>> sender) {
    inside_->public_sender = sender;
}
void Session::hook(Hook hook) {
    inside_->hook = std::move(hook);
}

void Session::trace(CallTrace* trace) noexcept {
    inside_->trace = trace;
}

void Session::contract_lines(ContractLines take) {
    inside_->contract_lines = std::move(take);
}

void Session::know(std::string_view query, ByteView argument, Bytes answer) {
    inside_->known.push_front({std::string(query), base::to_bytes(argument), std::move(answer)});
    if (inside_->known.size() > kKnownAnswers) inside_->known.pop_back();
}

std::optional<ByteView> Session::owner(const ContractId& id) const {
    if (const auto found = inside_->contracts.find(id); found != inside_->contracts.end())
        return ByteView(*found->second.contract.owner);
    const Contract* contract = inside_->state->find(id);
    return contract ? std::optional(ByteView(*contract->owner)) : std::nullopt;
}

base::Result<void> Session::keep() {
    if (inside_->broken) return std::unexpected(*inside_->broken);
    bool is_first = true;
    for (auto& [id, contract] : inside_->contracts) {
        if (!contract.was_called) continue;
        if (auto kept = contract.memory().keep(); !kept) {
            if (!is_first) inside_->broken = kept.error();  // some contracts are kept, and this one is not
            return kept;
        }
        is_first = false;
        contract.was_called = false;
    }
    for (auto& [id, contract] : inside_->contracts) contract.is_deployment_kept = contract.is_new;
    return {};
}

void Session::undo() {
    for (auto each = inside_->contracts.begin(); each != inside_->contracts.end();) {
        LoadedContract& contract = each->second;
        if (contract.is_new && !contract.is_deployment_kept) {
            each = inside_->contracts.erase(each);
            continue;
        }
        if (contract.was_called) {
            if (auto undone = contract.memory().undo(); !undone) inside_->broken = undone.error();
            contract.was_called = false;
        }
        ++each;
    }
}

base::Result<Commit> Session::commit() && {
    SessionInside& in = *inside_;
    if (in.is_query) return base::failure(base::Error::Kind::invalid, "a query cannot commit");
    if (auto kept = keep(); !kept) return std::unexpected(std::move(kept.error()));
    Commit out;
    std::vector<State::Change> loaded;
    for (auto& [id, contract] : in.contracts) {
        const Image before = contract.contract.image;
        if (contract.space && (contract.is_new || contract.memory().has_kept())) {
            auto sealed = contract.memory().seal();
            if (!sealed) return std::unexpected(std::move(sealed.error()));
            Image& image = contract.contract.image = std::move(sealed->image);
            if (needs_compaction(image)) {
                auto compacted = compact(*in.machine.pages, image);
                if (!compacted) return std::unexpected(std::move(compacted.error()));
                image = std::move(*compacted);
            }
            for (std::size_t i = 0; i < sealed->pages.size(); ++i) {
                const std::uint32_t number = sealed->pages[i];
                out.pages.push_back({id, number, *image.page(number), sealed->changed[i]});
            }
            if (contract.is_new) out.deployed.push_back(id);
            if (contract.is_new || image.size_pages() != before.size_pages())
                out.resized.push_back({id, image.size_pages()});
        }
        loaded.push_back({id, contract.contract});
    }
    out.state = in.state->with(loaded);
    in.contracts.clear();
    in.machine.block_spaces->new_tip();
    in.machine.query_spaces->new_tip();
    inside_.reset();
    return out;
}

}  // namespace rues::vm
