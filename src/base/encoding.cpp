#include "base/encoding.hpp"

#include <algorithm>
#include <bit>
#include <charconv>

#include "base/endian.hpp"

namespace rues::base {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kMaxBase58 = 512;
/// Base 58 is converted in large digits: the 131 characters of an account take some dozen steps over a dozen digits
/// instead of 131 steps over 96. Encoding divides, and 58^5 is the largest digit whose division is cheap. Decoding
/// multiplies, so one digit can hold ten characters.
constexpr std::size_t kBase58GroupDigits = 5;
constexpr std::uint64_t kBase58Group = 58ULL * 58 * 58 * 58 * 58;
constexpr std::size_t kBase58WordDigits = 10;
constexpr std::uint64_t kBase58Word = kBase58Group * kBase58Group;
__extension__ using Wide = unsigned __int128;

template <std::size_t N>
constexpr std::array<std::int8_t, 256> inverse(std::string_view alphabet) {
    std::array<std::int8_t, 256> out{};
    out.fill(-1);
    for (std::size_t i = 0; i < N; ++i) out[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
    return out;
}

constexpr auto kBase58Value = inverse<58>(kBase58);
constexpr auto kBase64Value = inverse<64>(kBase64);

constexpr int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::string to_hex(ByteView bytes) {
    std::string out(bytes.size() * 2, '0');
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        out[2 * i] = kHexDigits[static_cast<std::size_t>(bytes[i] >> 4)];
        out[2 * i + 1] = kHexDigits[static_cast<std::size_t>(bytes[i] & std::byte{15})];
    }
    return out;
}

std::optional<Bytes> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    Bytes out(text.size() / 2);
    for (std::size_t i = 0; i < out.size(); ++i) {
        const int high = hex_value(text[2 * i]);
        const int low = hex_value(text[2 * i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        out[i] = static_cast<std::byte>(high << 4 | low);
    }
    return out;
}

std::string to_base58(ByteView bytes) {
    const auto zeros = static_cast<std::size_t>(
        std::ranges::find_if(bytes, [](std::byte b) { return b != std::byte{0}; }) - bytes.begin());
    std::vector<std::uint32_t> groups;  // each holds five digits; least significant first
    // Takes four bytes at a time. The first group may be shorter, so that all later groups have four.
    std::uint64_t word = 0;
    for (std::size_t left = bytes.size() - zeros; const std::byte b : bytes.subspan(zeros)) {
        word = word << 8 | std::to_integer<std::uint64_t>(b);
        if (--left % 4 != 0) continue;
        for (auto& group : groups) {
            word += std::uint64_t{group} << 32;
            group = static_cast<std::uint32_t>(word % kBase58Group);
            word /= kBase58Group;
        }
        for (; word > 0; word /= kBase58Group) groups.push_back(static_cast<std::uint32_t>(word % kBase58Group));
    }
    std::string out;  // backwards
    out.reserve(zeros + groups.size() * kBase58GroupDigits);
    for (std::uint32_t group : groups) {
        for (std::size_t i = 0; i < kBase58GroupDigits; ++i, group /= 58) out += kBase58[group % 58];
    }
    out.resize(out.find_last_not_of(kBase58.front()) + 1);  // the last group may begin with zeros
    out.append(zeros, kBase58.front());
    std::ranges::reverse(out);
    return out;
}

std::optional<Bytes> from_base58(std::string_view text) {
    if (text.size() > kMaxBase58) return std::nullopt;
    const auto ones = std::min(text.find_first_not_of(kBase58.front()), text.size());
    std::vector<std::uint64_t> words;  // least significant first
    words.reserve(text.size() / kBase58WordDigits + 1);
    // Takes ten characters at a time. The first group may be shorter, so that all later groups have ten.
    for (std::string_view rest = text.substr(ones); !rest.empty();) {
        const std::size_t count = (rest.size() - 1) % kBase58WordDigits + 1;
        std::uint64_t digits = 0;
        for (const char c : rest.substr(0, count)) {
            const auto value = kBase58Value[static_cast<unsigned char>(c)];
            if (value < 0) return std::nullopt;
            digits = digits * 58 + static_cast<unsigned char>(value);
        }
        rest.remove_prefix(count);
        for (auto& word : words) {
            const Wide wide = static_cast<Wide>(word) * kBase58Word + digits;
            word = static_cast<std::uint64_t>(wide);
            digits = static_cast<std::uint64_t>(wide >> 64);
        }
        if (digits > 0) words.push_back(digits);
    }
    Bytes out(ones + words.size() * 8);
    std::byte* at = out.data() + out.size();
    for (const std::uint64_t word : words) store_be(at -= 8, word);
    const int unused = words.empty() ? 0 : std::countl_zero(words.back()) / 8;
    out.erase(out.begin(), out.begin() + unused);
    return out;
}

std::string to_base64(ByteView bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t have = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k)
            group = group << 8 | (k < have ? static_cast<std::uint32_t>(bytes[i + k]) : 0);
        for (std::size_t k = 0; k < 4; ++k) out += k <= have ? kBase64[group >> (18 - 6 * k) & 63] : '=';
    }
    return out;
}

std::optional<Bytes> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
    Bytes out;
    out.reserve(text.size() / 4 * 3);
    for (std::size_t i = 0; i < text.size(); i += 4) {
        const std::size_t pad = i + 4 == text.size() ? padding : 0;
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 4; ++k) {
            const int value = k < 4 - pad ? kBase64Value[static_cast<unsigned char>(text[i + k])] : 0;
            if (value < 0) return std::nullopt;
            group = group << 6 | static_cast<std::uint32_t>(value);
        }
        if (pad > 0 && (group & ((1U << (8 * pad)) - 1)) != 0) return std::nullopt;
        for (std::size_t k = 0; k < 3 - pad; ++k) out.push_back(static_cast<std::byte>(group >> (16 - 8 * k)));
    }
    return out;
}

std::optional<std::uint64_t> parse_u64(std::string_view text) noexcept {
    std::uint64_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return out;
}

bool is_utf8(std::string_view text) noexcept {
    Utf8 check;
    return check.take(text) && check.complete();
}

bool Utf8::take(std::string_view part) noexcept {
    const auto* at = reinterpret_cast<const unsigned char*>(part.data());
    const auto* const end = at + part.size();
    while (at < end) {
        if (more_ > 0) {
            if (*at < low_ || *at > high_) return false;
            low_ = 0x80;
            high_ = 0xbf;
            --more_;
            ++at;
            continue;
        }
        // Most text is ASCII, so eight characters are tested at a time.
        if (end - at >= 8 &&
            (load_le<std::uint64_t>(reinterpret_cast<const std::byte*>(at)) & 0x8080808080808080) == 0) {
            at += 8;
            continue;
        }
        const unsigned char lead = *at++;
        if (lead < 0x80) continue;
        if (lead >= 0xc2 && lead <= 0xdf) {
            more_ = 1;
        } else if (lead >= 0xe0 && lead <= 0xef) {
            more_ = 2;
            if (lead == 0xe0) low_ = 0xa0;   // overlong
            if (lead == 0xed) high_ = 0x9f;  // surrogates
        } else if (lead >= 0xf0 && lead <= 0xf4) {
            more_ = 3;
            if (lead == 0xf0) low_ = 0x90;   // overlong
            if (lead == 0xf4) high_ = 0x8f;  // above U+10FFFF
        } else {
            return false;
        }
    }
    return true;
}

std::string to_lower_ascii(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), lower);
    return out;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
    return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) noexcept {
    constexpr std::string_view kBlanks = " \t\r\n";
    const auto first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace rues::base
