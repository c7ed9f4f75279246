# cmake --install: the program, include/rues, and the CMake package `rues` with the target rues::client.
# The client is a static library, so the package carries every room it stands on; their headers stay here.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

if(TARGET rues)
    install(TARGETS rues RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
    install(FILES "${RUES_WASMTIME_LIBRARY}" DESTINATION ${CMAKE_INSTALL_LIBDIR}/rues)
endif()
install(DIRECTORY "${CMAKE_SOURCE_DIR}/include/rues" DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")

# rues_closure(TARGET OURS FOREIGN): what TARGET is linked with, however far down; of it our targets and the imported ones.
function(rues_closure target ours foreign)
    set(waiting ${target})
    set(seen "")
    set(imported "")
    while(NOT waiting STREQUAL "")
        list(POP_FRONT waiting name)
        if(NOT TARGET ${name} OR name IN_LIST seen OR name IN_LIST imported)
            continue()
        endif()
        if(NOT name MATCHES "^rues_[a-z0-9_]+$")
            list(APPEND imported ${name})
            continue()
        endif()
        list(APPEND seen ${name})
        get_target_property(links ${name} INTERFACE_LINK_LIBRARIES)
        if(NOT links)
            continue()
        endif()
        foreach(link IN LISTS links)
            string(REGEX REPLACE "^\\$<LINK_ONLY:(.*)>$" "\\1" link "${link}")
            list(APPEND waiting "${link}")
        endforeach()
    endwhile()
    set(${ours} ${seen} PARENT_SCOPE)
    set(${foreign} ${imported} PARENT_SCOPE)
endfunction()

# The installed headers need it, and the compiler's default is older.
target_compile_features(rues_client PUBLIC cxx_std_23)

rues_closure(rues_client exported foreign)
foreach(target IN LISTS exported)
    string(REPLACE "rues_" "" name ${target})
    set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
    get_target_property(kind ${target} TYPE)
    if(kind STREQUAL "STATIC_LIBRARY")
        target_compile_options(${target} PRIVATE -gz) # half of what is installed is debug information
    endif()
endforeach()
install(TARGETS ${exported} EXPORT rues_targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}/rues INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

# Each imported target belongs to a package that a user of ours must have too.
set(RUES_FIND_DEPENDENCIES "")
foreach(target IN LISTS foreign)
    string(REGEX REPLACE "::.*" "" package ${target})
    if(package STREQUAL "Boost")
        set(package "Boost 1.81 COMPONENTS json")
    endif()
    list(APPEND RUES_FIND_DEPENDENCIES "find_dependency(${package})")
endforeach()
list(REMOVE_DUPLICATES RUES_FIND_DEPENDENCIES)
list(JOIN RUES_FIND_DEPENDENCIES "\n" RUES_FIND_DEPENDENCIES)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/rues)
configure_package_config_file("${CMAKE_SOURCE_DIR}/cmake/rues-config.cmake.in" "${CMAKE_BINARY_DIR}/package/rues-config.cmake"
    INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file("${CMAKE_BINARY_DIR}/package/rues-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_BINARY_DIR}/package/rues-config.cmake" "${CMAKE_BINARY_DIR}/package/rues-config-version.cmake" DESTINATION ${package_folder})
install(EXPORT rues_targets NAMESPACE rues:: FILE rues-targets.cmake DESTINATION ${package_folder})

# The test asks whether the package is complete, not what a sanitizer says: their flags would have to be repeated by the consumer.
if(RUES_TESTS AND NOT RUES_SANITIZE)
    add_test(NAME install_consumer COMMAND "${CMAKE_COMMAND}" -DBUILD=${CMAKE_BINARY_DIR} -DCONSUMER=${CMAKE_SOURCE_DIR}/tests/install/consumer
        -DGENERATOR=${CMAKE_GENERATOR} -DCOMPILER=${CMAKE_CXX_COMPILER} -P "${CMAKE_SOURCE_DIR}/cmake/test_install.cmake")
    set_tests_properties(install_consumer PROPERTIES TIMEOUT 300)
endif()
