#include "api/endpoints/file_answer.hpp"
#include "api/routes.hpp"
#include "chain/limits.hpp"
#include "wire/headers.hpp"
#include "wire/layouts.hpp"
#include "wire/version.hpp"

namespace rues::api::node {
namespace {

namespace layouts = wire::layouts;

constexpr std::uint64_t kNever = 18'446'744'073'709'551'615U;

/// A key that the contract wrote.
base::json::value account_of(const layouts::Key& key) {
    const auto compressed = crypto::PublicKey::compress_raw_trusted(key.bytes);
    return compressed ? base::json::base58(*compressed) : base::json::value(nullptr);
}

base::json::object provisioner(const layouts::StakeItem& stake) {
    using base::json::object;
    const auto amount = stake.data.amount.value_or(layouts::StakeAmount{});
    object owner;
    if (const auto* account = std::get_if<layouts::Key>(&stake.keys.owner)) {
        owner["Account"] = account_of(*account);
    } else {
        owner["Contract"] = base::json::hex(std::get<layouts::Id>(stake.keys.owner));
    }
    return object{{"amount", amount.value},
                  {"eligibility", amount.eligibility},
                  {"faults", stake.data.faults},
                  {"hard_faults", stake.data.hard_faults},
                  {"key", account_of(stake.keys.account)},
                  {"locked_amt", amount.locked},
                  {"owner", std::move(owner)},
                  {"reward", stake.data.reward}};
}

/// All stakes at a tip, as the contract's feeder gives them: in ascending order of the compressed keys.
Result<std::string> provisioners_text(const chain::TipState& tip) {
    base::json::array out;
    const auto fed = tip.feed(ledger::kStakeContract, "stakes", {}, [&out](base::ByteView item) {
        if (const auto stake = wire::rkyv::unarchive<layouts::StakeItem>(item)) out.push_back(provisioner(*stake));
        return true;
    });
    if (!fed) return std::unexpected(failure_of(fed.error(), ledger::kStakeContract, "stakes"));
    return base::json::print(out);
}

}  // namespace

/// Keys are sorted; the features are those of localnet (docs/reference/rusk-1.7.md 7.2), but that Phoenix may be off.
std::string info_text(const chain::Parameters& parameters) {
    using base::json::object;
    return base::json::print(
        object{{"bootstrapping_nodes", base::json::array{}},
               {"chain_id", parameters.chain_id},
               {"kadcast_address", "127.0.0.1:9000"},
               {"version", wire::kRuskVersion},
               {"version_build", wire::kRuskVersion},
               {"vm_config", object{{"block_gas_limit", parameters.block_gas_limit},
                                    {"features", object{{"ABI_PUBLIC_SENDER", 1},
                                                        {"BLOB", 1},
                                                        {"DISABLE_PHOENIX", parameters.phoenix ? kNever : 1},
                                                        {"DISABLE_WASM64", 1},
                                                        {"HARDFORK_AEGIS", 1},
                                                        {"HARDFORK_BOREAS", 1},
                                                        {"HQ_KECCAK256", 1},
                                                        {"HQ_SECP256K1_RECOVER", 1},
                                                        {"HQ_SHA256", 1},
                                                        {"HQ_VERIFY_KZG_PROOF", 1},
                                                        {"PLONK_V2", 1},
                                                        {"WASM_REFERENCE_TYPES", 1}}},
                                    {"gas_per_blob", chain::kGasPerBlob},
                                    {"gas_per_deploy_byte", chain::kGasPerDeployByte},
                                    {"generation_timeout", nullptr},
                                    {"min_deploy_points", chain::kMinDeployCharge},
                                    {"min_deployment_gas_price", chain::kMinDeployPrice}}}});
}

Result<Answer> info(const Context& context, Exchange&) {
    return JsonView{context.node_info};
}

Result<Answer> provisioners(const Context&, const Exchange&, const ContractState& state) {
    const auto text = state.text("provisioners", &provisioners_text);
    if (!text) return std::unexpected(text.error());
    return JsonShared{*text};
}

void crs(const Context& context, Exchange exchange) {
    if (!context.crs)
        return std::move(exchange).fail({ErrorCode::not_found, "no common reference string is configured"});
    exchange.extra.emplace_back("crs-hash", context.crs->tag);
    const bool in_hex = !wire::wants_binary(exchange.request.headers);
    send_file(context, std::move(exchange), *context.crs, {}, in_hex);
}

}  // namespace rues::api::node
