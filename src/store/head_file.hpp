#pragma once

#include <filesystem>
#include <optional>

#include "base/error.hpp"
#include "store/layout.hpp"

/// The end of the log, kept in a small file beside the store. docs/formats/store.md.
namespace rues::store {

/// The content of the head file. RocksDB cuts a write-ahead log at the first damaged record and reports success, so the
/// store is compared with this file when it is opened. The file never claims more than the store held: it is written
/// after each write of the store.
struct Head {
    std::uint64_t epoch = 0;
    std::uint64_t synced = 0;  ///< last record known to be on the disk: only damage can remove it
    /// Last record given to the kernel: it stays while the machine runs. Never less than `synced`.
    std::uint64_t written = 0;
    std::uint64_t boot = 0;  ///< the boot of the machine in which this was written (`boot_number`)
    friend bool operator==(const Head&, const Head&) = default;
};

/// A hash of the boot id; 0 for an unknown boot, which never counts as the same boot.
std::uint64_t boot_number(std::string_view boot_id) noexcept;

enum class Loss : std::uint8_t {
    nothing,
    unsynced,  ///< records that were written in this boot of the machine, but not synced
    synced,    ///< records that had been synced, or the whole epoch
};
/// What a log with these epochs and this last sequence number has lost, compared with `head`.
Loss loss_of(const Head& head, const layout::Epochs& epochs, std::uint64_t last_seq, std::uint64_t boot);

/// The open head file. One writer: the chain thread.
class HeadFile {
public:
    /// The path `store.head` beside the folder `store`.
    static std::filesystem::path path_of(const std::filesystem::path& store);
    /// nullopt when there is no file. An Error of kind `corrupt` when the file is not of our form.
    static Result<std::optional<Head>> read(const std::filesystem::path& path);
    /// Replaces the file atomically and syncs it.
    static Result<std::unique_ptr<HeadFile>> create(const std::filesystem::path& path, const Head& head);
    ~HeadFile();
    HeadFile(const HeadFile&) = delete;
    HeadFile& operator=(const HeadFile&) = delete;

    /// Records that the log was written up to `seq`. Costs one pwrite.
    Result<void> written(std::uint64_t seq);
    /// Records that the log was written and synced up to `seq`. Costs one pwrite and one fdatasync of a file whose size
    /// does not change.
    Result<void> synced(std::uint64_t seq);

private:
    HeadFile(std::filesystem::path path, const Head& head) : path_(std::move(path)), head_(head) {}
    Result<void> write();

    std::filesystem::path path_;
    Head head_;
    int file_ = -1;
};

}  // namespace rues::store
