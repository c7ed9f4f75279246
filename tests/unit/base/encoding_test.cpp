#include "base/encoding.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/endian.hpp"
#include "base/json.hpp"

namespace rues::base {
namespace {

Bytes random_bytes() {
    return to_bytes(std::string_view(*rc::gen::container<std::string>(rc::gen::arbitrary<char>())));
}

TEST(Hex, decoding_takes_either_case_and_refuses_odd_lengths_and_other_characters) {
    EXPECT_EQ(to_hex(*from_hex("00fFAb")), "00ffab");
    EXPECT_FALSE(from_hex("0"));
    EXPECT_FALSE(from_hex("0g"));
}

TEST(Base58, leading_zero_bytes_are_ones) {
    EXPECT_EQ(to_base58(*from_hex("000001")), "112");
    EXPECT_EQ(to_hex(*from_base58("112")), "000001");
    EXPECT_EQ(to_base58(view("Hello World!")), "2NEpo7TZRRrLZSi2U");  // draft-msporny-base58 section 5
    EXPECT_FALSE(from_base58("0OIl"));
}

TEST(Base58, lengths_around_the_groups_of_digits_convert_as_published) {
    // From Bitcoin Core's base58_encode_decode.json.
    constexpr std::pair<std::string_view, std::string_view> kVectors[] = {
        {"", ""},
        {"61", "2g"},
        {"626262", "a3gV"},
        {"636363", "aPEr"},
        {"516b6fcd0f", "ABnLTmg"},
        {"bf4f89001e670274dd", "3SEo3LWLoPntC"},
        {"572e4794", "3EFU7m"},
        {"ecac89cad93923c02321", "EJDM8drfXA6uyA"},
        {"10c8511e", "Rt5zm"},
        {"00000000000000000000", "1111111111"},
        {"73696d706c792061206c6f6e6720737472696e67", "2cFupjhnEsSn59qHXstmK2ffpLv2"},
        {"00eb15231dfceb60925886b67d065299925915aeb172c06647", "1NS17iag9jJgTHD1VXjvLCEnZuQ3rJDE9L"},
    };
    for (const auto& [hex, text] : kVectors) {
        EXPECT_EQ(to_base58(*from_hex(hex)), text);
        EXPECT_EQ(to_hex(*from_base58(text)), hex);
    }
}

TEST(Base58, texts_longer_than_any_key_are_refused) {
    EXPECT_FALSE(from_base58(std::string(513, '2')));
}

TEST(Base64, vectors_of_rfc_4648_section_10) {
    EXPECT_EQ(to_base64(view("")), "");
    EXPECT_EQ(to_base64(view("f")), "Zg==");
    EXPECT_EQ(to_base64(view("fo")), "Zm8=");
    EXPECT_EQ(to_base64(view("foobar")), "Zm9vYmFy");
    EXPECT_FALSE(from_base64("Zg="));
    EXPECT_FALSE(from_base64("Zh=="));  // trailing bits set
    EXPECT_FALSE(from_base64("Z=g="));
}

TEST(Encodings, decoding_undoes_encoding) {
    EXPECT_TRUE(rc::check([] {
        const Bytes bytes = random_bytes();
        RC_ASSERT(from_hex(to_hex(bytes)) == bytes);
        RC_ASSERT(from_base64(to_base64(bytes)) == bytes);
        if (bytes.size() < 300) RC_ASSERT(from_base58(to_base58(bytes)) == bytes);
    }));
}

TEST(Utf8, overlong_forms_surrogates_and_values_above_10ffff_are_refused) {
    EXPECT_TRUE(is_utf8("aé€😀"));
    EXPECT_FALSE(is_utf8("\xc0\x80"));
    EXPECT_FALSE(is_utf8("\xe0\x80\x80"));
    EXPECT_FALSE(is_utf8("\xed\xa0\x80"));
    EXPECT_FALSE(is_utf8("\xf4\x90\x80\x80"));
    EXPECT_FALSE(is_utf8("\xe2\x82"));
    EXPECT_FALSE(is_utf8("\x80"));
}

TEST(Utf8, a_bad_byte_is_found_at_every_place_of_a_longer_text) {
    const std::string good(21, 'a');
    EXPECT_TRUE(is_utf8(good));
    for (std::size_t at = 0; at < good.size(); ++at) {
        std::string bad = good;
        bad[at] = '\xff';
        EXPECT_FALSE(is_utf8(bad)) << at;
    }
}

TEST(Utf8, a_text_in_parts_is_valid_exactly_when_the_whole_text_is) {
    const std::string text = "aé€😀b";
    for (std::size_t first = 0; first <= text.size(); ++first) {
        for (std::size_t second = first; second <= text.size(); ++second) {
            Utf8 check;
            EXPECT_TRUE(check.take(std::string_view(text).substr(0, first)));
            EXPECT_EQ(check.complete(), is_utf8(std::string_view(text).substr(0, first)));
            EXPECT_TRUE(check.take(std::string_view(text).substr(first, second - first)));
            EXPECT_TRUE(check.take(std::string_view(text).substr(second)));
            EXPECT_TRUE(check.complete());
        }
    }
}

TEST(Utf8, a_byte_that_cannot_continue_a_text_is_refused_at_once) {
    for (const auto* const bad : {"\xc2\x28", "\xe0\x9f", "\xed\xa0", "\xf0\x8f", "\xf4\x90", "\xe2\x82\xc2"}) {
        const std::string_view text(bad);
        Utf8 check;
        EXPECT_TRUE(check.take(text.substr(0, text.size() - 1)));
        EXPECT_FALSE(check.take(text.substr(text.size() - 1)));
    }
}

TEST(Numbers, a_decimal_is_digits_only_and_fits_64_bits) {
    EXPECT_EQ(parse_u64("18446744073709551615"), UINT64_MAX);
    EXPECT_FALSE(parse_u64("18446744073709551616"));
    EXPECT_FALSE(parse_u64(""));
    EXPECT_FALSE(parse_u64("+1"));
    EXPECT_FALSE(parse_u64(" 1"));
}

TEST(Reader, a_value_that_does_not_fit_leaves_the_reader_as_it_was) {
    const Bytes bytes = Writer().put(std::uint32_t{7}).put(std::uint8_t{9}).take();
    Reader reader(bytes);

    EXPECT_FALSE(reader.take<std::uint64_t>());
    EXPECT_EQ(reader.take<std::uint32_t>(), 7U);
    EXPECT_FALSE(reader.take_bytes(UINT64_MAX));
    EXPECT_EQ(reader.take<std::uint8_t>(), 9U);
    EXPECT_TRUE(reader.empty());
}

TEST(Json, sorting_reaches_every_object_and_keeps_the_order_of_lists) {
    const json::value v = json::object{{"b", 1}, {"a", json::array{json::object{{"d", nullptr}, {"c", "\x01/é"}}, 2}}};

    EXPECT_EQ(json::print(json::sorted(v)), R"({"a":[{"c":"\u0001/é","d":null},2],"b":1})");
}

}  // namespace
}  // namespace rues::base
