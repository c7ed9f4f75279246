#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <algorithm>
#include <atomic>
#include <memory>

/// A disk that fills up, or whose syncs fail, when the test says so. Until then all writes go to the real disk. A write
/// that does not fit is written as far as it fits, as on a real disk.
namespace rues::store {

struct BadDisk {
    static constexpr std::int64_t kUnlimited = std::int64_t{1} << 60;
    std::atomic<std::int64_t> room{kUnlimited};  ///< bytes that still fit
    std::atomic<bool> tables_only{false};  ///< only tables, which RocksDB flushes from memory, count against `room`
    std::atomic<bool> sync_fails{false};
    std::atomic<std::uint64_t> refused{0};  ///< writes and syncs that failed
};

class BadFile final : public rocksdb::FSWritableFileOwnerWrapper {
public:
    BadFile(std::unique_ptr<rocksdb::FSWritableFile> file, BadDisk& disk, bool table)
        : FSWritableFileOwnerWrapper(std::move(file)), disk_(disk), table_(table) {}

    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
        if (disk_.tables_only && !table_) return target()->Append(data, options, debug);
        const auto size = static_cast<std::int64_t>(data.size());
        const auto room = disk_.room.fetch_sub(size);
        if (room >= size) return target()->Append(data, options, debug);
        disk_.room = 0;
        ++disk_.refused;
        const auto part = static_cast<std::size_t>(std::max<std::int64_t>(room, 0));
        auto written = target()->Append({data.data(), part}, options, debug);
        return written.ok() ? rocksdb::IOStatus::NoSpace("the test's disk is full") : written;
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo&, rocksdb::IODebugContext* debug) override {
        return Append(data, options, debug);
    }
    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
        return sync_fails() ? rocksdb::IOStatus::IOError("the test's disk failed") : target()->Sync(options, debug);
    }
    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
        return sync_fails() ? rocksdb::IOStatus::IOError("the test's disk failed") : target()->Fsync(options, debug);
    }

private:
    bool sync_fails() {
        if (!disk_.sync_fails) return false;
        ++disk_.refused;
        return true;
    }
    BadDisk& disk_;
    bool table_;
};

class BadFileSystem final : public rocksdb::FileSystemWrapper {
public:
    explicit BadFileSystem(BadDisk& disk) : FileSystemWrapper(rocksdb::FileSystem::Default()), disk_(disk) {}
    const char* Name() const override { return "BadFileSystem"; }

    rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* out,
                                      rocksdb::IODebugContext* debug) override {
        return wrapped(target()->NewWritableFile(name, options, out, debug), name, out);
    }
    rocksdb::IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                         std::unique_ptr<rocksdb::FSWritableFile>* out,
                                         rocksdb::IODebugContext* debug) override {
        return wrapped(target()->ReopenWritableFile(name, options, out, debug), name, out);
    }
    rocksdb::IOStatus ReuseWritableFile(const std::string& name, const std::string& old,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSWritableFile>* out,
                                        rocksdb::IODebugContext* debug) override {
        return wrapped(target()->ReuseWritableFile(name, old, options, out, debug), name, out);
    }

private:
    rocksdb::IOStatus wrapped(rocksdb::IOStatus status, const std::string& name,
                              std::unique_ptr<rocksdb::FSWritableFile>* out) {
        if (status.ok()) *out = std::make_unique<BadFile>(std::move(*out), disk_, name.ends_with(".sst"));
        return status;
    }
    BadDisk& disk_;
};

}  // namespace rues::store
