#include "support/meter.hpp"

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <limits>

#include "support/measure.hpp"

namespace rues::bench {

struct Meter::Shared {
    std::atomic<std::uint64_t> received;
    std::atomic<std::uint64_t> published;
    std::atomic<std::uint64_t> awaited;   ///< the waiting publisher is woken when `received` reaches this number
    std::atomic<std::uint32_t> wake_ups;  ///< used as a futex, because std::atomic can wait only within one process
    std::atomic<std::uint32_t> is_finished;
};

namespace {

constexpr std::uint64_t kNobodyWaits = std::numeric_limits<std::uint64_t>::max();

long futex(std::atomic<std::uint32_t>& word, int operation, std::uint32_t value) {
    return ::syscall(SYS_futex, &word, operation, value, nullptr, nullptr, 0);
}

}  // namespace

Meter::Meter() : Meter(::memfd_create("rues-bench", 0)) {
    reset();
}

Meter::Meter(int descriptor) : descriptor_(descriptor) {
    require(descriptor >= 0 && ::ftruncate(descriptor, sizeof(Shared)) == 0, "no shared memory");
    void* const memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    require(memory != MAP_FAILED, "no shared memory");
    shared_ = static_cast<Shared*>(memory);  // new shared memory is all zero, and zero is a valid value of every member
}

Meter::~Meter() {
    ::munmap(shared_, sizeof(Shared));
    ::close(descriptor_);
}

void Meter::reset() {
    shared_->received = 0;
    shared_->published = 0;
    shared_->awaited = kNobodyWaits;
    shared_->is_finished = 0;
}

void Meter::publish(std::uint64_t bytes_a_session) {
    shared_->published += bytes_a_session;
}

void Meter::finish() {
    shared_->is_finished = 1;
}

void Meter::wait_for_received(std::uint64_t bytes) {
    for (;;) {
        const std::uint32_t seen = shared_->wake_ups;
        shared_->awaited = bytes;
        if (shared_->received >= bytes) break;
        futex(shared_->wake_ups, FUTEX_WAIT, seen);
    }
    shared_->awaited = kNobodyWaits;
}

void Meter::receive(std::uint64_t bytes) {
    if ((shared_->received += bytes) < shared_->awaited) return;
    ++shared_->wake_ups;
    futex(shared_->wake_ups, FUTEX_WAKE, 1);
}

bool Meter::finished() const {
    return shared_->is_finished != 0;
}

std::uint64_t Meter::published() const {
    return shared_->published;
}

}  // namespace rues::bench
