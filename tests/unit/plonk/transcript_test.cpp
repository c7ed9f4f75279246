#include "plonk/transcript.hpp"

#include "golden.hpp"
#include "plonk/equation.hpp"

namespace rues::plonk {
namespace {

TEST(Transcript, gives_the_challenge_of_merlins_published_vector) {  // docs/reference/phoenix-and-plonk.md 9.1
    Transcript transcript(base::view("test protocol"));
    transcript.append("some label", base::view("some data"));
    base::ByteArray<32> challenge;

    transcript.challenge("challenge", challenge);

    EXPECT_EQ(base::to_hex(challenge), "d5a21972d0d5fe320c0d263fac7fffb8145aa640af6e9bca177c03c7efcf0615");
}

TEST(Transcript, labels_lengths_and_order_are_part_of_it) {
    const auto challenge = [](auto&& fill) {
        Transcript transcript(base::view("label"));
        fill(transcript);
        return transcript.challenge("c");
    };
    const Fr first = challenge([](Transcript& t) { t.append("a", base::view("xy")), t.append("b", base::view("z")); });

    EXPECT_NE(first, challenge([](Transcript& t) { t.append("a", base::view("x")), t.append("b", base::view("yz")); }));
    EXPECT_NE(first, challenge([](Transcript& t) { t.append("b", base::view("z")), t.append("a", base::view("xy")); }));
    EXPECT_NE(first, challenge([](Transcript& t) { t.append("b", base::view("xy")), t.append("b", base::view("z")); }));
    EXPECT_EQ(first, challenge([](Transcript& t) { t.append("a", base::view("xy")), t.append("b", base::view("z")); }));
}

TEST(Transcript, messages_longer_than_a_block_count_to_their_last_byte) {
    for (const std::size_t length : {165U, 166U, 167U, 331U, 332U, 333U}) {
        base::Bytes message(length, std::byte{1});
        Transcript a(base::view("long"));
        a.append("m", base::ByteView(message));
        message.back() = std::byte{2};
        Transcript b(base::view("long"));
        b.append("m", base::ByteView(message));

        EXPECT_NE(a.challenge("c"), b.challenge("c")) << length;
    }
}

TEST(Challenges, are_those_of_the_reference) {  // docs/reference/phoenix-and-plonk.md 9.2
    const auto statement = golden::transactions().front();
    const auto proof = Proof::decode(statement.proof).value();
    const auto challenges = challenges_of(golden::circuit(1), proof, statement.values(), Version::v1);
    const auto hex = [](const Fr& value) { return base::to_hex(value.bytes()); };

    EXPECT_EQ(hex(challenges.beta), "bd5df68ecafa214f0d0e2af49c9cf33a1fa0d28f8012c0d94ff95bfed208e671");
    EXPECT_EQ(hex(challenges.gamma), "87ea9454931e03d77b73446cf7eda22bdd4d48a44659118db916841c62727a69");
    EXPECT_EQ(hex(challenges.alpha), "059f513875de804c4578f8aa534bfb5f7464ad9302192f55372f873538e9744d");
    EXPECT_EQ(hex(challenges.range), "4317dcea482bb2af4047773da9f26fbc56f5089816b166b46c7f7e12b5ff9f03");
    EXPECT_EQ(hex(challenges.logic), "bf0bd9bf4f1215c6f6afab801edca9464e74132d4552036284b1b375a4282105");
    EXPECT_EQ(hex(challenges.fixed_base), "46f2590033d6c7f6595f85164da86f143d1f39aba516a3b39f730f1efbe44943");
    EXPECT_EQ(hex(challenges.variable_base), "e447c3b3e23e157444940a742165b33b19c507228a5ad20f8750e0e0eb77952f");
    EXPECT_EQ(hex(challenges.z), "c5e8e14439e6a47e035891321d5f999747577ef901aefd602f40394251d26863");
    EXPECT_EQ(hex(challenges.v), "8a1536135c4bbb5cce95271831237f902870c942101ae7819fe94f629c6cf54b");
    EXPECT_EQ(hex(challenges.v_w), "2b61cb1179297e31aee40e570cf4deb2ee248fc65ba28cbf9c5312cf271f4024");
    EXPECT_EQ(hex(challenges.u), "0a24cfa3fd38f8699e663cafd6d88643d0609f8c827f66bfe6ee4fcb915ead53");
    EXPECT_EQ(hex(challenges_of(golden::circuit(1), proof, statement.values(), Version::v3).beta),
              "f055ae78d1b37f21b14dea8a956b08b3145658187ca55c0b451b8e1a43fcac26");
}

}  // namespace
}  // namespace rues::plonk
