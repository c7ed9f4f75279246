# Language level, warnings and sanitizers of every target of ours.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()

option(RUES_PRECOMPILED "Precompile the headers of libraries" "${RUES_QUICK_BUILD}")  # precompiled.cmake

find_program(RUES_CCACHE ccache)
if(RUES_CCACHE)
    set(launcher "${RUES_CCACHE}")
    if(RUES_PRECOMPILED)
        # What ccache demands for precompiled headers; and it then takes the includes from the compiler, not from a preprocessor of its own.
        list(PREPEND launcher env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_DEPEND=1)
    endif()
    set(CMAKE_C_COMPILER_LAUNCHER "${launcher}")
    set(CMAKE_CXX_COMPILER_LAUNCHER "${launcher}")
endif()

find_package(Threads REQUIRED)

add_library(rues_options INTERFACE)
target_compile_options(rues_options INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual>)
if(RUES_QUICK_BUILD)
    target_compile_options(rues_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-shadow>)  # names of other sources are in scope
endif()
if(RUES_WERROR)
    target_compile_options(rues_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Werror>)
endif()
target_link_libraries(rues_options INTERFACE Threads::Threads)

set(RUES_UNOPTIMISED "")  # for code that takes longer to compile than to run: the tests and the command line
if(RUES_QUICK_BUILD)
    set(CMAKE_UNITY_BUILD ON)
    set(CMAKE_UNITY_BUILD_BATCH_SIZE 12)
    set(RUES_UNOPTIMISED -O0)
    if(NOT RUES_SANITIZE)
        add_compile_options(-g0)  # a sanitizer needs the numbers of lines
    endif()
endif()
if(RUES_SANITIZE)
    add_compile_options(-fsanitize=${RUES_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${RUES_SANITIZE})
    if(RUES_SANITIZE MATCHES thread)
        add_compile_definitions(RUES_TSAN)
    endif()
endif()
if(RUES_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
