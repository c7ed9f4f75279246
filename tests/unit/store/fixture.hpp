#pragma once

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <map>
#include <set>

#include "unit/store/samples.hpp"

namespace rues::store {

using samples::inconsistency;
using samples::step;

class StoreTest : public testing::Test {
protected:
    std::unique_ptr<Store> open(const std::string& boot = {}) {
        Options options;
        options.directory = folder_.path() / "store";
        options.sync_blocks = false;  // these tests simulate no power cut
        options.boot_id = boot;
        auto store = Store::open(options);
        EXPECT_TRUE(store) << (store ? "" : store.error().text);
        return store ? std::move(*store) : nullptr;
    }
    base::Error refusal() {
        const auto store = Store::open({.directory = folder_.path() / "store"});
        EXPECT_FALSE(store);
        return store ? base::Error{} : store.error();
    }
    static void run(Store& store, std::size_t steps) {
        for (std::size_t i = 0; i < steps; ++i) {
            const auto done = step(store);
            ASSERT_TRUE(done) << done.error().text;
        }
    }
    /// Writes to RocksDB without the store: data that a bad disk or another program left.
    void write_raw(const std::string& family, const std::string& key, const std::string& value) {
        write_raw(family, {{key, value}});
    }
    void write_raw(const std::string& family, const std::vector<std::pair<std::string, std::string>>& entries) {
        change_raw(family, [&](rocksdb::DB& db, rocksdb::ColumnFamilyHandle* handle) {
            rocksdb::Status status;
            for (const auto& [key, value] : entries) {
                if (status.ok()) status = db.Put({}, handle, key, value);
            }
            return status;
        });
    }
    /// All keys and values of a family, without the store. REQUIRES: no store is open in `directory`.
    static std::map<std::string, std::string> raw_entries(const std::filesystem::path& directory,
                                                          const std::string& family) {
        std::vector<std::string> names;
        EXPECT_TRUE(rocksdb::DB::ListColumnFamilies({}, directory.string(), &names).ok());
        std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
        for (const auto& name : names) descriptors.emplace_back(name, rocksdb::ColumnFamilyOptions());
        std::vector<rocksdb::ColumnFamilyHandle*> handles;
        rocksdb::DB* opened = nullptr;
        EXPECT_TRUE(rocksdb::DB::OpenForReadOnly({}, directory.string(), descriptors, &handles, &opened).ok());
        const std::unique_ptr<rocksdb::DB> db(opened);
        std::map<std::string, std::string> out;
        for (auto* handle : handles) {
            if (handle->GetName() == family) {
                const std::unique_ptr<rocksdb::Iterator> at(db->NewIterator({}, handle));
                for (at->SeekToFirst(); at->Valid(); at->Next())
                    out.emplace(at->key().ToString(), at->value().ToString());
            }
            db->DestroyColumnFamilyHandle(handle);
        }
        return out;
    }
    static std::set<std::string> raw_keys(const std::filesystem::path& directory, const std::string& family) {
        std::set<std::string> out;
        for (const auto& [key, value] : raw_entries(directory, family)) out.insert(key);
        return out;
    }
    /// REQUIRES: the key exists.
    void remove_raw(const std::string& family, const std::string& key) {
        change_raw(family, [&](rocksdb::DB& db, rocksdb::ColumnFamilyHandle* handle) {
            std::string value;
            const auto found = db.Get({}, handle, key, &value);
            return found.ok() ? db.Delete({}, handle, key) : found;
        });
    }

    /// REQUIRES: the family exists.
    void drop_raw(const std::string& family) {
        change_raw(family,
                   [&](rocksdb::DB& db, rocksdb::ColumnFamilyHandle* handle) { return db.DropColumnFamily(handle); });
    }

private:
    void change_raw(const std::string& family,
                    const std::function<rocksdb::Status(rocksdb::DB&, rocksdb::ColumnFamilyHandle*)>& change) {
        const auto path = (folder_.path() / "store").string();
        std::vector<std::string> names;
        ASSERT_TRUE(rocksdb::DB::ListColumnFamilies({}, path, &names).ok());
        if (std::ranges::count(names, family) == 0) names.push_back(family);
        std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
        for (const auto& name : names) descriptors.emplace_back(name, rocksdb::ColumnFamilyOptions());
        rocksdb::Options options;
        options.create_missing_column_families = true;
        std::vector<rocksdb::ColumnFamilyHandle*> handles;
        rocksdb::DB* opened = nullptr;
        ASSERT_TRUE(rocksdb::DB::Open(options, path, descriptors, &handles, &opened).ok());
        const std::unique_ptr<rocksdb::DB> db(opened);
        for (auto* handle : handles) {
            if (handle->GetName() == family) {
                EXPECT_TRUE(change(*db, handle).ok());
            }
            db->DestroyColumnFamilyHandle(handle);
        }
    }

protected:
    samples::TemporaryFolder folder_;
};

}  // namespace rues::store
