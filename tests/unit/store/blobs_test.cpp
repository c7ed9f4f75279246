#include "support/blobs.hpp"

#include "store/blob_layout.hpp"
#include "unit/store/fixture.hpp"

namespace rues::store {
namespace {

using test::constant_blob;
using test::full_blob;
using test::KnownBlob;

class StoreBlobs : public StoreTest {
protected:
    /// Opens the store, whose blobs are kept for `blocks` blocks.
    void open_for(std::uint64_t blocks) {
        store_.reset();
        Options options;
        options.directory = folder_.path() / "store";
        options.sync_blocks = false;
        options.blob_blocks = blocks;
        store_ = Store::open(options).value();
    }
    /// Commits the next block, with these blobs.
    void next(const std::vector<ledger::Blob>& blobs = {}) {
        if (!store_->has_chain()) {
            ASSERT_TRUE(store_->commit_genesis({}, {}));
        }
        ledger::Block block;
        block.header.height = ++height_;
        block.header.hash = samples::numbered<32>(height_);
        BlockCommit commit;
        commit.block = &block;
        for (const auto& blob : blobs) commit.blobs.push_back({blob.hash, &*blob.sidecar});
        const auto done = store_->commit_block(commit);
        ASSERT_TRUE(done) << done.error().text;
    }
    /// A blob that is not proven, which the store does not check.
    static ledger::Blob numbered(std::uint64_t number) {
        auto out = constant_blob().with_sidecar();
        out.hash = samples::numbered<32>(number);
        return out;
    }
    bool keeps(const Hash32& hash) { return store_->snapshot()->blob(hash).value().has_value(); }
    std::size_t kept() {
        std::size_t out = 0;
        EXPECT_TRUE(store_->snapshot()->for_each_blob([&](const StoredBlob&) { return ++out > 0; }));
        return out;
    }

    std::unique_ptr<Store> store_;
    std::uint64_t height_ = 0;
};

// docs/formats/store.md
TEST(BlobLayout, keys_and_values_have_the_documented_bytes) {
    const auto hash = samples::numbered<32>(7);
    const auto sidecar = *full_blob().with_sidecar().sidecar;

    EXPECT_EQ(base::to_hex(layout::blob_key(layout::BlobEntry::data, hash)), "64" + base::to_hex(hash));
    EXPECT_EQ(base::to_hex(layout::blob_key(layout::BlobEntry::height, hash)), "68" + base::to_hex(hash));
    EXPECT_EQ(base::to_hex(layout::included_key(258, hash)), "690000000000000102" + base::to_hex(hash));
    EXPECT_EQ(layout::included_of(layout::included_key(258, hash))->height, 258U);
    EXPECT_EQ(layout::included_of(layout::included_key(258, hash))->hash, hash);
    EXPECT_FALSE(layout::included_of(layout::blob_key(layout::BlobEntry::data, hash)));
    EXPECT_FALSE(layout::blob_of(layout::blob_key(layout::BlobEntry::height, hash)));
    auto bytes = layout::encode(sidecar);
    EXPECT_EQ(bytes.size(), 48U + 48U + 131'072U);
    EXPECT_EQ(layout::decode_sidecar(bytes), sidecar);
    bytes.pop_back();
    EXPECT_FALSE(layout::decode_sidecar(bytes));
}

TEST_F(StoreBlobs, a_blob_is_read_as_it_was_written_with_the_height_of_its_last_block) {
    open_for(0);
    next({full_blob().with_sidecar()});
    next({full_blob().with_sidecar(), constant_blob().with_sidecar()});
    open_for(0);

    std::map<Hash32, std::uint64_t> heights;
    ASSERT_TRUE(store_->snapshot()->for_each_blob([&](const StoredBlob& blob) {
        const KnownBlob known = blob.hash == full_blob().hash() ? full_blob() : constant_blob();
        EXPECT_EQ(blob.hash, known.hash());
        EXPECT_EQ(blob.sidecar, *known.with_sidecar().sidecar);
        heights[blob.hash] = blob.height;
        return true;
    }));

    EXPECT_EQ(heights, (std::map<Hash32, std::uint64_t>{{full_blob().hash(), 2}, {constant_blob().hash(), 2}}));
    EXPECT_EQ(store_->snapshot()->blob(full_blob().hash()).value(), full_blob().with_sidecar().sidecar);
    EXPECT_EQ(store_->snapshot()->blob({}).value(), std::nullopt);
}

TEST_F(StoreBlobs, what_a_lowered_limit_leaves_behind_is_removed_in_small_steps) {
    open_for(0);
    for (std::uint64_t block = 0; block < 20; ++block) {
        std::vector<ledger::Blob> blobs;
        for (std::uint64_t n = 0; n < 5; ++n) blobs.push_back(numbered(100 + 5 * block + n));
        next(blobs);
    }
    ASSERT_EQ(kept(), 100U);
    open_for(1);

    std::vector<std::size_t> left;
    for (int block = 0; block < 4; ++block) {
        next();
        left.push_back(kept());
    }

    EXPECT_EQ(left, (std::vector<std::size_t>{68, 36, 4, 0}));
    EXPECT_FALSE(keeps(numbered(100).hash));
    store_.reset();
    EXPECT_EQ(raw_keys(folder_.path() / "store", "blobs"), std::set<std::string>()) << "nothing of them stays";
}

TEST_F(StoreBlobs, blobs_of_empty_stretches_expire_too) {
    open_for(3);
    next();
    next({numbered(1)});
    next();
    next({numbered(2)});
    next();
    EXPECT_FALSE(keeps(numbered(1).hash));
    EXPECT_TRUE(keeps(numbered(2).hash));
    next();
    next();
    EXPECT_EQ(kept(), 0U);
    next({numbered(3)});
    EXPECT_EQ(kept(), 1U) << "the list begins again";
    for (int block = 0; block < 3; ++block) next();
    EXPECT_EQ(kept(), 0U);
}

TEST_F(StoreBlobs, a_damaged_blob_is_an_error_and_not_a_missing_one) {
    open_for(0);
    next({full_blob().with_sidecar()});
    store_.reset();
    const auto key = layout::blob_key(layout::BlobEntry::data, full_blob().hash());
    write_raw("blobs", std::string(base::text(key)), "short");
    open_for(0);

    const auto snapshot = store_->snapshot();
    EXPECT_EQ(snapshot->blob(full_blob().hash()).error().kind, base::Error::Kind::corrupt);
    EXPECT_TRUE(snapshot->failed());
}

}  // namespace
}  // namespace rues::store
