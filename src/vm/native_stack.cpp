#include "vm/native_stack.hpp"

#include <pthread.h>

#include <cstdint>

namespace rues::vm {
namespace {

/// The lowest address of this thread's stack, 0 when the system does not say.
std::uintptr_t lowest_address() noexcept {
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return 0;
    void* low = nullptr;
    std::size_t size = 0;
    std::size_t guard = 0;
    const bool known =
        pthread_attr_getstack(&attributes, &low, &size) == 0 && pthread_attr_getguardsize(&attributes, &guard) == 0;
    pthread_attr_destroy(&attributes);
    return known ? reinterpret_cast<std::uintptr_t>(low) + guard : 0;
}

}  // namespace

std::size_t native_stack_left() noexcept {
    thread_local const std::uintptr_t kLowest = lowest_address();
    const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    return here > kLowest ? here - kLowest : 0;
}

}  // namespace rues::vm
