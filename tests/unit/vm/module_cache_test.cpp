#include "vm/module_cache.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>

#include "support/test_contract.hpp"

namespace rues::vm {
namespace {

using namespace test;
using Use = ModuleCache::Use;

struct Code8 final : Module {
    base::Result<Bytes> serialise() const override { return Bytes(8); }
    std::size_t bytes() const noexcept override { return 8; }
};

/// Compiles at once, but a module with a function `slow` only after `release`.
class SlowEngine final : public Engine {
public:
    base::Result<void> validate(ByteView) override { return {}; }
    base::Result<std::shared_ptr<const Module>> compile(ByteView module, const ModuleShape&) override {
        ++compiled;
        if (base::text(module).find("slow") != std::string_view::npos) released_.wait();
        return std::make_shared<const Code8>();
    }
    base::Result<std::shared_ptr<const Module>> load(ByteView, const ModuleShape&) override {
        return std::make_shared<const Code8>();
    }
    base::Result<std::unique_ptr<Instance>> instantiate(const Module&, LinearMemory&, Host&, bool) override {
        return base::failure(base::Error::Kind::invalid, "nothing runs here");
    }
    void tick() noexcept override {}

    void release() { release_.set_value(); }

    std::atomic<int> compiled = 0;

private:
    std::promise<void> release_;
    std::shared_future<void> released_ = release_.get_future().share();
};

/// Two contracts with the same name have the same code.
Bytecode contract(std::string_view name) {
    TestContract out;
    out.function(name, op::i32_const(0));
    return Bytecode(out.build());
}

class Modules : public ::testing::Test {
protected:
    /// Begins on a thread of its own, and returns when the engine compiles.
    std::future<bool> begin(const Bytecode& code, Use use) {
        const int before = engine_.compiled;
        auto out = later(code, use);
        while (engine_.compiled == before) std::this_thread::yield();
        return out;
    }
    std::future<bool> later(const Bytecode& code, Use use, const ModuleCache::Stop& stop = {}) {
        return std::async(std::launch::async, [this, &code, use, stop] { return got(code, use, stop); });
    }
    bool got(const Bytecode& code, Use use, const ModuleCache::Stop& stop = {}) {
        const auto out = cache_.get(code, use, stop);
        EXPECT_TRUE(out.has_value());
        return out && out->has_value();
    }
    /// Fails instead of waiting for ever when fewer wait.
    void wait_for_waiting(std::size_t count) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (cache_.waiting() != count && std::chrono::steady_clock::now() < end) std::this_thread::yield();
        EXPECT_EQ(cache_.waiting(), count);
    }

    const Bytecode slow_ = contract("slow");
    const Bytecode other_ = contract("other");
    SlowEngine engine_;
    std::map<std::string, Bytes> disk_;
    ModuleCache cache_{
        engine_, 1 << 20,
        CompiledStore{[](const std::string&) -> std::optional<Bytes> { return std::nullopt; },
                      [this](const std::string& key, ByteView saved) { disk_[key] = base::to_bytes(saved); }}};
};

TEST_F(Modules, a_block_does_not_wait_for_what_a_query_compiles) {
    ASSERT_TRUE(got(contract("known"), Use::query));
    auto trial = begin(slow_, Use::trial);

    EXPECT_TRUE(got(other_, Use::block));
    EXPECT_TRUE(got(contract("known"), Use::query)) << "it is in memory";

    engine_.release();
    EXPECT_TRUE(trial.get());
}

TEST_F(Modules, queries_compile_one_at_a_time) {
    auto first = begin(slow_, Use::query);
    auto second = later(other_, Use::query);
    wait_for_waiting(1);
    EXPECT_EQ(engine_.compiled, 1);

    engine_.release();

    EXPECT_TRUE(first.get());
    EXPECT_TRUE(second.get());
    EXPECT_EQ(engine_.compiled, 2);
}

TEST_F(Modules, a_query_that_waits_gives_up_when_it_is_told_to) {
    auto first = begin(slow_, Use::trial);
    std::atomic<bool> stop = false;
    auto second = later(other_, Use::query, [&stop] { return stop.load(); });
    wait_for_waiting(1);
    cache_.tick();
    wait_for_waiting(1);

    stop = true;
    while (second.wait_for(std::chrono::seconds(0)) != std::future_status::ready) cache_.tick();

    EXPECT_FALSE(second.get());
    EXPECT_EQ(engine_.compiled, 1);
    engine_.release();
    EXPECT_TRUE(first.get());
}

TEST_F(Modules, a_module_that_another_thread_compiles_is_waited_for) {
    auto query = begin(slow_, Use::trial);
    auto block = later(slow_, Use::block);
    wait_for_waiting(1);

    engine_.release();

    EXPECT_TRUE(query.get());
    EXPECT_TRUE(block.get());
    EXPECT_EQ(engine_.compiled, 1);
}

TEST_F(Modules, what_a_query_tries_is_kept_but_saved_only_when_a_block_needs_it) {
    ASSERT_TRUE(got(other_, Use::trial));
    ASSERT_TRUE(got(other_, Use::trial));
    EXPECT_EQ(engine_.compiled, 1);
    EXPECT_TRUE(disk_.empty());

    EXPECT_TRUE(got(other_, Use::block));

    EXPECT_EQ(engine_.compiled, 1);
    EXPECT_EQ(disk_.size(), 1U);
}

TEST_F(Modules, what_queries_try_pushes_no_deployed_contract_out) {
    ModuleCache small(engine_, 64, std::nullopt);  // eight modules
    ASSERT_TRUE(small.get(other_, Use::block));
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(small.get(contract("try" + std::to_string(i)), Use::trial));
    const int before = engine_.compiled;

    ASSERT_TRUE(small.get(other_, Use::query));

    EXPECT_EQ(engine_.compiled, before);
}

TEST_F(Modules, code_that_is_no_contract_gives_the_place_back) {
    const Bytecode broken(base::to_bytes("no module"));
    EXPECT_FALSE(cache_.get(broken, Use::query).has_value());
    EXPECT_FALSE(cache_.get(broken, Use::query).has_value());

    EXPECT_TRUE(got(other_, Use::query));
}

}  // namespace
}  // namespace rues::vm
