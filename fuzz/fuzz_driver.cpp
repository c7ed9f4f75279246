#include <array>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "base/encoding.hpp"
#include "crypto/hash.hpp"
#include "support/test_driver.hpp"
#include "vm/driver/drivers.hpp"
#include "vm/host_functions.hpp"

namespace {

using namespace rues;
using vm::DriverFunction;

/// Compilation takes time in proportion, and nothing can stop it.
constexpr std::size_t kMaxModule = 16'384;
constexpr std::array kFunctions = {DriverFunction::encode_input,  DriverFunction::decode_input,
                                   DriverFunction::decode_output, DriverFunction::decode_event,
                                   DriverFunction::get_schema,    DriverFunction::get_version};

void expect(bool good) {
    if (!good) std::abort();
}

/// An engine that ticks, so that code that uses much gas ends soon.
class Ticking {
public:
    vm::Engine& operator*() const { return *engine_; }

private:
    const std::unique_ptr<vm::Engine> engine_ =
        vm::Engine::create({vm::host_functions32(), vm::host_functions64()}).value();
    const std::jthread ticker_{[this](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
            engine_->tick();
        }
    }};
};

vm::Drivers& drivers() {
    static const Ticking engine;
    static vm::Drivers made(*engine, {.module_bytes = std::size_t{8} << 20, .instances = 2});
    return made;
}

/// The first 32 letters are a name, the rest are data.
void ask(base::ByteView module, DriverFunction function, base::ByteView input) {
    const auto loaded = drivers().load({module, crypto::blake3(module)}, {});
    if (!loaded) return expect(base::is_utf8(loaded.error().text) && loaded.error().text.ends_with(")"));
    const auto name = input.first(std::min<std::size_t>(input.size(), 32));
    const auto answer =
        drivers().call(*loaded, {function, base::text(name), input.subspan(name.size())}, [] { return true; });
    if (answer) {
        expect(answer->size() <= 65'532);
    } else {
        expect(base::is_utf8(answer.error().text) && answer.error().text.ends_with("\")"));
    }
    expect(drivers().instances() <= 2);
}

const base::Bytes& good_driver() {
    static const base::Bytes module = vm::test::TestDriver().build();
    return module;
}

}  // namespace

/// The first byte chooses the function that is asked, and what the rest is: a module; changes of bytes of a good
/// driver; or the input of a good driver.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1 || size > kMaxModule) return 0;
    const auto function = kFunctions.at((data[0] >> 2) % kFunctions.size());
    const base::ByteView rest = std::as_bytes(std::span(data + 1, size - 1));
    if ((data[0] & 3) == 0) {
        ask(rest, function, {});
    } else if ((data[0] & 3) == 1) {
        base::Bytes module = good_driver();
        for (std::size_t i = 0; i + 3 <= rest.size(); i += 3) {
            const auto at = std::to_integer<std::size_t>(rest[i]) << 8 | std::to_integer<std::size_t>(rest[i + 1]);
            module[at % module.size()] = rest[i + 2];
        }
        ask(module, function, base::view("echo"));
    } else {
        ask(good_driver(), function, rest);
    }
    return 0;
}
