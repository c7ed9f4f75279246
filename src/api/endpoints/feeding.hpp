#pragma once

#include <condition_variable>
#include <mutex>

#include "api/context.hpp"

/// Feeders: functions of contracts that give items one by one. docs/reference/protocol.md 5.5; docs/reference/ledger.md
/// 8.3.
namespace rues::api::contracts {

/// The form of a feeder's items in the answer: their bytes, their hex text, or a JSON array.
enum class FeederForm : std::uint8_t { bytes, hex, json };

/// Items on their way from the contract, which gives them on a thread of its own, to the body of the answer. When the
/// body has `kMost` bytes that its client did not take yet, the contract waits. One thread gives, one takes.
class Feed {
public:
    static constexpr std::size_t kMost = 256 << 10;

    /// Waits for room. False: nobody wants items any more.
    bool give(base::Bytes piece);
    /// No further pieces come. `complete` is false when the contract failed: the answer is then broken off.
    void end(bool complete);

    struct Taken {
        base::Bytes bytes;
        bool ended = false;
        bool complete = true;  ///< when `ended`
    };
    /// Waits until there are `least` bytes, or no more come, or `gone` requests a stop.
    Taken take(std::size_t least, const std::stop_token& gone);
    /// Ends the feeder: nobody takes items any more.
    void close();
    bool is_closed() const;

private:
    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    base::Bytes waiting_;
    bool ended_ = false;
    bool complete_ = true;
    bool closed_ = false;
};

/// Makes the JSON text of an item. nullopt: that takes too long, and the answer is broken off.
using ItemToJson = std::function<std::optional<std::string>(base::ByteView)>;

/// Calls `function` of a contract as a feeder and answers the exchange: with the stream of its items as soon as the
/// first one comes, or with its error. Runs on a thread of the feeders' pool until the last item is taken or the client
/// has gone. `to_json` is for the JSON form only.
void feed(const Context& context, Exchange exchange, const ledger::ContractId& contract, const std::string& function,
          const base::Bytes& argument, FeederForm form, const ItemToJson& to_json);

}  // namespace rues::api::contracts
