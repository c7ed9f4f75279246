#include "gateway/pause.hpp"

#include <condition_variable>
#include <mutex>

namespace rues::gateway {
namespace {

struct Pause {
    std::mutex mutex;
    std::condition_variable_any wake;
};

}  // namespace

void pause(std::chrono::milliseconds time, const std::stop_token& stop) {
    Pause own;
    std::unique_lock lock(own.mutex);
    own.wake.wait_for(lock, stop, time, [] { return false; });
}

}  // namespace rues::gateway
