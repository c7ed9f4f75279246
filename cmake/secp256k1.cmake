# libsecp256k1: recovery of keys from signatures of Ethereum.
find_path(RUES_SECP256K1_INCLUDE secp256k1_recovery.h REQUIRED)
find_library(RUES_SECP256K1_LIBRARY secp256k1 REQUIRED)
add_library(rues_secp256k1 INTERFACE)
target_include_directories(rues_secp256k1 SYSTEM INTERFACE "${RUES_SECP256K1_INCLUDE}")
target_link_libraries(rues_secp256k1 INTERFACE "${RUES_SECP256K1_LIBRARY}")
