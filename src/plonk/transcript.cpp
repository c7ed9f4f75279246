#include "plonk/transcript.hpp"

#include <utility>

#include "base/endian.hpp"

namespace rues::plonk {
namespace {

/// The bytes of the state that operations use: 200, less 32 for a security of 128 bits, less two for the padding.
constexpr std::uint8_t kRate = 166;

// STROBE's flags of an operation: inbound, application, cipher, meta.
constexpr std::uint8_t kI = 1;
constexpr std::uint8_t kA = 2;
constexpr std::uint8_t kC = 4;
constexpr std::uint8_t kM = 16;

constexpr std::uint8_t kMetaAd = kM | kA;
constexpr std::uint8_t kAd = kA;
constexpr std::uint8_t kPrf = kI | kA | kC;

}  // namespace

Transcript::Transcript(base::ByteView label) noexcept {
    constexpr std::string_view kStart{"\x01\xa8\x01\x00\x01\x60STROBEv1.0.2", 18};  // 0xa8 = kRate + 2, 0x60 = 96 bits
    std::ranges::copy(base::view(kStart), std::as_writable_bytes(std::span(state_)).begin());
    crypto::keccak_f1600(state_);
    begin(kMetaAd);
    absorb(base::view("Merlin v1.0"));
    append("dom-sep", label);
}

void Transcript::append(std::string_view label, base::ByteView message) noexcept {
    begin_with_length(label, message.size());
    begin(kAd);
    absorb(message);
}

void Transcript::append(std::string_view label, const Fr& scalar) noexcept {
    append(label, base::ByteView(scalar.bytes()));
}

void Transcript::append(std::string_view label, const G1Point& point) noexcept {
    append(label, base::ByteView(point.bytes()));
}

void Transcript::append(std::string_view label, std::uint64_t integer) noexcept {
    base::ByteArray<8> bytes;
    base::store_le(bytes.data(), integer);
    append(label, base::ByteView(bytes));
}

void Transcript::challenge(std::string_view label, std::span<std::byte> out) noexcept {
    begin_with_length(label, out.size());
    begin(kPrf);
    for (std::byte& byte : out) {
        byte = std::exchange(at(position_), std::byte{0});
        step();
    }
}

Fr Transcript::challenge(std::string_view label) noexcept {
    base::ByteArray<64> wide;
    challenge(label, wide);
    return Fr::from_wide(wide);
}

/// Begins an operation. An operation that returns bytes starts a new block.
void Transcript::begin(std::uint8_t flags) noexcept {
    const std::byte head[] = {std::byte{operation_begin_}, std::byte{flags}};
    operation_begin_ = position_ + 1;
    absorb(head);
    if ((flags & kC) != 0 && position_ != 0) permute();
}

/// The label and the length are one operation.
void Transcript::begin_with_length(std::string_view label, std::size_t length) noexcept {
    base::ByteArray<4> bytes;
    base::store_le(bytes.data(), static_cast<std::uint32_t>(length));
    begin(kMetaAd);
    absorb(base::view(label));
    absorb(bytes);
}

void Transcript::absorb(base::ByteView bytes) noexcept {
    for (const std::byte byte : bytes) {
        at(position_) ^= byte;
        step();
    }
}

void Transcript::step() noexcept {
    if (++position_ == kRate) permute();
}

void Transcript::permute() noexcept {
    at(position_) ^= std::byte{operation_begin_};
    at(position_ + 1U) ^= std::byte{0x04};
    at(kRate + 1) ^= std::byte{0x80};
    crypto::keccak_f1600(state_);
    position_ = 0;
    operation_begin_ = 0;
}

std::byte& Transcript::at(std::size_t position) noexcept {
    return std::as_writable_bytes(std::span(state_))[position];
}

}  // namespace rues::plonk
