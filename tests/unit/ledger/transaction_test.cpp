#include "ledger/transaction.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "accounts.hpp"
#include "crypto/hash.hpp"
#include "crypto/kzg.hpp"
#include "wire/layouts.hpp"

namespace rues::ledger {
namespace {

using base::to_hex;
using test::profile;
using test::transfer_77;
namespace layouts = wire::layouts;

constexpr std::string_view kTransfer77 =  // docs/reference/ledger.md 14.1
    "01ec00000000000000008750919e713c45c08ada51c56baaeae98ae8e26935934c5857a0a864e8b9e3c3ace18ed77ae0b064cab369a8bf90bc"
    "72027573b53831e7a84ada02473015f50410ec66d987073c8928d6bbd4f2c309c8b57e8cf7dc8e37253f866ade47fcb33c0186210986871b16"
    "90b405458ace24bc6e68253a4ad97326f535568614f1c6d2e3f1c719f51906452e74446bd508af8bee014707cba8e4ef8e712aecdffd72f0c1"
    "a226164f434883fc6b666a2b61e4e4af5cb75dd6e551a28ada83477aabc75aa64d0000000000000000000000000000000065cd1d0000000001"
    "0000000000000000010000000000000000b73f5622e8968c8a8cc8584e8a455ceb531628dc69fbd499f37fa0dbdfb42676b9bad378aaf5b950"
    "e650bbfcd9c39a4c";
constexpr std::string_view kMemo =  // docs/reference/ledger.md 14.2
    "01f800000000000000008750919e713c45c08ada51c56baaeae98ae8e26935934c5857a0a864e8b9e3c3ace18ed77ae0b064cab369a8bf90bc"
    "72027573b53831e7a84ada02473015f50410ec66d987073c8928d6bbd4f2c309c8b57e8cf7dc8e37253f866ade47fcb33c0186210986871b16"
    "90b405458ace24bc6e68253a4ad97326f535568614f1c6d2e3f1c719f51906452e74446bd508af8bee014707cba8e4ef8e712aecdffd72f0c1"
    "a226164f434883fc6b666a2b61e4e4af5cb75dd6e551a28ada83477aabc75aa6010000000000000000000000000000000065cd1d0000000001"
    "0000000000000000030000000000000003040000000000000002040810867b8629f43c438ba8156f10d3f3260b1df2c0b341f6714e2f60c846"
    "e22b3b3007a58004e787cec26cc986e93e97dd4b";

/// Offsets in kTransfer77: envelope tag, payload length, then the payload (docs/reference/ledger.md 1.2).
constexpr std::size_t kPayload = 9, kReceiverFlag = kPayload + 97, kRefundFlag = kReceiverFlag + 97 + 32;
constexpr std::size_t kDataKind = kRefundFlag + 9, kSignature = kDataKind + 1;

Bytes transfer_bytes() {
    return *base::from_hex(kTransfer77);
}

std::string refusal(ByteView bytes) {
    const auto tx = Transaction::decode(bytes);
    return tx ? "none" : tx.error().text;
}

/// kTransfer77 with these data bytes; it has none itself.
Bytes with_data(ByteView data) {
    Bytes out = transfer_bytes();
    const Bytes signature(out.begin() + kSignature, out.end());
    out.resize(kDataKind);
    base::append(out, data);
    base::store_le(out.data() + 1, std::uint64_t{out.size() - kPayload});
    base::append(out, signature);
    return out;
}

TEST(Transaction, the_reference_transfer_is_signed_and_encoded_byte_for_byte) {  // docs/reference/ledger.md 14.1
    const auto tx = sign(transfer_77(), profile(1));

    EXPECT_EQ(to_hex(tx.encode(Envelope::aegis)), kTransfer77);
    // docs/reference/rusk-1.7.md 7.1
    EXPECT_EQ(to_hex(tx.encode(Envelope::boreas)), "0302" + std::string(kTransfer77.substr(2)));
    EXPECT_EQ(to_hex(tx.id()), "47268c27fa611d615cc17861412f5ee7961e5727530ff1933a01b9b0eea2a44c");
    EXPECT_EQ(to_hex(tx.signature_message()),
              "00" + to_hex(profile(1).public_key().bytes()) + to_hex(profile(0).public_key().bytes()) +
                  "4d0000000000000000000000000000000065cd1d0000000001000000000000000100000000000000");
    EXPECT_EQ(to_hex(tx.digest(Envelope::aegis)), "68f0372fdfe178a5a784d5a4db1867d1e9ff0ceaddfc1a7dfe2264f9198afae8");
    EXPECT_EQ(tx.size(), 12U + 294U);
}

TEST(Transaction, the_reference_memo_is_signed_and_encoded_byte_for_byte) {  // docs/reference/ledger.md 14.2
    auto memo = transfer_77();
    memo.value = 1;
    memo.nonce = 3;
    memo.data = Memo{*base::from_hex("02040810")};
    const auto tx = sign(memo, profile(1));

    EXPECT_EQ(to_hex(tx.encode(Envelope::aegis)), kMemo);
    EXPECT_EQ(to_hex(tx.id()), "06d9f8ebcfad0c5812a8c71b6ea53bba38e8a2a9fffe63ea708a78999ded8b13");
}

TEST(Transaction, the_reference_call_has_its_bytes_signature_and_id) {  // docs/reference/ledger.md 14.3
    auto call = transfer_77();
    call.value = 1;
    call.nonce = 4;
    call.data = Call{kStakeContract, "get_version", {}};
    const auto tx = sign(call, profile(1));
    const auto bytes = tx.encode(Envelope::aegis);

    EXPECT_EQ(bytes.size(), 352U);
    EXPECT_EQ(to_hex(ByteView(bytes).subspan(kDataKind)),
              "0102" + std::string(62, '0') + "0b00000000000000" + "6765745f76657273696f6e" + "0000000000000000" +
                  "89d8593ce39444eecb3851822029af5af4036a3590b53893a7e124dad9c8aafc1b54ce55c2dcbeb1cf2440ce29bfaadd");
    EXPECT_EQ(to_hex(tx.id()), "c4c929aadd33c56002ba4434fa879cf77540b6313a157c96c306d2c77a831224");
}

// docs/reference/ledger.md 14.4, messages docs/reference/ledger.md 1.8
TEST(Transaction, the_reference_stake_and_unstake_have_their_ids) {
    const auto key = profile(1);
    const layouts::Key raw{key.public_key().raw()};
    const AccountKey account = key.public_key().bytes();
    constexpr std::uint64_t kAmount = 1'000'000'000'321;

    base::Writer message;
    message.put(std::uint8_t{0}).put(ByteView(account)).put(ByteView(account)).put(kAmount);
    const layouts::BlsSignature signature{key.sign(message.bytes()).raw()};
    auto stake = transfer_77();
    stake.receiver.reset();
    stake.value = 0;
    stake.deposit = kAmount;
    stake.nonce = 7;
    stake.data =
        Call{kStakeContract, "stake", wire::rkyv::archive(layouts::Stake{{raw, raw}, kAmount, signature, signature})};
    const auto staked = sign(stake, key);
    EXPECT_EQ(staked.encode(Envelope::aegis).size(), 882U);
    EXPECT_EQ(to_hex(staked.moonlight()->signature.bytes()),
              "9813142845ee23cd4c319d1ad913678d7d75572bbed72d69bbb966cd82004619ad38e75700aef8ebe8c5dcd136f3ec81");
    EXPECT_EQ(to_hex(staked.id()), "7f2677310417bc97be15187bb616f8f75d1083a69166314220407f10d76dce55");

    base::Writer inner;
    inner.put(ByteView(kStakeContract)).put(std::uint64_t{123}).put(ByteView(account)).put(std::uint64_t{8});
    const auto inner_signature = key.sign(inner.bytes());
    base::Writer outer;
    outer.put(ByteView(account)).put(ByteView(inner.bytes())).put(ByteView(inner_signature.bytes()));
    const layouts::BlsSignature outer_signature{key.sign(outer.bytes()).raw()};
    auto unstake = stake;
    unstake.deposit = 0;
    unstake.nonce = 8;
    layouts::StakeWithdraw args;
    args.transfer.receiver = raw;
    args.transfer.token = std::uint64_t{8};
    args.transfer.signature = layouts::BlsSignature{inner_signature.raw()};
    args.transfer.contract = kStakeContract;
    args.transfer.value = 123;
    args.account = raw;
    args.signature = {outer_signature, outer_signature};
    unstake.data = Call{kStakeContract, "unstake", wire::rkyv::archive(args)};
    const auto unstaked = sign(unstake, key);
    EXPECT_EQ(unstaked.encode(Envelope::aegis).size(), 1244U);
    EXPECT_EQ(to_hex(unstaked.id()), "b9e6d34b6d8e86b022cdf22e59ea13dc2db18dfa5369a7e8dbecd27786ec0364");
}

TEST(Transaction, a_receiver_or_refund_address_that_equals_the_sender_is_left_out) {  // docs/reference/ledger.md 1.2
    auto tx = transfer_77();
    tx.receiver.reset();
    const auto canonical = sign(tx, profile(1)).encode(Envelope::aegis);
    Bytes written_out(canonical.begin(), canonical.begin() + kReceiverFlag);
    const auto with_sender = [&](auto from, auto to) {
        written_out.push_back(std::byte{1});
        base::append(written_out, tx.sender.bytes());
        written_out.insert(written_out.end(), canonical.begin() + from, canonical.begin() + to);
    };
    constexpr std::ptrdiff_t kReceiver = kReceiverFlag, kRefund = kReceiverFlag + 33;
    with_sender(kReceiver + 1, kRefund);
    with_sender(kRefund + 1, std::ssize(canonical));
    base::store_le(written_out.data() + 1, base::load_le<std::uint64_t>(canonical.data() + 1) + 2 * 96);

    const auto decoded = Transaction::decode(written_out);

    ASSERT_TRUE(decoded) << decoded.error().text;
    EXPECT_EQ(decoded->encode(Envelope::aegis), canonical);
    EXPECT_EQ(decoded->id(), Transaction::decode(canonical)->id());
    EXPECT_TRUE(decoded->to_json().at("receiver").is_null());
}

TEST(Transaction, a_built_transaction_to_the_sender_is_canonical_too) {
    auto tx = transfer_77();
    tx.receiver = tx.refund_address = tx.sender;
    auto plain = transfer_77();
    plain.receiver.reset();

    EXPECT_EQ(sign(tx, profile(1)).encode(Envelope::boreas), sign(plain, profile(1)).encode(Envelope::boreas));
}

TEST(Transaction, every_truncated_transaction_is_refused) {
    for (const std::string_view hex : {kTransfer77, kMemo}) {
        const auto bytes = *base::from_hex(hex);
        for (std::size_t length = 0; length < bytes.size(); ++length) {
            EXPECT_FALSE(Transaction::decode(ByteView(bytes).first(length))) << length;
        }
    }
}

// docs/reference/ledger.md 3.1, http.json preverify-hex
TEST(Transaction, the_error_of_a_truncated_field_has_the_number_of_bytes) {
    const auto bytes = transfer_bytes();

    EXPECT_EQ(refusal({}), "InvalidData");
    EXPECT_EQ(refusal(ByteView(bytes).first(1)), "BadLength { found: 0, expected: 8 }");
    EXPECT_EQ(refusal(ByteView(bytes).first(bytes.size() - 1)), "BadLength { found: 47, expected: 48 }");
    auto short_payload = Bytes(bytes.begin(), bytes.begin() + kPayload + 11);
    base::store_le(short_payload.data() + 1, std::uint64_t{11});
    EXPECT_EQ(refusal(short_payload), "BadLength { found: 10, expected: 96 }");
}

TEST(Transaction, bytes_after_the_data_or_the_signature_are_refused) {  // docs/reference/rusk-1.7.md 7.1
    auto longer = transfer_bytes();
    longer.push_back(std::byte{0});

    EXPECT_EQ(refusal(longer), "InvalidData");
    EXPECT_EQ(refusal(with_data(*base::from_hex("0000"))), "InvalidData");
    EXPECT_EQ(refusal(with_data(*base::from_hex("0400"))), "none");
    EXPECT_EQ(refusal(with_data(*base::from_hex("040000"))), "InvalidData");
}

// docs/reference/ledger.md 1.3, docs/reference/differences.md 27
TEST(Transaction, decode_historical_ignores_bytes_after_the_data_except_in_boreas) {
    const auto trailing = with_data(*base::from_hex("00ff"));
    auto boreas = trailing;
    boreas.insert(boreas.begin(), std::byte{3});
    boreas[1] = std::byte{2};

    const auto old = Transaction::decode_historical(trailing);
    ASSERT_TRUE(old) << old.error().text;
    EXPECT_EQ(old->id(), Transaction::decode(transfer_bytes())->id());
    EXPECT_FALSE(Transaction::decode(trailing));
    EXPECT_FALSE(Transaction::decode_historical(boreas));
}

TEST(Transaction, huge_lengths_are_refused_without_allocating) {
    for (const std::uint64_t length : {std::uint64_t{513}, ~std::uint64_t{0}, ~std::uint64_t{0} - 7}) {
        for (const std::size_t kind : {1U, 2U, 3U}) {
            base::Writer data;
            data.put(static_cast<std::uint8_t>(kind));
            if (kind != 3) data.put(ByteView(kStakeContract));
            data.put(length);
            EXPECT_EQ(refusal(with_data(data.bytes())), "InvalidData");
        }
        auto payload = transfer_bytes();
        base::store_le(payload.data() + 1, length);
        EXPECT_EQ(refusal(payload), "InvalidData");
    }
}

TEST(Transaction, a_function_name_must_be_utf8) {  // docs/reference/ledger.md 1.3
    base::Writer data;
    data.put(std::uint8_t{1}).put(ByteView(kStakeContract)).put(std::uint64_t{1}).put(std::byte{0xff});
    data.put(std::uint64_t{0});

    EXPECT_EQ(refusal(with_data(data.bytes())), "InvalidData");
}

TEST(Transaction, a_memo_may_have_512_bytes) {  // docs/reference/ledger.md 1.3
    const auto memo = [](std::size_t length) {
        base::Writer data;
        data.put(std::uint8_t{3}).put(std::uint64_t{length}).put(ByteView(Bytes(length)));
        return with_data(data.bytes());
    };

    EXPECT_EQ(refusal(memo(512)), "none");
    EXPECT_EQ(refusal(memo(513)), "InvalidData");
}

TEST(Transaction, an_empty_memo_differs_from_no_memo) {  // docs/reference/ledger.md 1.3
    const auto memo = Transaction::decode(with_data(*base::from_hex("030000000000000000")));
    const auto none = Transaction::decode(transfer_bytes());

    EXPECT_EQ(memo->memo(), Bytes());
    EXPECT_EQ(memo->to_json().at("memo"), "");
    EXPECT_EQ(none->memo(), std::nullopt);
    EXPECT_TRUE(none->to_json().at("memo").is_null());
}

TEST(Transaction, message_and_digest_treat_blobs_as_a_memo_of_their_hashes) {  // docs/reference/ledger.md 1.4, 1.6
    const auto key = profile(1);
    auto with_blobs = transfer_77();
    Hash32 first{}, second{};
    first.fill(std::byte{1});
    second.fill(std::byte{2});
    with_blobs.data = Blobs{{{first, std::nullopt}, {second, BlobSidecar{{}, {}, Bytes(131'072)}}}};
    auto stripped = with_blobs;
    std::get<Blobs>(stripped.data).list[1].sidecar.reset();
    auto memo = transfer_77();
    memo.data = Memo{base::to_bytes(first)};
    base::append(std::get<Memo>(memo.data).bytes, second);

    const auto tx = sign(with_blobs, key);
    EXPECT_EQ(tx.signature_message(), sign(memo, key).signature_message());
    EXPECT_EQ(tx.id(), sign(stripped, key).id());
    EXPECT_EQ(tx.digest(), sign(stripped, key).digest());
    EXPECT_EQ(tx.digest(), crypto::sha3_256(sign(memo, key).encode(Envelope::boreas)));
    EXPECT_EQ(tx.memo()->size(), 64U);
    EXPECT_TRUE(tx.to_json().at("memo").is_null());
    const auto again = Transaction::decode(tx.encode(Envelope::boreas));
    ASSERT_TRUE(again) << again.error().text;
    EXPECT_EQ(*again->blobs(), *tx.blobs());
    auto cut = tx.encode(Envelope::boreas);
    cut.erase(cut.end() - 49);
    base::store_le(cut.data() + 2, base::load_le<std::uint64_t>(cut.data() + 2) - 1);
    EXPECT_EQ(refusal(cut), "BadLength { found: 131071, expected: 131072 }");
}

TEST(Transaction, a_block_holds_a_blob_transaction_without_sidecars) {  // docs/reference/ledger.md 1.6
    auto body = transfer_77();
    body.data = Blobs{{{Hash32{}, BlobSidecar{{}, {}, Bytes(crypto::kBlobBytes)}}, {Hash32{}, std::nullopt}}};
    const auto sent = sign(body, profile(1));

    const auto kept = sent.without_sidecars();

    EXPECT_EQ(kept.blobs()->list, (std::vector<Blob>{{Hash32{}, std::nullopt}, {Hash32{}, std::nullopt}}));
    EXPECT_EQ(kept.id(), sent.id());
    EXPECT_EQ(kept.signature_message(), sent.signature_message());
    EXPECT_EQ(kept.digest(), sent.digest());
    EXPECT_EQ(kept.size() + 48 + 48 + 131'072, sent.size());
    const auto plain = sign(transfer_77(), profile(1));
    EXPECT_EQ(plain.without_sidecars().encode(Envelope::boreas), plain.encode(Envelope::boreas));
}

TEST(Transaction, a_phoenix_transaction_is_as_large_as_its_bytes) {  // docs/reference/ledger.md 1.7, 3.2 #1
    Phoenix body;
    body.nullifiers.resize(3);
    body.proof = Bytes(1'040);
    body.data = Memo{Bytes(5)};
    const Transaction tx(body);

    EXPECT_EQ(tx.size(), 12 + tx.encode(Envelope::boreas).size());
}

TEST(Transaction, blobs_that_are_cut_or_counted_wrongly_are_refused) {  // docs/reference/ledger.md 1.3
    const auto blobs = [](std::string_view hex) { return refusal(with_data(*base::from_hex(hex))); };
    const std::string hash(64, '1');

    EXPECT_EQ(blobs("04"), "BadLength { found: 0, expected: 1 }");
    EXPECT_EQ(blobs("0401"), "BadLength { found: 0, expected: 32 }");
    EXPECT_EQ(blobs("0401" + hash), "BadLength { found: 0, expected: 1 }");
    EXPECT_EQ(blobs("0401" + hash + "02"), "InvalidData");
    EXPECT_EQ(blobs("0401" + hash + "01" + "00"), "BadLength { found: 1, expected: 48 }");
    EXPECT_EQ(blobs("0402" + hash + "00"), "BadLength { found: 0, expected: 32 }");
    EXPECT_EQ(blobs("0401" + hash + "00" + "00"), "InvalidData") << "bytes are left over";
    EXPECT_TRUE(Transaction::decode(with_data(*base::from_hex("0401" + hash + "00"))));
}

// docs/reference/ledger.md 3.2 #2 and below it; size-args-archive-limit
TEST(Transaction, archived_sizes_equal_the_sizes_that_the_limit_counts) {
    auto call = transfer_77();
    call.data = Call{kStakeContract, "get_version", Bytes(63'301)};
    auto deploy = transfer_77();
    deploy.data = Deploy{{}, Bytes(1'000'000), Bytes(96), Bytes(65'536 - 2'320), 0};

    EXPECT_EQ(Transaction(transfer_77()).archived_size(), 2224U);
    EXPECT_EQ(Transaction(call).archived_size(), 65'536U);
    EXPECT_EQ(Transaction(deploy).archived_size(), 65'536U);
    std::get<Call>(call.data).fn_args.push_back(std::byte{0});
    std::get<Deploy>(deploy.data).init_args->push_back(std::byte{0});
    EXPECT_GT(Transaction(call).archived_size(), 65'536U);
    EXPECT_GT(Transaction(deploy).archived_size(), 65'536U);
}

TEST(Transaction, known_keys_are_used_before_a_key_is_checked) {
    struct Asked {
        std::size_t times = 0;
        AccountKey last{};
    };
    Asked asked;
    const auto ask = [](const void* context, const AccountKey& key) -> std::optional<crypto::PublicKey> {
        auto& seen = *static_cast<Asked*>(const_cast<void*>(context));
        ++seen.times;
        seen.last = key;
        return seen.times == 1 ? std::optional(profile(2).public_key()) : std::nullopt;
    };

    const auto tx = Transaction::decode(transfer_bytes(), ask, &asked);

    ASSERT_TRUE(tx);
    EXPECT_EQ(asked.times, 2U);
    EXPECT_EQ(asked.last, profile(0).public_key().bytes());
    EXPECT_EQ(tx->moonlight()->sender, profile(2).public_key());    // the key that `ask` returned
    EXPECT_EQ(tx->moonlight()->receiver, profile(0).public_key());  // the key that was decoded
}

Data any_data() {
    const auto bytes = [](int max) {
        const auto raw = *rc::gen::container<std::vector<std::uint8_t>>(rc::gen::arbitrary<std::uint8_t>());
        Bytes out = base::to_bytes(std::as_bytes(std::span(raw)));
        if (out.size() > static_cast<std::size_t>(max)) out.resize(static_cast<std::size_t>(max));
        return out;
    };
    switch (*rc::gen::inRange(0, 5)) {
    case 0:
        return std::monostate();
    case 1:
        return Call{kTransferContract, *rc::gen::string<std::string>(), bytes(1000)};
    case 2:
        return Deploy{crypto::blake3({}), bytes(1000), bytes(200),
                      *rc::gen::arbitrary<bool>() ? std::optional(bytes(300)) : std::nullopt,
                      *rc::gen::arbitrary<std::uint64_t>()};
    case 3:
        return Memo{bytes(512)};
    default:
        Blobs blobs;
        blobs.list.resize(static_cast<std::size_t>(*rc::gen::inRange(0, 6)));
        if (!blobs.list.empty() && *rc::gen::inRange(0, 8) == 0)
            blobs.list.back().sidecar = BlobSidecar{{}, {}, Bytes(crypto::kBlobBytes, std::byte{5})};
        return blobs;
    }
}

TEST(Transaction, encoding_and_decoding_give_the_same_transaction_in_both_envelopes) {
    const bool held = rc::check([] {
        Moonlight body = transfer_77();
        body.value = *rc::gen::arbitrary<std::uint64_t>();
        body.deposit = *rc::gen::arbitrary<std::uint64_t>();
        body.gas_limit = *rc::gen::arbitrary<std::uint64_t>();
        body.gas_price = *rc::gen::arbitrary<std::uint64_t>();
        body.nonce = *rc::gen::arbitrary<std::uint64_t>();
        body.chain_id = *rc::gen::arbitrary<std::uint8_t>();
        if (*rc::gen::arbitrary<bool>()) body.receiver.reset();
        if (*rc::gen::arbitrary<bool>()) body.refund_address = profile(0).public_key();
        body.data = any_data();
        if (const auto* call = std::get_if<Call>(&body.data); call != nullptr && !base::is_utf8(call->fn_name)) return;
        const Transaction tx = sign(body, profile(1));
        for (const auto envelope : {Envelope::aegis, Envelope::boreas}) {
            const auto bytes = tx.encode(envelope);
            const auto again = Transaction::decode(bytes);
            RC_ASSERT(again.has_value());
            RC_ASSERT(again->data() == tx.data());
            RC_ASSERT(again->id() == tx.id());
            RC_ASSERT(again->encode(envelope) == bytes);
            RC_ASSERT(again->size() == 12 + tx.encode(Envelope::boreas).size());
            RC_ASSERT(again->to_json_declared() == tx.to_json_declared());
        }
    });
    EXPECT_TRUE(held);
}

}  // namespace
}  // namespace rues::ledger
