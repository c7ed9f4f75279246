# blst, BLS12-381. A system-wide library is used when there is one; else the C sources of blst's own crate, pinned by version and hash, are
# unpacked into the build tree and built here. With __BLST_PORTABLE__ it has both sets of its x86-64 assembly, for CPUs with ADX and without,
# and chooses one when the program starts. ADX takes a tenth off a verification.
set(RUES_BLST_VERSION 0.3.17)
set(RUES_BLST_SHA256 c20659f9bbee16cbbd2f7393e40ab6309f5a98f76a2eb57a995ec508b72387fe)

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
rues_crate(blst ${RUES_BLST_VERSION} ${RUES_BLST_SHA256} "${sources}" blst/src/* blst/build/* blst/bindings/*.h)
set(blst "${sources}/blst-${RUES_BLST_VERSION}/blst")
add_library(rues_blst STATIC "${blst}/src/server.c" "${blst}/build/assembly.S")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    set(RUES_BLST_CHOOSES ON)  # unit_crypto tests both sets
endif()
target_include_directories(rues_blst SYSTEM PUBLIC $<BUILD_INTERFACE:${blst}/bindings>)
target_compile_definitions(rues_blst PRIVATE __BLST_PORTABLE__)
target_compile_options(rues_blst PRIVATE -O2 -fno-builtin -w -fno-sanitize=all)
