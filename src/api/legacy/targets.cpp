#include "api/legacy/targets.hpp"

#include "wire/path.hpp"

namespace rues::api::legacy {
namespace {

constexpr OldName kOldNames[] = {
    {"rusk", "preverify", "/on/transactions/preverify"},
    {"rusk", "provisioners", "/on/node/provisioners"},
    {"rusk", "crs", "/on/node/crs"},
    {"rusk", "prove_execute", "/on/prover/prove"},
    {"prover", "prove_execute", "/on/prover/prove"},
    {"Chain", "gql", "/on/graphql/query"},
    {"Chain", "propagate_tx", "/on/transactions/propagate"},
    {"Chain", "alive_nodes", "/on/network/peers"},
    {"Chain", "info", "/on/node/info"},
    {"Chain", "gas", "/on/blocks/gas-price"},
};

/// A path under `/on/`. What the client wrote becomes one segment each, whatever its characters.
std::string path(std::string_view component, std::string_view topic) {
    return std::string("/on/").append(component).append("/").append(wire::percent_encoded(topic));
}

}  // namespace

std::span<const OldName> old_names() {
    return kOldNames;
}

Result<std::string> path_of(wire::legacy::TargetType type, std::string_view target, std::string_view topic) {
    if (target.empty() || topic.empty()) return fail(ErrorCode::path_not_found);
    if (type == wire::legacy::TargetType::contract)
        return path(std::string("contracts:").append(wire::percent_encoded(target)), topic);
    bool is_old = false;
    for (const OldName& name : kOldNames) {
        if (name.host != target) continue;
        if (name.topic == topic) return std::string(name.path);
        is_old = target != "prover";  // which RUES has too, with topics of its own
    }
    if (is_old) return fail(ErrorCode::unsupported);
    return path(wire::percent_encoded(target), topic);
}

}  // namespace rues::api::legacy
