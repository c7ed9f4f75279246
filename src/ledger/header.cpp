#include <fmt/format.h>

#include "base/endian.hpp"
#include "crypto/hash.hpp"
#include "ledger/block.hpp"

/// Header bytes and JSON (docs/reference/ledger.md 10.1, 10.3, 10.6).
namespace rues::ledger {
namespace {

using base::json::array;
using base::json::object;
using base::json::value;

bool carries_hash(Vote::Kind kind) {
    return kind == Vote::Kind::valid || kind == Vote::Kind::invalid;
}

void put(base::Writer& out, const Attestation& a) {
    out.put(std::uint8_t{a.success}).put(static_cast<std::uint8_t>(a.vote.kind));
    if (carries_hash(a.vote.kind)) out.put(ByteView(a.vote.hash));
    for (const StepVotes* votes : {&a.validation, &a.ratification})
        out.put(votes->bitset).put(ByteView(votes->signature));
}

template <typename T>
bool take(base::Reader& in, T& out) {
    const auto found = in.take<T>();
    if (found) out = *found;
    return found.has_value();
}
template <std::size_t N>
bool take(base::Reader& in, ByteArray<N>& out) {
    const auto found = in.take_array<N>();
    if (found) out = *found;
    return found.has_value();
}

bool take(base::Reader& in, Attestation& out) {
    std::uint8_t success = 0;
    std::uint8_t kind = 0;
    if (!take(in, success) || success > 1 || !take(in, kind) || kind > 3) return false;
    out.success = success == 1;
    out.vote.kind = static_cast<Vote::Kind>(kind);
    if (carries_hash(out.vote.kind) && !take(in, out.vote.hash)) return false;
    return take(in, out.validation.bitset) && take(in, out.validation.signature) && take(in, out.ratification.bitset) &&
           take(in, out.ratification.signature);
}

object votes_json(const StepVotes& votes) {
    return {{"bitset", votes.bitset}, {"aggregate_signature", base::json::hex(votes.signature)}};
}

value vote_json(const Vote& vote) {
    switch (vote.kind) {
    case Vote::Kind::no_candidate:
        return "NoCandidate";
    case Vote::Kind::valid:
        return object{{"Valid", base::json::hex(vote.hash)}};
    case Vote::Kind::invalid:
        return object{{"Invalid", base::json::hex(vote.hash)}};
    case Vote::Kind::no_quorum:
        break;
    }
    return "NoQuorum";
}

object attestation_json(const Attestation& a) {
    return {{"result", vote_json(a.vote)},
            {"validation", votes_json(a.validation)},
            {"ratification", votes_json(a.ratification)}};
}

array iterations_json(const Header& header) {
    array out;
    for (const auto& iteration : header.failed_iterations) {
        if (iteration) {
            out.push_back(array{attestation_json(iteration->attestation), base::json::base58(iteration->generator)});
        } else {
            out.push_back(nullptr);
        }
    }
    return out;
}

/// Reads members of an object and keeps the first one that is missing or malformed.
class JsonSource {
public:
    explicit JsonSource(const object& from) : from_(from) {}

    const value* member(std::string_view key) {
        const auto* found = from_.if_contains(key);
        if (found == nullptr) fail(key);
        return found;
    }
    template <typename T>
    void number(std::string_view key, T& out) {
        const auto* found = member(key);
        if (found == nullptr) return;
        boost::system::error_code error;
        const auto n = found->to_number<T>(error);
        if (error) return fail(key);
        out = n;
    }
    template <std::size_t N>
    void hex(std::string_view key, ByteArray<N>& out) {
        const auto* found = member(key);
        const auto* text = found != nullptr ? found->if_string() : nullptr;
        const auto bytes = text != nullptr ? base::array_from_hex<N>(*text) : std::nullopt;
        if (!bytes) return fail(key);
        out = *bytes;
    }
    void account(std::string_view key, AccountKey& out) {
        const auto* found = member(key);
        if (found != nullptr && !read_account(*found, out)) fail(key);
    }
    static bool read_account(const value& from, AccountKey& out) {
        const auto* text = from.if_string();
        const auto bytes = text != nullptr ? base::from_base58(*text) : std::nullopt;
        if (!bytes || bytes->size() != 96) return false;
        out = base::to_array<96>(*bytes);
        return true;
    }
    void fail(std::string_view key) {
        if (problem_.empty()) problem_ = fmt::format("header member {} is missing or of the wrong form", key);
    }
    const std::string& problem() const { return problem_; }

private:
    const object& from_;
    std::string problem_;
};

bool read_attestation(const value& from, Attestation& out) {
    const auto* o = from.if_object();
    if (o == nullptr) return false;
    JsonSource in(*o);
    if (const auto* result = in.member("result"); result != nullptr && result->is_string()) {
        out.vote.kind = result->as_string() == "NoCandidate" ? Vote::Kind::no_candidate : Vote::Kind::no_quorum;
    } else if (result != nullptr && result->is_object()) {
        JsonSource vote(result->as_object());
        const bool valid = result->as_object().contains("Valid");
        out.vote.kind = valid ? Vote::Kind::valid : Vote::Kind::invalid;
        vote.hex(valid ? "Valid" : "Invalid", out.vote.hash);
        if (!vote.problem().empty()) return false;
        out.success = valid;  // the JSON does not contain it; the certificate of a valid block is a success
    } else {
        return false;
    }
    for (const auto& [key, votes] :
         {std::pair("validation", &out.validation), std::pair("ratification", &out.ratification)}) {
        const auto* member = in.member(key);
        if (member == nullptr || !member->is_object()) return false;
        JsonSource inner(member->as_object());
        inner.number("bitset", votes->bitset);
        inner.hex("aggregate_signature", votes->signature);
        if (!inner.problem().empty()) return false;
    }
    return true;
}

bool read_iterations(const value& from, Header& out) {
    const auto* list = from.if_array();
    if (list == nullptr || list->size() > 255) return false;  // the count is one byte
    for (const value& item : *list) {
        auto& iteration = out.failed_iterations.emplace_back();
        if (item.is_null()) continue;
        const auto* pair = item.if_array();
        if (pair == nullptr || pair->size() != 2) return false;
        auto& failed = iteration.emplace();
        if (!read_attestation((*pair)[0], failed.attestation) ||
            !JsonSource::read_account((*pair)[1], failed.generator)) {
            return false;
        }
    }
    return true;
}

}  // namespace

Bytes Header::hashable() const {
    base::Writer out(768);
    out.put(version)
        .put(height)
        .put(timestamp)
        .put(ByteView(prev_block_hash))
        .put(ByteView(seed))
        .put(ByteView(state_hash));
    out.put(ByteView(event_bloom))
        .put(ByteView(generator))
        .put(ByteView(txroot))
        .put(ByteView(faultroot))
        .put(gas_limit);
    out.put(iteration);
    put(out, prev_block_cert);
    out.put(static_cast<std::uint8_t>(failed_iterations.size()));
    for (const auto& failed : failed_iterations) {
        out.put(std::uint8_t{failed.has_value()});
        if (!failed) continue;
        put(out, failed->attestation);
        out.put(ByteView(failed->generator));
    }
    return out.take();
}

Hash32 Header::compute_hash() const {
    return crypto::sha3_256(hashable());
}

Bytes Header::encode() const {
    base::Writer out(1024);
    out.put(ByteView(hashable()));
    put(out, attestation);
    out.put(ByteView(hash)).put(ByteView(signature));
    return out.take();
}

std::optional<Header> Header::decode(ByteView bytes) {
    base::Reader in(bytes);
    Header h;
    std::uint8_t failed = 0;
    if (!take(in, h.version) || !take(in, h.height) || !take(in, h.timestamp) || !take(in, h.prev_block_hash) ||
        !take(in, h.seed) || !take(in, h.state_hash) || !take(in, h.event_bloom) || !take(in, h.generator) ||
        !take(in, h.txroot) || !take(in, h.faultroot) || !take(in, h.gas_limit) || !take(in, h.iteration) ||
        !take(in, h.prev_block_cert) || !take(in, failed)) {
        return std::nullopt;
    }
    for (; failed > 0; --failed) {
        auto& entry = h.failed_iterations.emplace_back();
        std::uint8_t present = 0;
        if (!take(in, present) || present > 1) return std::nullopt;
        if (present == 0) continue;
        auto& iteration = entry.emplace();
        if (!take(in, iteration.attestation) || !take(in, iteration.generator)) return std::nullopt;
    }
    if (!take(in, h.attestation) || !take(in, h.hash) || !take(in, h.signature) || !in.empty()) return std::nullopt;
    return h;
}

object Header::to_json_declared() const {
    return {{"version", version},
            {"height", height},
            {"timestamp", timestamp},
            {"prev_block_hash", base::json::hex(prev_block_hash)},
            {"seed", base::json::hex(seed)},
            {"state_hash", base::json::hex(state_hash)},
            {"event_bloom", base::json::hex(event_bloom)},
            {"generator_bls_pubkey", base::json::base58(generator)},
            {"txroot", base::json::hex(txroot)},
            {"faultroot", base::json::hex(faultroot)},
            {"gas_limit", gas_limit},
            {"iteration", iteration},
            {"prev_block_cert", attestation_json(prev_block_cert)},
            {"failed_iterations", iterations_json(*this)},
            {"hash", base::json::hex(hash)},
            {"signature", base::json::hex(signature)}};
}

object Header::to_json() const {
    return base::json::sorted(to_json_declared()).as_object();
}

std::expected<Header, std::string> Header::from_json(const object& json) {
    Header h;
    JsonSource in(json);
    in.number("version", h.version);
    in.number("height", h.height);
    in.number("timestamp", h.timestamp);
    in.hex("prev_block_hash", h.prev_block_hash);
    in.hex("seed", h.seed);
    in.hex("state_hash", h.state_hash);
    in.hex("event_bloom", h.event_bloom);
    in.account("generator_bls_pubkey", h.generator);
    in.hex("txroot", h.txroot);
    in.hex("faultroot", h.faultroot);
    in.number("gas_limit", h.gas_limit);
    in.number("iteration", h.iteration);
    in.hex("hash", h.hash);
    in.hex("signature", h.signature);
    if (const auto* cert = in.member("prev_block_cert");
        cert != nullptr && !read_attestation(*cert, h.prev_block_cert)) {
        in.fail("prev_block_cert");
    }
    if (const auto* failed = in.member("failed_iterations"); failed != nullptr && !read_iterations(*failed, h)) {
        in.fail("failed_iterations");
    }
    if (!in.problem().empty()) return std::unexpected(in.problem());
    return h;
}

}  // namespace rues::ledger
