#include <fmt/format.h>

#include "base/endian.hpp"
#include "crypto/secret.hpp"
#include "phoenix/circuits/transaction.hpp"

namespace rues::phoenix {
namespace {

constexpr std::size_t kOpeningSize = 32 + kTreeDepth * 4 * 32 + kTreeDepth * 4;
constexpr std::size_t kInputSize = kOpeningSize + kNoteBytes + 32 + 8 + 32 + 32 + 96;
constexpr std::size_t kOutputSize = 8 + 9 * 32;
constexpr std::size_t kOtherSize = 8 + 2 * 32 + 2 * 8 + 3 * 64;
static_assert(kInputSize == 2'778 && kOtherSize + kOutputs * kOutputSize == 872);

/// Reads fields one after another. A field that is not valid keeps its value, and makes `valid` false for good.
class Fields {
public:
    /// REQUIRES of every read: the bytes are there.
    explicit Fields(base::ByteView bytes) noexcept : rest_(bytes) {}

    bool valid() const noexcept { return valid_; }
    base::ByteView bytes(std::size_t size) noexcept {
        const auto out = rest_.first(size);
        rest_ = rest_.subspan(size);
        return out;
    }
    template <typename T>
    T integer() noexcept {
        return base::load_le<T>(bytes(sizeof(T)).data());
    }
    void read(Fr& out) { take(out, Fr::from_bytes(base::to_array<32>(bytes(32)))); }
    void read(Fl& out) { take(out, Fl::from_bytes(base::to_array<32>(bytes(32)))); }
    void read(JubJubAffine& out) { take(out, JubJubAffine::decode(bytes(32))); }
    void read(Note& out) { take(out, Note::decode(bytes(kNoteBytes))); }
    void require(bool holds) noexcept { valid_ = valid_ && holds; }

private:
    template <typename T>
    void take(T& out, const std::optional<T>& read) {
        if (read) {
            out = *read;
        } else {
            valid_ = false;
        }
    }

    base::ByteView rest_;
    bool valid_ = true;
};

void read(Fields& from, CircuitOpening& out) {
    from.read(out.root);
    for (auto& children : out.branch) {
        for (Fr& child : children) from.read(child);
    }
    for (std::uint32_t& position : out.positions) {
        position = from.integer<std::uint32_t>();
        from.require(position < out.branch[0].size());
    }
}

void read(Fields& from, CircuitInput& out) {
    read(from, out.opening);
    from.read(out.note);
    from.read(out.note_key_nums);
    out.value = from.integer<std::uint64_t>();
    from.read(out.value_blinder);
    from.read(out.nullifier);
    from.read(out.signature);
    from.read(out.nonce);
    from.read(out.nonce_nums);
}

void read(Fields& from, CircuitOutput& out) {
    out.value = from.integer<std::uint64_t>();
    from.read(out.value_commitment);
    from.read(out.value_blinder);
    from.read(out.note_key);
    from.read(out.sender.a.nonce);
    from.read(out.sender.a.masked);
    from.read(out.sender.b.nonce);
    from.read(out.sender.b.masked);
    from.read(out.sender_blinder_a);
    from.read(out.sender_blinder_b);
}

void read(Fields& from, TransactionWitness& out) {
    for (CircuitInput& input : out.inputs) read(from, input);
    for (CircuitOutput& output : out.outputs) read(from, output);
    from.read(out.payload_hash);
    from.read(out.root);
    out.deposit = from.integer<std::uint64_t>();
    out.max_fee = from.integer<std::uint64_t>();
    from.read(out.sender.a);
    from.read(out.sender.b);
    for (auto* signature : {&out.signature_a, &out.signature_b}) {
        from.read(signature->u);
        from.read(signature->nonce);
    }
}

void put(base::Writer& out, const JubJubAffine& point) {
    out.put(point.encode());
}

void put(base::Writer& out, const CircuitOpening& opening) {
    out.put(opening.root.bytes());
    for (const auto& children : opening.branch) {
        for (const Fr& child : children) out.put(child.bytes());
    }
    for (const std::uint32_t position : opening.positions) out.put(position);
}

void put(base::Writer& out, const CircuitInput& input) {
    put(out, input.opening);
    out.put(input.note.bytes());
    put(out, input.note_key_nums);
    out.put(input.value).put(input.value_blinder.bytes()).put(input.nullifier.bytes()).put(input.signature.bytes());
    put(out, input.nonce);
    put(out, input.nonce_nums);
}

void put(base::Writer& out, const CircuitOutput& output) {
    out.put(output.value);
    put(out, output.value_commitment);
    out.put(output.value_blinder.bytes());
    put(out, output.note_key);
    for (const auto* half : {&output.sender.a, &output.sender.b}) {
        put(out, half->nonce);
        put(out, half->masked);
    }
    out.put(output.sender_blinder_a.bytes()).put(output.sender_blinder_b.bytes());
}

std::unexpected<base::Error> bad_length(std::size_t found, std::uint64_t expected) {
    return base::failure(base::Error::Kind::invalid, fmt::format("BadLength({}, {})", found, expected));
}

std::unexpected<base::Error> invalid_data() {
    return base::failure(base::Error::Kind::invalid, "InvalidData");
}

}  // namespace

TransactionWitness::~TransactionWitness() {
    crypto::wipe(std::as_writable_bytes(std::span(inputs)));
    crypto::wipe(std::as_writable_bytes(std::span(outputs)));
    for (auto* signature : {&signature_a, &signature_b}) crypto::wipe(std::as_writable_bytes(std::span(signature, 1)));
}

TransactionWitness TransactionWitness::blank(std::size_t inputs) {
    TransactionWitness out;
    out.inputs.resize(inputs);
    return out;
}

base::Result<TransactionWitness> TransactionWitness::decode(base::ByteView bytes) {
    if (bytes.size() < 8) return bad_length(bytes.size(), 8);
    const auto count = base::load_le<std::uint64_t>(bytes.data());
    // For numbers beyond all circuits the network's product overflows in the same way.
    const std::uint64_t expected = kOtherSize + kOutputs * kOutputSize + count * kInputSize;
    if (bytes.size() < expected) return bad_length(bytes.size(), expected);
    if (count < 1 || count > kMaxInputs) return invalid_data();
    TransactionWitness out = blank(count);
    Fields fields(bytes.subspan(8));
    read(fields, out);
    if (!fields.valid()) return invalid_data();
    return out;
}

base::Bytes TransactionWitness::encode() const {
    // Memory of this size is reserved at once, so that no copy of the secrets is left behind.
    base::Writer out(8 + kOtherSize + kOutputs * kOutputSize + inputs.size() * kInputSize);
    out.put(std::uint64_t{inputs.size()});
    for (const CircuitInput& input : inputs) put(out, input);
    for (const CircuitOutput& output : outputs) put(out, output);
    out.put(payload_hash.bytes()).put(root.bytes()).put(deposit).put(max_fee).put(sender.bytes());
    for (const auto* signature : {&signature_a, &signature_b}) {
        out.put(signature->u.bytes());
        put(out, signature->nonce);
    }
    return out.take();
}

}  // namespace rues::phoenix
