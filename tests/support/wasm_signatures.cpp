#include "support/wasm_signatures.hpp"

namespace rues::wasm::test {
namespace {

using Guard = Signature::Guard;

struct Range {
    std::uint32_t first, last;
    std::string_view parameters;
    char result;
    Guard guard = Guard::none;
};

// The order is that of the opcodes.
constexpr Range kScalar[] = {
    {0x45, 0x45, "i", 'i'},
    {0x46, 0x4f, "ii", 'i'},
    {0x50, 0x50, "l", 'i'},
    {0x51, 0x5a, "ll", 'i'},
    {0x5b, 0x60, "ff", 'i'},
    {0x61, 0x66, "dd", 'i'},
    {0x67, 0x69, "i", 'i'},
    {0x6a, 0x6c, "ii", 'i'},
    {0x6d, 0x70, "ii", 'i', Guard::divisor},
    {0x71, 0x78, "ii", 'i'},
    {0x79, 0x7b, "l", 'l'},
    {0x7c, 0x7e, "ll", 'l'},
    {0x7f, 0x82, "ll", 'l', Guard::divisor},
    {0x83, 0x8a, "ll", 'l'},
    {0x8b, 0x91, "f", 'f'},
    {0x92, 0x98, "ff", 'f'},
    {0x99, 0x9f, "d", 'd'},
    {0xa0, 0xa6, "dd", 'd'},
    {0xa7, 0xa7, "l", 'i'},
    {0xa8, 0xa9, "f", 'i', Guard::small_float},
    {0xaa, 0xab, "d", 'i', Guard::small_float},
    {0xac, 0xad, "i", 'l'},
    {0xae, 0xaf, "f", 'l', Guard::small_float},
    {0xb0, 0xb1, "d", 'l', Guard::small_float},
    {0xb2, 0xb3, "i", 'f'},
    {0xb4, 0xb5, "l", 'f'},
    {0xb6, 0xb6, "d", 'f'},
    {0xb7, 0xb8, "i", 'd'},
    {0xb9, 0xba, "l", 'd'},
    {0xbb, 0xbb, "f", 'd'},
    {0xbc, 0xbc, "f", 'i'},
    {0xbd, 0xbd, "d", 'l'},
    {0xbe, 0xbe, "i", 'f'},
    {0xbf, 0xbf, "l", 'd'},
    {0xc0, 0xc1, "i", 'i'},
    {0xc2, 0xc4, "l", 'l'},
};

constexpr Range kSaturating[] = {
    {0, 1, "f", 'i'},
    {2, 3, "d", 'i'},
    {4, 5, "f", 'l'},
    {6, 7, "d", 'l'},
};

constexpr Range kVector[] = {
    {0x0e, 0x0e, "vv", 'v'},    {0x0f, 0x11, "i", 'v'},   {0x12, 0x12, "l", 'v'},     {0x13, 0x13, "f", 'v'},
    {0x14, 0x14, "d", 'v'},     {0x23, 0x4c, "vv", 'v'},  {0x4d, 0x4d, "v", 'v'},     {0x4e, 0x51, "vv", 'v'},
    {0x52, 0x52, "vvv", 'v'},   {0x53, 0x53, "v", 'i'},   {0x5e, 0x62, "v", 'v'},     {0x63, 0x64, "v", 'i'},
    {0x65, 0x66, "vv", 'v'},    {0x67, 0x6a, "v", 'v'},   {0x6b, 0x6d, "vi", 'v'},    {0x6e, 0x73, "vv", 'v'},
    {0x74, 0x75, "v", 'v'},     {0x76, 0x79, "vv", 'v'},  {0x7a, 0x7a, "v", 'v'},     {0x7b, 0x7b, "vv", 'v'},
    {0x7c, 0x81, "v", 'v'},     {0x82, 0x82, "vv", 'v'},  {0x83, 0x84, "v", 'i'},     {0x85, 0x86, "vv", 'v'},
    {0x87, 0x8a, "v", 'v'},     {0x8b, 0x8d, "vi", 'v'},  {0x8e, 0x93, "vv", 'v'},    {0x94, 0x94, "v", 'v'},
    {0x95, 0x99, "vv", 'v'},    {0x9b, 0x9f, "vv", 'v'},  {0xa0, 0xa1, "v", 'v'},     {0xa3, 0xa4, "v", 'i'},
    {0xa7, 0xaa, "v", 'v'},     {0xab, 0xad, "vi", 'v'},  {0xae, 0xae, "vv", 'v'},    {0xb1, 0xb1, "vv", 'v'},
    {0xb5, 0xba, "vv", 'v'},    {0xbc, 0xbf, "vv", 'v'},  {0xc0, 0xc1, "v", 'v'},     {0xc3, 0xc4, "v", 'i'},
    {0xc7, 0xca, "v", 'v'},     {0xcb, 0xcd, "vi", 'v'},  {0xce, 0xce, "vv", 'v'},    {0xd1, 0xd1, "vv", 'v'},
    {0xd5, 0xdf, "vv", 'v'},    {0xe0, 0xe1, "v", 'v'},   {0xe3, 0xe3, "v", 'v'},     {0xe4, 0xeb, "vv", 'v'},
    {0xec, 0xed, "v", 'v'},     {0xef, 0xef, "v", 'v'},   {0xf0, 0xf7, "vv", 'v'},    {0xf8, 0xff, "v", 'v'},
    {0x100, 0x100, "vv", 'v'},  {0x101, 0x104, "v", 'v'}, {0x105, 0x10c, "vvv", 'v'}, {0x10d, 0x112, "vv", 'v'},
    {0x113, 0x113, "vvv", 'v'},
};

struct Lane {
    std::uint32_t number;
    std::string_view parameters;
    char result;
    std::uint8_t lanes;
};

constexpr Lane kLanes[] = {
    {0x15, "v", 'i', 16}, {0x16, "v", 'i', 16}, {0x17, "vi", 'v', 16}, {0x18, "v", 'i', 8},  {0x19, "v", 'i', 8},
    {0x1a, "vi", 'v', 8}, {0x1b, "v", 'i', 4},  {0x1c, "vi", 'v', 4},  {0x1d, "v", 'l', 2},  {0x1e, "vl", 'v', 2},
    {0x1f, "v", 'f', 4},  {0x20, "vf", 'v', 4}, {0x21, "v", 'd', 2},   {0x22, "vd", 'v', 2},
};

struct Access {
    std::uint32_t first, last;
    std::string_view parameters;
    char result;
    std::uint8_t width;
};

constexpr Access kScalarAccess[] = {
    {0x28, 0x28, "p", 'i', 4}, {0x29, 0x29, "p", 'l', 8}, {0x2a, 0x2a, "p", 'f', 4}, {0x2b, 0x2b, "p", 'd', 8},
    {0x2c, 0x2d, "p", 'i', 1}, {0x2e, 0x2f, "p", 'i', 2}, {0x30, 0x31, "p", 'l', 1}, {0x32, 0x33, "p", 'l', 2},
    {0x34, 0x35, "p", 'l', 4}, {0x36, 0x36, "pi", 0, 4},  {0x37, 0x37, "pl", 0, 8},  {0x38, 0x38, "pf", 0, 4},
    {0x39, 0x39, "pd", 0, 8},  {0x3a, 0x3a, "pi", 0, 1},  {0x3b, 0x3b, "pi", 0, 2},  {0x3c, 0x3c, "pl", 0, 1},
    {0x3d, 0x3d, "pl", 0, 2},  {0x3e, 0x3e, "pl", 0, 4},
};

constexpr Access kVectorAccess[] = {
    {0x00, 0x00, "p", 'v', 16}, {0x01, 0x06, "p", 'v', 8}, {0x07, 0x07, "p", 'v', 1},
    {0x08, 0x08, "p", 'v', 2},  {0x09, 0x09, "p", 'v', 4}, {0x0a, 0x0a, "p", 'v', 8},
    {0x0b, 0x0b, "pv", 0, 16},  {0x5c, 0x5c, "p", 'v', 4}, {0x5d, 0x5d, "p", 'v', 8},
};

void add_vectors(std::vector<Signature>& out) {
    for (const Range& range : kVector)
        for (std::uint32_t number = range.first; number <= range.last; ++number)
            out.push_back({op::vector(number), range.parameters, range.result});
    for (const Lane& lane : kLanes)
        out.push_back({op::vector(lane.number), lane.parameters, lane.result, Guard::none, 0, lane.lanes});
    for (const Access& access : kVectorAccess)
        for (std::uint32_t number = access.first; number <= access.last; ++number)
            out.push_back({op::vector(number), access.parameters, access.result, Guard::address, access.width});
    for (std::uint32_t i = 0; i < 4; ++i) {
        const auto width = static_cast<std::uint8_t>(1U << i);
        const auto lanes = static_cast<std::uint8_t>(16U >> i);
        out.push_back({op::vector(0x54 + i), "pv", 'v', Guard::address, width, lanes});
        out.push_back({op::vector(0x58 + i), "pv", 0, Guard::address, width, lanes});
    }
    out.push_back({op::vector(0x0c), "", 'v', Guard::none, 0, 0, 16});    // v128.const
    out.push_back({op::vector(0x0d), "vv", 'v', Guard::none, 0, 0, 16});  // i8x16.shuffle
}

}  // namespace

std::vector<Signature> signatures(bool vectors) {
    std::vector<Signature> out;
    for (const Range& range : kScalar)
        for (std::uint32_t number = range.first; number <= range.last; ++number)
            out.push_back({code(number), range.parameters, range.result, range.guard});
    for (const Range& range : kSaturating)
        for (std::uint32_t number = range.first; number <= range.last; ++number)
            out.push_back({op::bulk(number), range.parameters, range.result});
    for (const Access& access : kScalarAccess)
        for (std::uint32_t number = access.first; number <= access.last; ++number)
            out.push_back({code(number), access.parameters, access.result, Guard::address, access.width});
    if (vectors) add_vectors(out);
    return out;
}

}  // namespace rues::wasm::test
