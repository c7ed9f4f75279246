# blst, BLS12-381. A system-wide library is used when there is one; else the C sources of the npm package @chainsafe/blst, pinned by
# version and hash, are unpacked into the build tree and built here. On x86-64 both sets of its assembly, for CPUs with ADX and without, are
# built; which one runs is decided when the program starts (blst/choice.c). ADX takes a tenth off a verification.
set(RUES_BLST_VERSION 0.2.11)
# SHA-512 of the package file; the same value as the registry's integrity field
# sha512-URyOLq5GtxBoxibOnd2pgLydCy0UZzbiIIBcsRAvGxAsRzjZL04TsQfwRkz5aphU3a1ebeRoMmI/HHyMCiFSQg==
set(RUES_BLST_SHA512 511c8e2eae46b71068c626ce9ddda980bc9d0b2d146736e220805cb1102f1b102c4738d92f4e13b107f0464cf96a9854ddad5e6de46832623f1c7c8c0a215242)

find_path(RUES_BLST_INCLUDE blst.h)
find_library(RUES_BLST_LIBRARY blst)
if(RUES_BLST_INCLUDE AND RUES_BLST_LIBRARY)
    message(STATUS "blst: ${RUES_BLST_LIBRARY}")
    add_library(rues_blst INTERFACE)
    target_include_directories(rues_blst SYSTEM INTERFACE "${RUES_BLST_INCLUDE}")
    target_link_libraries(rues_blst INTERFACE "${RUES_BLST_LIBRARY}")
    return()
endif()

set(sources "${CMAKE_BINARY_DIR}/blst")
rues_npm_package(@chainsafe/blst ${RUES_BLST_VERSION} ${RUES_BLST_SHA512} "${sources}" blst/src/* blst/build/* blst/bindings/*.h)
set(blst "${sources}/package/blst")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    set(glue "${CMAKE_SOURCE_DIR}/cmake/blst")
    add_library(rues_blst STATIC "${blst}/src/server.c" "${glue}/portable.S" "${glue}/adx.S" "${glue}/choice.c")
    target_include_directories(rues_blst PRIVATE "${blst}/build" "${blst}/src")
    set(RUES_BLST_CHOOSES ON)  # unit_crypto tests both
else()
    add_library(rues_blst STATIC "${blst}/src/server.c" "${blst}/build/assembly.S")
endif()
target_include_directories(rues_blst SYSTEM PUBLIC $<BUILD_INTERFACE:${blst}/bindings>)
target_compile_definitions(rues_blst PRIVATE __BLST_PORTABLE__)
target_compile_options(rues_blst PRIVATE -O2 -fno-builtin -w -fno-sanitize=all)
