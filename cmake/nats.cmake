# libnats: the connection of a cluster of gateways to NATS and JetStream.
find_path(RUES_NATS_INCLUDE nats/nats.h REQUIRED)
find_library(RUES_NATS_LIBRARY nats REQUIRED)
add_library(rues_nats INTERFACE)
target_include_directories(rues_nats SYSTEM INTERFACE "${RUES_NATS_INCLUDE}")
target_link_libraries(rues_nats INTERFACE "${RUES_NATS_LIBRARY}")
