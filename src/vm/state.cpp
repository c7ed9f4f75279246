#include "vm/state.hpp"

#include <algorithm>
#include <utility>

#include "base/encoding.hpp"
#include "base/endian.hpp"
#include "crypto/hash.hpp"
#include "vm/machine.hpp"

namespace rues::vm {
namespace {

std::size_t shard_of(const ContractId& id) noexcept {
    return std::to_integer<std::size_t>(id[0]);
}

}  // namespace

Bytecode::Bytecode(Bytes code) : bytes(std::move(code)), hash(crypto::blake3(bytes)) {}

std::uint32_t leaf_key(const ContractId& id) noexcept {
    std::uint32_t sum = 0;
    for (std::size_t at = 0; at < id.size(); at += 4) sum += base::load_le<std::uint32_t>(id.data() + at);
    return sum;
}

std::shared_ptr<const State> State::empty() {
    auto state = std::make_shared<State>();
    state->positions_ = std::make_shared<const Positions>();
    state->root_ = state->tree_.root();
    return state;
}

const Contract* State::find(const ContractId& id) const noexcept {
    const auto& shard = shards_[shard_of(id)];
    if (!shard) return nullptr;
    const auto found = shard->find(id);
    return found == shard->end() ? nullptr : &found->second;
}

void State::each(const std::function<void(const ContractId&, const Contract&)>& visit) const {
    for (const auto& shard : shards_) {
        if (!shard) continue;
        for (const auto& [id, contract] : *shard) visit(id, contract);
    }
}

std::shared_ptr<const State> State::with(std::span<const Change> loaded) const {
    auto next = std::make_shared<State>(*this);
    std::shared_ptr<Positions> positions;  // copied when the first contract is new
    std::array<std::shared_ptr<Shard>, 256> shards;
    std::map<std::uint32_t, Hash32> leaves;
    for (const Change& change : loaded) {
        const std::uint32_t key = leaf_key(change.id);
        const auto& known = positions ? *positions : *positions_;
        auto position = known.find(key);
        if (position == known.end()) {
            if (!positions) positions = std::make_shared<Positions>(*positions_);
            position = positions->emplace(key, static_cast<std::uint32_t>(positions->size() + 1)).first;
        }
        // Of contracts that share a leaf, the last one that the block loaded sets it.
        leaves[position->second] = change.contract.image.root();

        const Contract* before = find(change.id);
        if (before && before->image == change.contract.image) continue;
        auto& shard = shards[shard_of(change.id)];
        const auto& old = shards_[shard_of(change.id)];
        if (!shard) shard = old ? std::make_shared<Shard>(*old) : std::make_shared<Shard>();
        Contract& contract = (*shard)[change.id] = change.contract;
        contract.position = position->second;
        if (!before) ++next->contracts_;
    }
    for (std::size_t i = 0; i < shards.size(); ++i)
        if (shards[i]) next->shards_[i] = std::move(shards[i]);
    if (positions) next->positions_ = std::move(positions);

    std::vector<StateTree::Leaf> changed;
    for (const auto& [position, root] : leaves) {
        const Hash32* before = tree_.leaf(position);
        if (!before || *before != root) changed.push_back({position, root});
    }
    if (!changed.empty()) next->tree_ = tree_.with(changed);
    next->root_ = next->tree_.root();
    return next;
}

StateBuilder::StateBuilder(Machine& machine) : file_(machine.pages()) {}

base::Result<void> StateBuilder::add_contract(const ContractId& id, Bytes code, Bytes owner, bool memory64,
                                              std::uint32_t position, std::uint32_t size_pages) {
    if (auto closed = close(); !closed) return closed;
    const auto refuse = [&](std::string_view why) {
        return base::failure(base::Error::Kind::corrupt, "contract " + base::to_hex(id) + " " + std::string(why));
    };
    if (contracts_.contains(id)) return refuse("is stored twice");
    const auto [leaf, is_new] = positions_.emplace(leaf_key(id), position);
    if (leaf->second != position) return refuse("has another position than a contract with the same leaf");
    open_.emplace(Part{});
    open_->id = id;
    open_->contract = {std::make_shared<const Bytecode>(std::move(code)),
                       std::make_shared<const Bytes>(std::move(owner)), position,
                       Image(memory64 ? Image::Memory::memory64 : Image::Memory::wasm32)};
    open_->size_pages = size_pages;
    return {};
}

base::Result<void> StateBuilder::add_page(std::uint32_t number, ByteView bytes, const Hash32& hash) {
    if (!open_) return base::failure(base::Error::Kind::corrupt, "a stored page has no contract");
    if (bytes.size() != kPage) return base::failure(base::Error::Kind::corrupt, "a stored page has another size");
    auto page = file_->add(bytes, hash);
    if (!page) return std::unexpected(std::move(page.error()));
    open_->pages.push_back({number, std::move(*page)});
    return {};
}

base::Result<void> StateBuilder::close() {
    if (!open_) return {};
    auto image = Image::make(open_->contract.image.memory(), open_->size_pages, open_->pages);
    if (!image) return std::unexpected(std::move(image.error()));
    open_->contract.image = std::move(*image);
    contracts_.emplace(open_->id, std::move(open_->contract));
    open_.reset();
    return {};
}

base::Result<std::shared_ptr<const State>> StateBuilder::finish(const Hash32& root) && {
    if (auto closed = close(); !closed) return std::unexpected(std::move(closed.error()));
    auto state = std::make_shared<State>();
    std::array<std::shared_ptr<State::Shard>, 256> shards;
    std::map<std::uint32_t, std::vector<Hash32>> leaves;
    for (auto& [id, contract] : contracts_) {
        leaves[contract.position].push_back(contract.image.root());
        auto& shard = shards[shard_of(id)];
        if (!shard) shard = std::make_shared<State::Shard>();
        shard->emplace(id, std::move(contract));
        ++state->contracts_;
    }
    if (!leaves.empty() && (leaves.begin()->first != 1 || std::prev(leaves.end())->first != leaves.size()))
        return base::failure(base::Error::Kind::corrupt, "the stored contracts' positions have gaps");
    std::ranges::move(shards, state->shards_.begin());
    state->positions_ = std::make_shared<const State::Positions>(std::move(positions_));

    std::vector<StateTree::Leaf> tree;
    std::size_t combinations = 1;
    for (const auto& [position, roots] : leaves) {
        tree.push_back({position, roots.front()});
        combinations = std::min(combinations * roots.size(), kMaxTries);
    }
    for (std::size_t choice = 0; choice < combinations; ++choice) {
        std::size_t rest = choice;
        std::size_t at = 0;
        for (const auto& [position, roots] : leaves) {
            tree[at++].root = roots[rest % roots.size()];
            rest /= roots.size();
        }
        state->tree_ = tree.empty() ? StateTree() : StateTree().with(tree);
        state->root_ = state->tree_.root();
        if (state->root_ == root) return state;
    }
    return base::failure(base::Error::Kind::corrupt,
                         "the stored pages do not have the state hash " + base::to_hex(root));
}

}  // namespace rues::vm
