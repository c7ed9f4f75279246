# wasmtime, the WebAssembly engine: one release, pinned by version and hash. The shared library is in its PyPI wheel, the headers are in the
# crate of its C API. The layouts of its structs change from release to release, so a library that the system may have is not used. The wheel's
# library has no SONAME: it is named here, and lies in a folder of its own beside the program, where no other program finds it.
set(RUES_WASMTIME_VERSION 50.0.1)
set(RUES_WASMTIME_CRATE_SHA256 3c24d3970786b4baecb5b6aff31759b4f361879e8d99dbd5dc36a9524a0db6e6)
set(RUES_WASMTIME_x86_64_SHA256 cc14c3a17654e0394e0225b11813532ef0cd7bd1e222a0c5494cdedaabeddac4)
set(RUES_WASMTIME_x86_64_WHEEL py3-none-manylinux1_x86_64)
# The wheel's library by its build id, which the program checks when it starts.
set(RUES_WASMTIME_x86_64_BUILD_ID e0004773ccc53f6a3a21d92517c19c3cad93c22d)

string(REPLACE AMD64 x86_64 cpu "${CMAKE_SYSTEM_PROCESSOR}")
if(NOT DEFINED RUES_WASMTIME_${cpu}_SHA256 OR NOT CMAKE_SYSTEM_NAME STREQUAL Linux)
    message(FATAL_ERROR "contracts execute in wasmtime ${RUES_WASMTIME_VERSION}, and cmake/wasmtime.cmake pins its library for Linux on x86-64 only, not for "
        "${CMAKE_SYSTEM_NAME} on ${CMAKE_SYSTEM_PROCESSOR}")
endif()

set(sources "${CMAKE_BINARY_DIR}/wasmtime")
rues_crate(wasmtime-c-api-impl ${RUES_WASMTIME_VERSION} ${RUES_WASMTIME_CRATE_SHA256} "${sources}/crate" include/*)
set(headers "${sources}/crate/wasmtime-c-api-impl-${RUES_WASMTIME_VERSION}/include")
# The release is built with all features but these two: `all-arch`, `disable-logging` (the crate's cmake/features.cmake). Structs depend on it.
foreach(feature PROFILING WAT CACHE PARALLEL_COMPILATION WASI WASI_HTTP LOGGING COREDUMP ADDR2LINE DEMANGLE THREADS GC GC_DRC GC_NULL ASYNC CRANELIFT WINCH
        DEBUG_BUILTINS POOLING_ALLOCATOR COMPONENT_MODEL COMPONENT_MODEL_ASYNC PULLEY)
    set(WASMTIME_FEATURE_${feature} ON)
endforeach()
configure_file("${headers}/wasmtime/conf.h.in" "${sources}/include/wasmtime/conf.h")

rues_wheel(wasmtime ${RUES_WASMTIME_VERSION} ${RUES_WASMTIME_${cpu}_WHEEL} ${RUES_WASMTIME_${cpu}_SHA256} "${sources}/wheel" wasmtime/linux-${cpu}/*)
set(RUES_WASMTIME_LIBRARY "${sources}/lib/libwasmtime.so")
file(MAKE_DIRECTORY "${sources}/lib")
file(CREATE_LINK "${sources}/wheel/wasmtime/linux-${cpu}/_libwasmtime.so" "${RUES_WASMTIME_LIBRARY}" COPY_ON_ERROR)

add_library(rues_wasmtime_library SHARED IMPORTED)
set_target_properties(rues_wasmtime_library PROPERTIES IMPORTED_LOCATION "${RUES_WASMTIME_LIBRARY}" IMPORTED_NO_SONAME ON)
add_library(rues_wasmtime INTERFACE)
target_include_directories(rues_wasmtime SYSTEM INTERFACE "${sources}/include" "${headers}")
target_link_libraries(rues_wasmtime INTERFACE rues_wasmtime_library)
# The one file that knows the headers (docs/architecture.md).
set_source_files_properties("${CMAKE_SOURCE_DIR}/src/vm/wasmtime_engine.cpp" PROPERTIES COMPILE_DEFINITIONS
    RUES_WASMTIME_BUILD_ID="${RUES_WASMTIME_${cpu}_BUILD_ID}")
