# The state of block 0 of the default genesis. To make it takes a tenth of a second and more, and a first start must not wait for that; so a tool
# makes it when the program is built, and the library rues_default_state has it (src/chain/default_state.hpp).
add_executable(rues_make_default_state src/chain/tool/main.cpp)
target_link_libraries(rues_make_default_state PRIVATE rues_chain rues_options)
set(state "${CMAKE_BINARY_DIR}/default_state.bin")
add_custom_command(OUTPUT "${state}" COMMAND rues_make_default_state "${state}" DEPENDS rues_make_default_state VERBATIM)
add_library(rues_default_state STATIC)
set_target_properties(rues_default_state PROPERTIES LINKER_LANGUAGE CXX)
rues_embed(rues_default_state "${state}" kRuesDefaultState)
