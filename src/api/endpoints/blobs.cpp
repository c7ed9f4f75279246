#include <fmt/format.h>

#include "api/routes.hpp"
#include "crypto/hash.hpp"

/// Blocks of this chain never contain blobs (docs/reference/differences.md 31), so every look-up answers 404.
/// docs/reference/protocol.md 8.6.
namespace rues::api::blobs {
namespace {

std::unexpected<Failure> none_of(base::ByteView versioned_hash) {
    return fail(ErrorCode::not_found,
                fmt::format("Blob with versioned hash {} not found", base::to_hex(versioned_hash)));
}

}  // namespace

Result<Answer> by_hash(const Context&, Exchange& exchange) {
    const auto hash = base::from_hex(exchange.entity);
    if (!hash) return fail(ErrorCode::invalid_input, "hash not hex");
    if (hash->size() != 32) return fail(ErrorCode::invalid_input, "hash length");
    return none_of(*hash);
}

Result<Answer> by_commitment(const Context&, Exchange& exchange) {
    const auto commitment = base::from_hex(exchange.entity);
    if (!commitment) return fail(ErrorCode::invalid_input, "commitment not hex");
    auto hash = crypto::sha256(*commitment);
    hash[0] = std::byte{1};  // the version
    return none_of(hash);
}

}  // namespace rues::api::blobs
