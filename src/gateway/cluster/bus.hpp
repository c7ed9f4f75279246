#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

/// How the machines of a cluster reach each other. The adapter for NATS is `nats.hpp`; tests use
/// support/memory_bus.hpp.
namespace rues::gateway::cluster {

using base::Bytes;
using base::ByteView;
/// The most that a call may wait. The bus measures it in steady time.
using Timeout = std::chrono::milliseconds;

struct BusError {
    enum class Kind : std::uint8_t {
        unclear,      ///< no answer came in time: the bus may have done it, or may still do it
        unreachable,  ///< there is no connection, or nobody serves the subject: it was not done
        refused,      ///< somebody else was first: the revision or sequence is not the expected one; it was not done
        full,         ///< the bus has no room to store it: it was not done
        not_found,    ///< the stream does not have the message any more
        invalid,      ///< the bus does not take this: name, size, or its own configuration; it was not done
    };
    Kind kind = Kind::invalid;
    std::string text;  ///< one sentence for people, without a trailing full stop
};

template <typename T>
using BusResult = std::expected<T, BusError>;

inline std::unexpected<BusError> bus_failure(BusError::Kind kind, std::string text) {
    return std::unexpected(BusError{kind, std::move(text)});
}

/// Answers one request. Call it at most once, on any thread, at any time: it never waits. When it is destroyed without
/// a call, the machine that asked waits until its timeout.
using Reply = std::move_only_function<void(ByteView answer)>;
/// Takes one request. It runs on a thread of the bus, which it must not keep: it does not wait, calls no function of
/// the bus but `reply`, and passes longer work on. Requests of one `Serving` come one after the other.
using Handler = std::function<void(Bytes body, Reply reply)>;

/// A subject that is being served. When it is destroyed, no further request comes, and none is in the handler. Do not
/// destroy it in its handler.
class Serving {
public:
    virtual ~Serving() = default;
};

/// A value of a bucket. Revisions grow with every write of the bucket, and none is used twice.
struct Entry {
    std::string key;
    Bytes value;
    std::uint64_t revision = 0;
};

/// Small values by key, the same for all machines. A key has letters, digits, `-`, `_` and `.`, and is not empty.
/// Any thread.
class Bucket {
public:
    virtual ~Bucket() = default;
    /// nullopt: the key has no value, or it expired.
    virtual BusResult<std::optional<Entry>> get(std::string_view key, Timeout timeout) = 0;
    /// All values, in order of key.
    virtual BusResult<std::vector<Entry>> all(Timeout timeout) = 0;
    /// The following three begin the time to live anew, and return the revision. Sets the value, whatever there is.
    virtual BusResult<std::uint64_t> put(std::string_view key, ByteView value, Timeout timeout) = 0;
    /// Sets the value of a key that has none. `refused`: it has one.
    virtual BusResult<std::uint64_t> create(std::string_view key, ByteView value, Timeout timeout) = 0;
    /// Sets the value if the present one has this revision. `refused`: it has another one, or expired.
    virtual BusResult<std::uint64_t> update(std::string_view key, ByteView value, std::uint64_t revision,
                                            Timeout timeout) = 0;
    /// Removes the value if it has this revision. `refused`: it has another one, or none.
    virtual BusResult<void> remove(std::string_view key, std::uint64_t revision, Timeout timeout) = 0;

    using OnEntry = std::function<void(Entry)>;
    /// Calls `on_entry` with every present value and then with each new one, until the `Serving` is destroyed. It runs
    /// on a thread of the bus, under the rules of `Handler`. Values that are removed or expire are not told; of several
    /// fast changes of a key only the last one is certain to come.
    virtual BusResult<std::unique_ptr<Serving>> watch(OnEntry on_entry, Timeout timeout) = 0;
};

/// What a stream holds. `first` is `last` + 1 when it holds nothing; both are kept when older messages are removed.
struct StreamState {
    std::uint64_t first = 1;
    std::uint64_t last = 0;
    friend bool operator==(const StreamState&, const StreamState&) = default;
};

struct Message {
    std::uint64_t sequence = 0;
    Bytes body;
};

/// The one ordered stream of the cluster. Sequences begin with 1 and have no gap.
class Stream {
public:
    virtual ~Stream() = default;
    /// Appends a message if the last one has the sequence `expected_last` (0: there was never one), and returns its
    /// sequence. A message whose `id` is that of one of the last two minutes is not appended again: the answer is then
    /// the sequence of the first one. `refused`: the last sequence is another one. A message that is larger than
    /// `Bus::most_bytes` is `invalid`. Any thread.
    virtual BusResult<std::uint64_t> publish(ByteView body, std::string_view id, std::uint64_t expected_last,
                                             Timeout timeout) = 0;
    /// `not_found`: the stream was removed. Any thread.
    virtual BusResult<StreamState> state(Timeout timeout) = 0;
    /// The messages from sequence `from` on, at most `most` of them: all that are there, without a gap. When there is
    /// none yet, waits for one; empty: none came in time. `not_found`: the stream is there and does not hold `from` any
    /// more. One thread at a time. It is fast when it continues where the last call ended; else it may first wait
    /// `kOpening` two times, whatever `timeout` is, and one time when nothing has come for a while.
    virtual BusResult<std::vector<Message>> read(std::uint64_t from, std::size_t most, Timeout timeout) = 0;
    /// Nothing is read for a while, so nothing need be kept for it. The thread of `read`.
    virtual void pause_reading() = 0;

    static constexpr Timeout kOpening{2'000};
};

/// The state of the connection, for `/status`.
struct Link {
    bool is_up = false;
    std::string server;        ///< the one that is used; empty: none
    std::uint64_t losses = 0;  ///< connections that were lost since the start
};

/// One machine's connection to the others. It connects again by itself; until then calls fail as `unreachable` or
/// `unclear`. Any thread may call it, but never an event loop: every call except `link` and `most_bytes` may wait, as
/// long as its timeout says. The objects that it makes end before it.
class Bus {
public:
    virtual ~Bus() = default;
    virtual Link link() const = 0;
    /// Most bytes of one body or value.
    virtual std::size_t most_bytes() const = 0;

    /// Asks the machine that serves the subject. `unreachable`: none does. Subjects are as keys of a bucket.
    virtual BusResult<Bytes> request(std::string_view subject, ByteView body, Timeout timeout) = 0;
    /// Sends to all machines that serve the subject, this one too, without an answer: their `reply` does nothing. What
    /// is sent while a machine has no connection does not reach it.
    virtual BusResult<void> tell(std::string_view subject, ByteView body) = 0;
    /// Takes requests from now on, also after a lost connection. Of a subject that several machines serve, the first
    /// answer counts.
    virtual BusResult<std::unique_ptr<Serving>> serve(std::string_view subject, Handler handler, Timeout timeout) = 0;

    /// Opens a bucket, and makes it where there is none. `to_live`: a value expires so long after it was written; 0:
    /// never. All machines pass the same.
    virtual BusResult<std::unique_ptr<Bucket>> bucket(std::string_view name, std::chrono::milliseconds to_live,
                                                      Timeout timeout) = 0;
    /// Opens the stream, and makes it where there is none.
    virtual BusResult<std::unique_ptr<Stream>> stream(Timeout timeout) = 0;
};

}  // namespace rues::gateway::cluster
