#pragma once

#include <cstdint>
#include <optional>
#include <thread>
#include <vector>

#include "base/error.hpp"
#include "vm/pages/descriptor.hpp"

namespace rues::vm {

/// How written memory is found.
enum class Detection : std::uint8_t {
    scan,     ///< PAGEMAP_SCAN on /proc/self/pagemap (Linux 6.7): the system returns only what was written
    pagemap,  ///< /proc/self/pagemap is read: one entry for each 4 KiB
    compare,  ///< bytes are compared. Memory that was never stored and is written with zeros stays unnoticed
};

/// Faults that a thread has had. A write to memory that the thread has not written since the last look causes a fault.
struct Faults {
    std::thread::id thread;
    std::uint64_t count = 0;
    friend bool operator==(const Faults&, const Faults&) = default;
};

/// Tells which pieces of this process's memory are private copies: written since they were mapped. Any thread.
class Pagemap {
public:
    /// A private piece, by its number from the begin of the range.
    struct Found {
        std::uint32_t piece = 0;
        /// False: in anonymous memory it may be the shared page of zeros, which was only read.
        bool certain = true;
    };

    /// Tries out what the system offers on memory of its own and takes the best way that gives the right answer:
    /// `wished`, or else the first one of Detection, or one that follows it.
    static Pagemap open(std::optional<Detection> wished);

    Detection detection() const { return detection_; }
    /// Appends the private pieces of the range in ascending order. REQUIRES: detection() is not compare.
    base::Result<void> find(const std::byte* begin, std::uint64_t bytes, std::vector<Found>& out) const;
    /// nullopt where the system does not count faults.
    std::optional<Faults> faults() const;

private:
    base::Result<void> scan(const std::byte* begin, std::uint64_t bytes, std::vector<Found>& out) const;
    base::Result<void> read(const std::byte* begin, std::uint64_t bytes, std::vector<Found>& out) const;
    bool is_right() const;

    Descriptor file_;
    Detection detection_ = Detection::compare;
    bool counts_faults_ = false;
};

}  // namespace rues::vm
