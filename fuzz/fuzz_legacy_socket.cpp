#include "base/encoding.hpp"
#include "base/json_reading.hpp"
#include "unit/api/legacy/stage.hpp"

/// The whole path of a client's frames through a socket of the legacy event system: routes, handlers, answers, events.
///
/// The input is the language and then steps. A step is a byte that says how much the client reads and what happens
/// beside the frame, two bytes of length, and the frame.
namespace {

using namespace rues;
using namespace rues::api::legacy;

void expect(bool good) {
    if (!good) std::abort();
}

/// What the server sends must be readable by a client, and every request gets its answers.
void check(const api::legacy::test::Peer& peer, bool is_old) {
    for (const auto& frame : peer.frames()) {
        if (frame.is_text) {
            expect(base::json::parse(frame.payload, 64).has_value());
        } else {
            // The answer to headers of nearly 64 KiB has a few more bytes.
            const auto message = wire::legacy::View::read(base::view(frame.payload));
            expect(!is_old && (message || message.error() == "the headers are too long"));
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static api::legacy::test::Stage stage;
    static int published = 0;
    constexpr int kMostEvents = 100;  // the store stays small, and what an input does hardly depends on earlier ones
    base::Reader reader(std::as_bytes(std::span(data, size)));
    const auto language = reader.take<std::uint8_t>().value_or(0);
    const bool is_old = (language & 1) != 0;
    Opening opening;
    if (is_old)
        opening.target = Target{(language & 2) != 0 ? TargetType::contract : TargetType::host,
                                (language & 2) != 0 ? "01" + std::string(62, '0') : "Chain"};
    if ((language & 4) != 0) opening.on = {{wire::Component::blocks, std::nullopt, "accepted"}};
    if ((language & 8) != 0) opening.after = wire::Position{stage.store().epoch(), 0};
    api::legacy::test::Peer peer;
    const auto socket = stage.connect(peer, std::move(opening));
    for (int steps = 0; steps < 200 && !reader.empty() && peer.closed.empty(); ++steps) {
        const auto how = *reader.take<std::uint8_t>();
        const auto length = reader.take<std::uint16_t>().value_or(0);
        const auto frame = *reader.take_bytes(std::min<std::size_t>(length, reader.remaining()));
        peer.room = (how & 1) != 0 ? SIZE_MAX : how * 16U;
        stage.pool_is_full = (how & 2) != 0;
        // A paused socket hands on no frame.
        if (!peer.is_paused) {
            if ((how & 4) == 0) {
                socket->on_binary(frame);
            } else if (base::is_utf8(base::text(frame))) {
                socket->on_text(base::text(frame));
            }
        }
        if ((how & 8) != 0 && published < kMostEvents) {
            ++published;
            stage.publish({ledger::kTransferContract, "t", base::Bytes(100), {}});
        }
        stage.work();
        socket->on_writable();
        stage.work();
    }
    stage.pool_is_full = false;
    peer.room = SIZE_MAX;
    socket->on_writable();
    stage.wait_for(Limits().pool_retry);
    stage.work();
    expect(!peer.closed.empty() || !peer.is_paused);
    check(peer, is_old);
    socket->on_closed(false);
    stage.work();
    expect(stage.context->legacy_bytes.taken() == 0);
    return 0;
}
