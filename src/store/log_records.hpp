#pragma once

#include <memory>
#include <vector>

#include "base/bytes.hpp"
#include "wire/finality.hpp"
#include "wire/uri.hpp"

namespace rues::store {

using base::Bytes;
using base::ByteView;

/// What an event has to do with a block (docs/decisions/0032).
enum class Tie : std::uint8_t {
    none,       ///< it belongs to no block
    block,      ///< it is an event of a block
    reverted,   ///< it says that a block was taken back
    retraction  ///< it is the copy of an event whose block was taken back
};

/// The properties by which an event is matched with subscriptions, so that its message need not be parsed.
struct EventFilter {
    wire::Component component{};
    std::uint64_t topic = 0;   ///< wire::text_hash
    std::uint64_t entity = 0;  ///< wire::text_hash
    std::uint64_t height = 0;
    Tie tie = Tie::none;
    /// Of `reverted` and `retraction`: what the block had reached when it was taken back.
    wire::Finality reached = wire::Finality::accepted;
    friend bool operator==(const EventFilter&, const EventFilter&) = default;
};

/// One event of the log: its sequence number, its filter, and the complete WebSocket message. The owner of the record
/// owns the bytes of the message.
struct LogRecord {
    std::uint64_t seq = 0;
    EventFilter filter;
    ByteView message;
};

/// Records in the order of the log. Their messages are contiguous in memory, so neighbours that go to the same socket
/// are sent as one piece of bytes. The records hold views into bytes that this object owns; moving the object keeps
/// them valid.
class LogRecords {
public:
    LogRecords() = default;
    LogRecords(LogRecords&&) noexcept = default;
    LogRecords& operator=(LogRecords&&) noexcept = default;
    LogRecords(const LogRecords&) = delete;
    LogRecords& operator=(const LogRecords&) = delete;

    void reserve(std::size_t records, std::size_t message_bytes) {
        records_.reserve(records);
        bytes_.reserve(message_bytes);
    }
    /// Appends a record and copies its message. Copies of earlier records that a caller holds may become invalid.
    void add(const LogRecord& record) {
        const std::byte* const before = bytes_.data();
        base::append(bytes_, record.message);
        records_.push_back(record);
        if (bytes_.data() == before) {
            records_.back().message = ByteView(bytes_).last(record.message.size());
            return;
        }
        std::size_t at = 0;
        for (LogRecord& each : records_) {
            each.message = ByteView(bytes_).subspan(at, each.message.size());
            at += each.message.size();
        }
    }

    bool empty() const noexcept { return records_.empty(); }
    std::size_t size() const noexcept { return records_.size(); }
    const LogRecord& operator[](std::size_t i) const { return records_[i]; }
    const LogRecord& front() const { return records_.front(); }
    const LogRecord& back() const { return records_.back(); }
    auto begin() const noexcept { return records_.begin(); }
    auto end() const noexcept { return records_.end(); }
    std::size_t message_bytes() const noexcept { return bytes_.size(); }

private:
    Bytes bytes_;
    std::vector<LogRecord> records_;
};

/// Consecutive records of the log; shared between threads and never changed.
using LogBatch = std::shared_ptr<const LogRecords>;

}  // namespace rues::store
