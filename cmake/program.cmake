# The one program.
if(EXISTS "${CMAKE_SOURCE_DIR}/src/app/main.cpp")
    add_executable(rues "${CMAKE_SOURCE_DIR}/src/app/main.cpp")
    target_link_libraries(rues PRIVATE rues_app rues_options)
    # In the build tree CMake writes the folder of the engine's library into the program; installed, the library lies beside it.
    include(GNUInstallDirs)
    file(RELATIVE_PATH libraries "/${CMAKE_INSTALL_BINDIR}" "/${CMAKE_INSTALL_LIBDIR}/rues")
    set_target_properties(rues PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}" INSTALL_RPATH "$ORIGIN/${libraries}")
endif()
