#pragma once

#include <filesystem>
#include <optional>

#include "base/error.hpp"
#include "store/layout.hpp"

/// How far the log had come, kept in a small file beside the store. docs/formats/store.md.
namespace rues::store {

/// RocksDB cuts a write-ahead log at the first damaged record and reports success. So the store is compared with this
/// when it is opened. It never says more than the store held: it is written behind each write of the store.
struct Head {
    std::uint64_t epoch = 0;
    std::uint64_t synced = 0;   ///< last record known to be on the disk: nothing but damage can take it away
    std::uint64_t written = 0;  ///< last record handed to the kernel: stays while the machine runs, `synced` or later
    std::uint64_t boot = 0;     ///< which boot of the machine wrote this (`boot_number`)
    friend bool operator==(const Head&, const Head&) = default;
};

/// 0 for an unknown boot, which equals no other.
std::uint64_t boot_number(std::string_view boot_id) noexcept;

enum class Loss : std::uint8_t {
    nothing,
    unsynced,  ///< records that were written during this boot of the machine, but not synced
    synced,    ///< records that had been synced, or the whole epoch
};
/// What is missing from a log with these epochs and this end.
Loss loss_of(const Head& head, const layout::Epochs& epochs, std::uint64_t last_seq, std::uint64_t boot);

/// The open file. One writer: the chain thread.
class HeadFile {
public:
    /// `store.head` beside the folder `store`.
    static std::filesystem::path path_of(const std::filesystem::path& store);
    /// nullopt: there is no file. Kind `corrupt`: it is not of our form.
    static Result<std::optional<Head>> read(const std::filesystem::path& path);
    /// Replaces the file, atomically and synced.
    static Result<std::unique_ptr<HeadFile>> create(const std::filesystem::path& path, const Head& head);
    ~HeadFile();
    HeadFile(const HeadFile&) = delete;
    HeadFile& operator=(const HeadFile&) = delete;

    /// The log was written up to `seq`. One pwrite.
    Result<void> written(std::uint64_t seq);
    /// The log was written and synced up to `seq`. One pwrite and one fdatasync, of a file whose size does not change.
    Result<void> synced(std::uint64_t seq);

private:
    HeadFile(std::filesystem::path path, const Head& head) : path_(std::move(path)), head_(head) {}
    Result<void> write();

    std::filesystem::path path_;
    Head head_;
    int file_ = -1;
};

}  // namespace rues::store
