#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <deque>

#include "crypto/hash.hpp"
#include "crypto/keys.hpp"

namespace rues::crypto {
namespace {

using base::view;

const Hash32 kSeed = sha256(view("drawn after the items"));

/// Items with the keys and signatures that they point to, and the result of verifying each item alone.
struct Items {
    std::deque<PublicKey> keys;
    std::deque<Signature> signatures;
    std::deque<std::string> messages;
    std::vector<bool> good;

    void add(const SecretKey& secret, const Signature& signature, std::string message, bool is_good) {
        keys.push_back(secret.public_key());
        signatures.push_back(signature);
        messages.push_back(std::move(message));
        good.push_back(is_good);
    }
    void add_good(const SecretKey& secret) {
        auto message = "message " + std::to_string(good.size());
        const auto signature = secret.sign(view(message));
        add(secret, signature, std::move(message), true);
    }
    void add_bad(const SecretKey& secret) {
        add(secret, secret.sign(view("something else")), "message " + std::to_string(good.size()), false);
    }
    std::vector<VerifyItem> view_of_all() const {
        std::vector<VerifyItem> out;
        for (std::size_t i = 0; i < good.size(); ++i) out.push_back({&keys[i], &signatures[i], view(messages[i])});
        return out;
    }
};

SecretKey key_number(std::uint64_t n) {
    return account_key(Seed{}, n);
}

TEST(Batch, gives_every_item_the_verdict_of_a_single_verification) {
    EXPECT_TRUE(rc::check([] {
        const auto count = *rc::gen::inRange<std::size_t>(0, 30);
        const auto keys = *rc::gen::inRange<std::uint64_t>(1, 21);
        const auto one_bad_in = *rc::gen::element(2, 10, 1000);
        Items items;
        for (std::size_t i = 0; i < count; ++i) {
            const auto secret = key_number(*rc::gen::inRange<std::uint64_t>(0, keys));
            const auto other = key_number(1000);
            switch (*rc::gen::inRange(0, one_bad_in) == 0 ? *rc::gen::inRange(0, 3) : 3) {
            case 0:
                items.add_bad(secret);
                break;
            case 1:
                items.add(secret, other.sign(view("m")), "m", false);
                break;
            case 2:
                items.add(secret, Signature(), "m", false);
                break;
            default:
                items.add_good(secret);
            }
        }
        const auto all = items.view_of_all();

        const auto result = verify_batch(all, kSeed);

        RC_ASSERT(result == items.good);
        if (count != 0) {
            const auto& some = all[*rc::gen::inRange<std::size_t>(0, count)];
            const auto at = static_cast<std::size_t>(&some - all.data());
            RC_ASSERT(verify(*some.key, *some.signature, some.message) == result[at]);
        }
    }));
}

TEST(Batch, an_empty_batch_has_an_empty_answer) {
    EXPECT_TRUE(verify_batch({}, kSeed).empty());
}

TEST(Batch, one_bad_item_is_found_at_every_place_of_a_batch) {
    for (const std::uint64_t keys : {1U, 9U, 100U}) {  // one loop divided in eighths; runs of keys; both
        for (const std::size_t bad : {0U, 7U, 8U, 50U, 99U}) {
            Items items;
            for (std::size_t i = 0; i < 100; ++i) {
                if (i == bad) {
                    items.add_bad(key_number(i % keys));
                } else {
                    items.add_good(key_number(i % keys));
                }
            }
            EXPECT_EQ(verify_batch(items.view_of_all(), kSeed), items.good) << keys << " keys, item " << bad;
        }
    }
}

TEST(Batch, wrong_signatures_whose_sum_is_right_are_all_found) {
    const auto secret = key_number(1);
    const auto other = key_number(2);
    Items items;
    items.add(secret, secret.sign(view("2")), "1", false);
    items.add(secret, secret.sign(view("1")), "2", false);
    items.add(other, secret.sign(view("same")), "same", false);
    items.add(secret, other.sign(view("same")), "same", false);

    EXPECT_EQ(verify_batch(items.view_of_all(), kSeed), items.good);
}

TEST(Batch, a_repeated_item_verifies_like_a_single_one) {
    const auto secret = key_number(1);
    Items items;
    for (int i = 0; i < 20; ++i) items.add(secret, secret.sign(view("m")), "m", true);

    EXPECT_EQ(verify_batch(items.view_of_all(), kSeed), items.good);
}

TEST(Batch, identity_keys_and_signatures_fail_and_no_other_item_does) {
    const auto secret = key_number(1);
    Items items;
    items.add_good(secret);
    items.add(secret, Signature(), "m", false);
    items.add_good(secret);
    auto all = items.view_of_all();
    const PublicKey identity;
    const Signature none;
    all.push_back({&identity, &none, view("m")});
    all.push_back({&identity, &items.signatures[0], view("m")});

    EXPECT_EQ(verify_batch(all, kSeed), (std::vector<bool>{true, false, true, false, false}));
}

}  // namespace
}  // namespace rues::crypto
