# Debian's package has both libraries. The static one is for what users run: calls within the shared one go through a table, two more misses each when no code
# is in a cache, and that is how an event's append finds it after a thousand sends. The shared one is for everyday work: half the time to link each of our
# programs, and the thread sanitizer can tell its code from ours.
string(COMPARE EQUAL "${CMAKE_BUILD_TYPE}" Release is_for_users)
option(RUES_ROCKSDB_STATIC "Link RocksDB statically" ${is_for_users})
find_package(RocksDB 7.8 QUIET)
set(RUES_ROCKSDB RocksDB::rocksdb-shared)
if(RUES_ROCKSDB_STATIC AND TARGET RocksDB::rocksdb)
    set(RUES_ROCKSDB RocksDB::rocksdb)
elseif(RUES_ROCKSDB_STATIC AND TARGET RocksDB::rocksdb-shared)
    message(WARNING "no static RocksDB here: the shared one is linked")
elseif(NOT TARGET RocksDB::rocksdb-shared)
    find_path(RUES_ROCKSDB_INCLUDE rocksdb/db.h REQUIRED)
    find_library(RUES_ROCKSDB_LIBRARY rocksdb REQUIRED)
    add_library(RocksDB::rocksdb-shared INTERFACE IMPORTED)
    target_include_directories(RocksDB::rocksdb-shared SYSTEM INTERFACE "${RUES_ROCKSDB_INCLUDE}")
    target_link_libraries(RocksDB::rocksdb-shared INTERFACE "${RUES_ROCKSDB_LIBRARY}")
endif()
