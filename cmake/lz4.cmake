# lz4: the stored pages of contract memory.
find_path(RUES_LZ4_INCLUDE lz4.h REQUIRED)
find_library(RUES_LZ4_LIBRARY lz4 REQUIRED)
add_library(rues_lz4 INTERFACE)
target_include_directories(rues_lz4 SYSTEM INTERFACE "${RUES_LZ4_INCLUDE}")
target_link_libraries(rues_lz4 INTERFACE "${RUES_LZ4_LIBRARY}")
