#include <cstdlib>

#include "base/encoding.hpp"
#include "phoenix/scan.hpp"

/// Notes, leaves and keys of Phoenix from foreign bytes: nothing crashes, and a decoded value is encoded to the bytes
/// it came from.
namespace {

using namespace rues;
using namespace rues::phoenix;

void require(bool holds) {
    if (!holds) std::abort();
}

const SecretKey& owner() {
    static const SecretKey key = SecretKey::derive({}, 0);
    return key;
}

void note(base::ByteView bytes) {
    const auto decoded = Note::decode(bytes);
    const auto checked = Note::decode_checked(bytes);
    require(!decoded || decoded == checked);
    if (!checked) return;
    require(base::equal(checked->bytes(), bytes));
    (void)checked->hash();
    (void)open(*checked, owner().view_key());
    if (decoded) (void)sender_of(*decoded, *owner().note_secret(decoded->stealth_address));
}

void leaves(base::ByteView bytes) {
    const auto leaf = Leaf::from_archive(bytes);
    if (leaf) require(Note::decode(leaf->note.bytes()) == leaf->note);
    const auto found = scan(owner().view_key(), bytes);
    require(found ? found->size() <= bytes.size() / kLeafBytes : found.error() <= bytes.size() / kLeafBytes);
}

void keys(base::ByteView bytes) {
    if (bytes.size() == 64) {
        if (const auto key = PublicKey::decode(bytes)) require(PublicKey::from_text(key->text()) == key);
        if (const auto address = StealthAddress::decode(bytes)) require(base::equal(address->bytes(), bytes));
        if (const auto key = ViewKey::decode(bytes)) require(base::equal(key->bytes(), bytes));
        if (const auto key = SecretKey::decode(bytes)) require(base::equal(key->bytes(), bytes));
    }
    (void)PublicKey::from_text(base::text(bytes));
    (void)ViewKey::from_text(base::text(bytes));
}

}  // namespace

/// The first byte chooses the decoder; the rest is its input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const base::ByteView input = std::as_bytes(std::span(data, size)).subspan(1);
    switch (data[0] % 3) {
    case 0:
        note(input);
        break;
    case 1:
        leaves(input);
        break;
    default:
        keys(input);
    }
    return 0;
}
