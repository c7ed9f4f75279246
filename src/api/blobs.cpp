#include <fmt/format.h>

#include "api/routes.hpp"

/// No blob can be in this chain (decisions 31), so none is ever found. RP 8.6.
namespace rues::api::blobs {
namespace {

void look_for(Call call, std::size_t size, std::string_view name, std::string_view long_name) {
    const auto id = base::from_hex(call.entity);
    if (!id || id->size() != size) {
        return std::move(call).fail({ErrorCode::invalid_input, fmt::format("{} not hex", name)});
    }
    const std::string what = fmt::format("Blob with {} {} not found", long_name, base::to_hex(*id));
    std::move(call).fail({ErrorCode::not_found, what});
}

}  // namespace

void by_hash(const Context&, Call call) {
    look_for(std::move(call), 32, "hash", "versioned hash");
}

void by_commitment(const Context&, Call call) {
    look_for(std::move(call), 48, "commitment", "commitment");
}

}  // namespace rues::api::blobs
