#include <fmt/format.h>

#include "api/routes.hpp"
#include "base/endian.hpp"
#include "crypto/kzg.hpp"
#include "wire/headers.hpp"

/// The sidecars of blobs in blocks, as long as they are kept (setting `blob-blocks`). docs/reference/protocol.md 8.6.
namespace rues::api::blobs {
namespace {

/// Commitment, proof and data as bytes; with a request in JSON, as an object of hex texts.
Result<Answer> look_up(const Exchange& exchange, const store::Snapshot& state, const base::Hash32& hash) {
    auto found = state.blob(hash);
    if (!found) return fail(ErrorCode::internal);  // the snapshot has failed, which `run` logs and answers
    if (!*found)
        return fail(ErrorCode::not_found, fmt::format("Blob with versioned hash {} not found", base::to_hex(hash)));
    const ledger::BlobSidecar& sidecar = **found;
    if (!wire::is_json_type(exchange.request.header("content-type"))) {
        return base::Writer(96 + sidecar.data.size())
            .put(base::ByteView(sidecar.commitment))
            .put(base::ByteView(sidecar.proof))
            .put(base::ByteView(sidecar.data))
            .take();
    }
    return JsonText{fmt::format(R"({{"commitment":"{}","data":"{}","proof":"{}"}})", base::to_hex(sidecar.commitment),
                                base::to_hex(sidecar.data), base::to_hex(sidecar.proof))};
}

}  // namespace

Result<Answer> by_hash(const Context&, const Exchange& exchange, const store::Snapshot& state) {
    const auto hash = base::from_hex(exchange.entity);
    if (!hash) return fail(ErrorCode::invalid_input, "hash not hex");
    if (hash->size() != 32) return fail(ErrorCode::invalid_input, "hash length");
    return look_up(exchange, state, base::to_array<32>(*hash));
}

Result<Answer> by_commitment(const Context&, const Exchange& exchange, const store::Snapshot& state) {
    const auto commitment = base::from_hex(exchange.entity);
    if (!commitment) return fail(ErrorCode::invalid_input, "commitment not hex");
    return look_up(exchange, state, crypto::versioned_hash(*commitment));
}

}  // namespace rues::api::blobs
