#include "chain/verifier.hpp"

#include <gtest/gtest.h>

#include <future>
#include <latch>

#include "base/endian.hpp"
#include "crypto/hash.hpp"
#include "fixtures.hpp"

namespace rues::chain {
namespace {

using test::signed_by;
using test::transfer;
using Result = std::expected<Verifier::Checked, Rejection>;

/// A verifier whose only thread is busy until `release`, so that the jobs added meanwhile form one batch.
class VerifierTest : public ::testing::Test {
protected:
    void TearDown() override {
        if (released_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) release();  // a test failed
    }
    void occupy(std::size_t queue = 1'000, base::RandomSource random = base::system_random) {
        verifier_.emplace(1U, Verifier::Limits{queue, 64 << 20}, proofs_, std::move(random));
        std::latch busy(1);
        verifier_->add({signed_by(1, transfer(1)).encode(ledger::Envelope::aegis),
                        [&busy, this](const ledger::Transaction&) -> std::optional<Rejection> {
                            busy.count_down();
                            released_.wait();
                            return Rejection{};
                        },
                        [](const Result&) {}});
        busy.wait();
    }
    void release() { release_.set_value(); }

    /// Adds a job; `results_[n]` gets the result of job n. `refusal`: the text that its check refuses with; when empty,
    /// the check passes.
    void add(base::Bytes transaction, const std::string& refusal = {}) {
        const std::size_t number = results_.size();
        auto& promise = promises_.emplace_back();
        results_.push_back(promise.get_future());
        verifier_->add({std::move(transaction),
                        [this, refusal](const ledger::Transaction&) -> std::optional<Rejection> {
                            order_.push_back('c');
                            if (refusal.empty()) return std::nullopt;
                            return Rejection{Rejection::Kind::refused, refusal};
                        },
                        [this, number](Result result) {
                            order_.push_back('d');
                            promises_[number].set_value(std::move(result));
                        }});
    }
    void add_good(std::uint64_t nonce) { add(signed_by(1, transfer(nonce)).encode(ledger::Envelope::aegis)); }
    /// Adds a transaction that another account has signed.
    void add_bad(std::uint64_t nonce) { add(signed_by(2, transfer(nonce)).encode(ledger::Envelope::aegis)); }
    /// "good", "badly signed", or the text of the rejection.
    std::string outcome(std::size_t number) {
        const Result result = results_[number].get();
        if (!result) return result.error().text;
        return result->well_signed ? "good" : "badly signed";
    }

    std::promise<void> release_;
    std::shared_future<void> released_{release_.get_future()};
    std::deque<std::promise<Result>> promises_;
    std::vector<std::future<Result>> results_;
    std::string order_;  ///< calls of `check` (c) and `done` (d), in order; only the verify thread writes it
    ProofCheck proofs_;
    std::optional<Verifier> verifier_;
};

TEST_F(VerifierTest, in_a_batch_only_the_bad_signatures_are_found_bad) {
    occupy();
    for (std::uint64_t nonce = 0; nonce < 12; ++nonce) nonce == 3 || nonce == 9 ? add_bad(nonce) : add_good(nonce);
    release();

    for (std::uint64_t nonce = 0; nonce < 12; ++nonce) {
        EXPECT_EQ(outcome(nonce), nonce == 3 || nonce == 9 ? "badly signed" : "good") << nonce;
    }
    verifier_->stop();
    EXPECT_EQ(order_, std::string(12, 'c') + std::string(12, 'd'));  // all checks come first: it was one batch
}

TEST_F(VerifierTest, undecodable_and_refused_transactions_leave_the_batch_and_the_rest_is_verified) {
    occupy();
    add_good(1);
    const auto noise = base::to_bytes(std::string_view("\x01not a transaction"));
    const auto decoded = ledger::Transaction::decode(noise);
    add(noise);
    add(signed_by(1, transfer(2)).encode(ledger::Envelope::aegis), "the pool has it");
    add_bad(3);
    add_good(4);
    release();

    EXPECT_EQ(outcome(0), "good");
    EXPECT_EQ(outcome(1), decoded ? "" : decoded.error().text);
    EXPECT_EQ(outcome(2), "the pool has it");
    EXPECT_EQ(outcome(3), "badly signed");
    EXPECT_EQ(outcome(4), "good");
}

TEST_F(VerifierTest, a_batch_is_at_most_64) {
    occupy();
    for (std::uint64_t nonce = 0; nonce < 70; ++nonce) add_good(nonce);
    release();

    for (std::size_t number = 0; number < 70; ++number) EXPECT_EQ(outcome(number), "good");
    verifier_->stop();
    EXPECT_EQ(order_, std::string(64, 'c') + std::string(64, 'd') + std::string(6, 'c') + std::string(6, 'd'));
}

base::Bytes large_transaction() {
    auto large = transfer(1);
    large.data = ledger::Deploy{{}, base::Bytes(140'000), {}, std::nullopt, 0};
    return signed_by(1, large).encode(ledger::Envelope::aegis);
}

// Large transactions have blobs, whose proofs take milliseconds each.
TEST_F(VerifierTest, a_large_transaction_is_a_batch_alone) {
    occupy();
    add_good(2);
    for (int i = 0; i < 2; ++i) add(large_transaction());
    add_good(3);
    release();

    for (std::size_t number = 0; number < 4; ++number) EXPECT_EQ(outcome(number), "good");
    verifier_->stop();
    EXPECT_EQ(order_, "cdcdcdcd");
}

TEST_F(VerifierTest, while_several_clients_are_served_large_transactions_leave_a_thread_free) {
    base::Clients clients;
    const auto many = clients.of(*base::ClientKey::parse("192.0.2.1"), base::Client::Time());
    const auto one = clients.of(*base::ClientKey::parse("192.0.2.2"), base::Client::Time());
    constexpr std::ptrdiff_t kLarge = 3;
    std::promise<void> go_on;
    const auto may_go_on = go_on.get_future().share();
    std::atomic<std::size_t> begun{0};
    std::latch first(1), signatures(2), large(kLarge);
    verifier_.emplace(2U, Verifier::Limits{100, 64 << 20}, proofs_);
    const auto add_for = [&](const base::ClientPtr& client, base::Bytes transaction, auto check, std::latch& done) {
        const base::ActingFor scope(client.get());
        verifier_->add({std::move(transaction),
                        [check](const ledger::Transaction&) -> std::optional<Rejection> {
                            check();
                            return std::nullopt;
                        },
                        [&done](const Result&) { done.count_down(); }});
    };
    const auto add_signature = [&] {
        add_for(one, signed_by(1, transfer(1)).encode(ledger::Envelope::aegis), [] {}, signatures);
    };
    const auto wait = [&] {
        if (++begun == 1) first.count_down();
        may_go_on.wait();
    };
    add_signature();  // so there are several clients
    for (int i = 0; i < kLarge; ++i) add_for(many, large_transaction(), wait, large);
    first.wait();

    add_signature();
    signatures.wait();  // for ever, if large transactions have both threads

    EXPECT_EQ(begun.load(), 1U);
    go_on.set_value();
    large.wait();
    verifier_->stop();
    EXPECT_EQ(begun.load(), static_cast<std::size_t>(kLarge));
}

/// `signature` plus `factor` times a point; minus when `negative`.
crypto::Signature shifted(const crypto::Signature& signature, std::uint64_t factor, bool negative) {
    base::ByteArray<8> scalar;
    base::store_le(scalar.data(), factor);
    blst_p1 step;
    blst_p1_mult(&step, blst_p1_generator(), base::u8(scalar), 64);
    blst_p1_cneg(&step, negative);
    blst_p1 sum;
    blst_p1_add_or_double_affine(&sum, &step, &signature.point());
    base::ByteArray<48> bytes;
    blst_p1_compress(base::u8(bytes), &sum);
    return *crypto::Signature::decode(bytes);
}

// Whoever can foresee the coefficients of a batch can make two forged signatures that cancel out in it.
TEST_F(VerifierTest, without_randomness_forged_signatures_that_cancel_out_are_still_found) {
    const base::ByteArray<32> foreseen{};
    std::array<std::byte, 16> drawn;
    crypto::chacha12(foreseen, drawn);
    const auto coefficient = [&](std::size_t at) { return base::load_le<std::uint64_t>(drawn.data() + 8 * at); };
    const bool in_order = test::account(0) < test::account(1);  // a batch is sorted by key
    auto first = *signed_by(0, transfer(1, 1, 0)).moonlight();
    auto second = *signed_by(1, transfer(1)).moonlight();
    first.signature = shifted(first.signature, coefficient(in_order ? 1 : 0), false);
    second.signature = shifted(second.signature, coefficient(in_order ? 0 : 1), true);
    const ledger::Transaction forged[] = {ledger::Transaction(first), ledger::Transaction(second)};
    std::vector<crypto::VerifyItem> items;
    for (const auto& tx : forged)
        items.push_back({&tx.moonlight()->sender, &tx.moonlight()->signature, tx.signature_message()});
    ASSERT_EQ(crypto::verify_batch(items, foreseen), (std::vector{true, true}));  // the danger is real

    occupy(1'000, [&](std::span<std::byte> out) {
        std::ranges::fill(out, std::byte{0});
        return false;
    });
    for (const auto& tx : forged) add(tx.encode(ledger::Envelope::aegis));
    add_good(2);
    release();

    EXPECT_EQ(outcome(0), "badly signed");
    EXPECT_EQ(outcome(1), "badly signed");
    EXPECT_EQ(outcome(2), "good");
}

TEST_F(VerifierTest, a_job_beyond_the_limit_of_the_queue_is_refused_at_once) {
    occupy(2);
    add_good(1);
    add_good(2);
    add_good(3);

    ASSERT_EQ(results_[2].wait_for(std::chrono::seconds(0)), std::future_status::ready);
    const Result refused = results_[2].get();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Rejection::Kind::full);
    release();
    EXPECT_EQ(outcome(0), "good");
    EXPECT_EQ(outcome(1), "good");
}

TEST_F(VerifierTest, a_stopped_verifier_refuses) {
    occupy();
    release();
    verifier_->stop();
    add_good(1);

    const Result refused = results_[0].get();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Rejection::Kind::full);
}

TEST_F(VerifierTest, stop_empties_the_queue_before_it_refuses_what_waited) {
    occupy(100'000);
    std::atomic<bool> refused = false;
    std::optional<std::size_t> waiting;  // when the first job was refused
    verifier_->add({{}, {}, [&](const Result&) { waiting = verifier_->waiting(); }});

    std::jthread stopping([this] { verifier_->stop(); });
    while (
        !refused) {  // a job is refused at once only after `stop` has begun, so the busy thread takes no further batch
        verifier_->add({{}, {}, [&](const Result& result) { refused = !result; }});
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    release();
    stopping.join();

    EXPECT_EQ(waiting, 0U);
}

TEST(KeyCache, a_full_cache_forgets_its_keys_and_takes_new_ones) {
    KeyCache cache(2);
    for (std::size_t n = 0; n < 3; ++n) cache.insert(test::profile(n).public_key());

    EXPECT_FALSE(cache.find(test::account(0)));
    EXPECT_FALSE(cache.find(test::account(1)));
    EXPECT_EQ(cache.find(test::account(2)), test::profile(2).public_key());
}

TEST(KeyCache, a_decoded_key_is_known_and_bytes_that_are_no_key_are_refused_and_not_kept) {
    KeyCache cache(2);
    auto wrong = test::account(0);
    wrong[95] ^= std::byte{1};

    const auto decoded = cache.decode(test::account(0));

    EXPECT_EQ(decoded, test::profile(0).public_key());
    EXPECT_EQ(cache.find(test::account(0)), test::profile(0).public_key());
    EXPECT_FALSE(cache.decode(wrong));
    EXPECT_FALSE(cache.find(wrong));
}

TEST_F(VerifierTest, a_client_that_sent_a_forged_signature_has_small_batches_and_does_not_delay_others) {
    base::Clients clients;
    const auto forger = clients.of(*base::ClientKey::parse("192.0.2.1"), base::Client::Time());
    const auto honest = clients.of(*base::ClientKey::parse("192.0.2.2"), base::Client::Time());
    std::string order;  // only the verify thread writes it, before it counts the latch down
    constexpr std::ptrdiff_t kForged = 30;
    std::latch done(kForged + 1);
    const auto add_for = [&](const base::ClientPtr& client, char name, base::Bytes transaction) {
        const base::ActingFor scope(client.get());
        verifier_->add({std::move(transaction),
                        [](const ledger::Transaction&) -> std::optional<Rejection> { return std::nullopt; },
                        [&, client, name](const Result&) {
                            order += base::ActingFor::client() == client.get() ? name : '?';
                            done.count_down();
                        }});
    };
    occupy();
    forger->note_signature(false);
    for (std::uint64_t nonce = 0; nonce < kForged; ++nonce)
        add_for(forger, 'f', signed_by(2, transfer(nonce)).encode(ledger::Envelope::aegis));
    add_for(honest, 'h', signed_by(1, transfer(1)).encode(ledger::Envelope::aegis));
    release();
    done.wait();
    verifier_->stop();

    EXPECT_LE(order.find('h'), 4U) << order;
    EXPECT_EQ(std::ranges::count(order, 'f'), kForged);
    EXPECT_TRUE(forger->sent_forged());
    EXPECT_FALSE(honest->sent_forged());
    EXPECT_GT(forger->spent(), honest->spent());
}

TEST_F(VerifierTest, a_job_that_is_not_wanted_any_more_is_not_worked_on) {
    std::promise<std::string> answer;
    bool was_checked = false;
    std::atomic<bool> is_over{false};
    occupy();
    verifier_->add({signed_by(1, transfer(1)).encode(ledger::Envelope::aegis),
                    [&](const ledger::Transaction&) -> std::optional<Rejection> {
                        was_checked = true;
                        return std::nullopt;
                    },
                    [&](const Result& result) { answer.set_value(result ? "good" : result.error().text); },
                    [&] { return is_over.load(); }});
    is_over = true;
    release();

    EXPECT_EQ(answer.get_future().get(), "too many transactions wait for their signature check");
    EXPECT_FALSE(was_checked);
}

TEST_F(VerifierTest, batches_are_small_while_several_clients_wait) {
    base::Clients clients;
    const auto many = clients.of(*base::ClientKey::parse("192.0.2.1"), base::Client::Time());
    const auto one = clients.of(*base::ClientKey::parse("192.0.2.2"), base::Client::Time());
    occupy();
    const auto add_for = [&](const base::ClientPtr& client, std::uint64_t nonce) {
        const base::ActingFor scope(client.get());
        add_good(nonce);
    };
    for (std::uint64_t nonce = 0; nonce < 20; ++nonce) add_for(many, nonce);
    add_for(one, 100);
    release();

    for (std::size_t number = 0; number <= 20; ++number) EXPECT_EQ(outcome(number), "good");
    verifier_->stop();
    const std::string batch = std::string(8, 'c') + std::string(8, 'd');
    EXPECT_EQ(order_, batch + batch + std::string(5, 'c') + std::string(5, 'd'));
}

TEST_F(VerifierTest, a_client_pays_for_the_checks_of_its_own_transactions_only) {
    base::Clients clients;
    const auto dear = clients.of(*base::ClientKey::parse("192.0.2.1"), base::Client::Time());
    const auto cheap = clients.of(*base::ClientKey::parse("192.0.2.2"), base::Client::Time());
    constexpr std::chrono::milliseconds kChecked{20};
    std::latch done(2);
    const auto add_for = [&](const base::ClientPtr& client, std::chrono::nanoseconds cost) {
        const base::ActingFor scope(client.get());
        verifier_->add({signed_by(1, transfer(1)).encode(ledger::Envelope::aegis),
                        [cost](const ledger::Transaction&) -> std::optional<Rejection> {
                            const auto begun = base::thread_time();
                            while (base::thread_time() - begun < cost) {
                            }
                            return std::nullopt;
                        },
                        [&](const Result&) { done.count_down(); }});
    };
    occupy();
    add_for(dear, kChecked);
    add_for(cheap, {});
    release();
    done.wait();
    verifier_->stop();

    EXPECT_GE(dear->spent(), kChecked);
    EXPECT_LT(cheap->spent(), dear->spent()) << "they were one batch";
}

TEST_F(VerifierTest, one_client_has_half_of_the_queue) {
    base::Clients clients;
    const auto greedy = clients.of(*base::ClientKey::parse("192.0.2.1"), base::Client::Time());
    occupy(10);
    {
        const base::ActingFor scope(greedy.get());
        for (std::uint64_t nonce = 0; nonce < 8; ++nonce) add_good(nonce);
    }
    add_good(100);
    release();

    EXPECT_EQ(outcome(8), "good");
    EXPECT_EQ(outcome(4), "good");
    EXPECT_EQ(outcome(5), "too many transactions wait for their signature check");
}

}  // namespace
}  // namespace rues::chain
