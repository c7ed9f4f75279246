# The one program.
if(EXISTS "${CMAKE_SOURCE_DIR}/src/app/main.cpp")
    add_executable(rues "${CMAKE_SOURCE_DIR}/src/app/main.cpp")
    target_link_libraries(rues PRIVATE rues_app rues_options)
    set_target_properties(rues PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
endif()
