#pragma once

#include <filesystem>
#include <fstream>

namespace rues::test {

/// Overwrites some bytes in the middle of the largest write-ahead log of a closed store. Returns its path; empty when
/// the log has fewer than `least` bytes.
inline std::filesystem::path damage_write_ahead_log(const std::filesystem::path& store, std::uintmax_t least) {
    namespace fs = std::filesystem;
    fs::path log;
    for (const auto& entry : fs::directory_iterator(store)) {
        if (entry.path().extension() == ".log" && (log.empty() || entry.file_size() > fs::file_size(log)))
            log = entry.path();
    }
    if (log.empty() || fs::file_size(log) < least) return {};
    std::fstream file(log, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(fs::file_size(log) / 2));
    file << "damaged";
    return log;
}

}  // namespace rues::test
