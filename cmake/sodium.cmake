# libsodium: BLAKE2b of any output length.
find_path(RUES_SODIUM_INCLUDE sodium.h REQUIRED)
find_library(RUES_SODIUM_LIBRARY sodium REQUIRED)
add_library(rues_sodium INTERFACE)
target_include_directories(rues_sodium SYSTEM INTERFACE "${RUES_SODIUM_INCLUDE}")
target_link_libraries(rues_sodium INTERFACE "${RUES_SODIUM_LIBRARY}")
