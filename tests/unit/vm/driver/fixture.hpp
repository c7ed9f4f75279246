#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stop_token>
#include <thread>

#include "crypto/hash.hpp"
#include "support/test_driver.hpp"
#include "vm/driver/drivers.hpp"
#include "vm/host_functions.hpp"

namespace rues::vm::test {

/// Tests of data drivers: an engine, and the drivers of one node.
class DriverTest : public ::testing::Test {
protected:
    using Kind = DriverFailure::Kind;

    static Engine& engine() {
        static const std::unique_ptr<Engine> made =
            Engine::create({host_functions32(), host_functions64(), false}).value();
        return *made;
    }
    static DriverCode code_of(const Bytes& module) { return {module, crypto::blake3(module)}; }

    Drivers::ModulePtr load(const Bytes& module) {
        auto loaded = drivers_.load(code_of(module), {});
        if (!loaded) throw std::runtime_error(loaded.error().text);
        return std::move(*loaded);
    }
    DriverResult<Bytes> call(const Bytes& module, const DriverCall& asked, const Drivers::Stop& stop = {}) {
        const auto loaded = drivers_.load(code_of(module), {});
        if (!loaded) return std::unexpected(loaded.error());
        return drivers_.call(*loaded, asked, stop);
    }
    /// Asks the driver with functions by letter to encode.
    DriverResult<Bytes> encode(const Bytes& module, std::string_view name, std::string_view data = {},
                               const Drivers::Stop& stop = {}) {
        return call(module, {DriverFunction::encode_input, name, base::view(data)}, stop);
    }
    /// The answer, or the failure behind the name of its kind.
    static std::string text(const DriverResult<Bytes>& result) {
        if (result) return std::string(base::text(*result));
        constexpr std::array<std::string_view, 5> kNames = {"driver", "gas", "time", "memory", "busy"};
        return std::string(kNames.at(static_cast<std::size_t>(result.error().kind))) + ": " + result.error().text;
    }

    const Bytes good_ = TestDriver().build();
    Drivers drivers_{engine()};
};

}  // namespace rues::vm::test
