#include "crypto/groups.hpp"

#include <vector>

namespace rues::crypto {

G1Point::G1Point() noexcept : point_{}, compressed_{} {
    compressed_[0] = std::byte{0xc0};
}

G1Point::G1Point(const blst_p1_affine& of_the_subgroup) noexcept : point_(of_the_subgroup) {
    blst_p1_affine_compress(base::u8(compressed_), &point_);
}

std::optional<G1Point> G1Point::decode(base::ByteView compressed48) noexcept {
    if (compressed48.size() != 48) return std::nullopt;
    G1Point out;
    if (blst_p1_uncompress(&out.point_, base::u8(compressed48)) != BLST_SUCCESS) return std::nullopt;
    if (!blst_p1_affine_in_g1(&out.point_)) return std::nullopt;
    out.compressed_ = base::to_array<48>(compressed48);
    return out;
}

std::optional<blst_p2_affine> decode_g2(base::ByteView compressed96) noexcept {
    blst_p2_affine out;
    if (compressed96.size() != 96 || blst_p2_uncompress(&out, base::u8(compressed96)) != BLST_SUCCESS ||
        !blst_p2_affine_in_g2(&out)) {
        return std::nullopt;
    }
    return out;
}

blst_p1_affine affine(const blst_p1& point) noexcept {
    blst_p1_affine out;
    blst_p1_to_affine(&out, &point);
    return out;
}

bool product_is_one(std::span<const Pair> pairs) noexcept {
    std::vector<const blst_p1_affine*> ps;
    std::vector<const blst_p2_affine*> qs;
    for (const Pair& pair : pairs) {  // blst's loop cannot take the identity, whose pairing is one
        if (blst_p1_affine_is_inf(&pair.p) || blst_p2_affine_is_inf(&pair.q)) continue;
        ps.push_back(&pair.p);
        qs.push_back(&pair.q);
    }
    if (ps.empty()) return true;
    blst_fp12 product;
    blst_miller_loop_n(&product, qs.data(), ps.data(), ps.size());
    blst_final_exp(&product, &product);
    return blst_fp12_is_one(&product);
}

}  // namespace rues::crypto
