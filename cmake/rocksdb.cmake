# The shared library of Debian's package: half the time to link each of our programs, and the thread sanitizer can tell its code from ours.
find_package(RocksDB 7.8 QUIET)
if(NOT TARGET RocksDB::rocksdb-shared)
    find_path(RUES_ROCKSDB_INCLUDE rocksdb/db.h REQUIRED)
    find_library(RUES_ROCKSDB_LIBRARY rocksdb REQUIRED)
    add_library(RocksDB::rocksdb-shared INTERFACE IMPORTED)
    target_include_directories(RocksDB::rocksdb-shared SYSTEM INTERFACE "${RUES_ROCKSDB_INCLUDE}")
    target_link_libraries(RocksDB::rocksdb-shared INTERFACE "${RUES_ROCKSDB_LIBRARY}")
endif()
