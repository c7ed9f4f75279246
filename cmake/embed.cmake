# rues_embed(TARGET FILE SYMBOL): compiles a file into TARGET as `const char SYMBOL[]` and `const unsigned long SYMBOLSize`.
function(rues_embed target file symbol)
    set(source "${CMAKE_BINARY_DIR}/embedded/${symbol}.cpp")
    add_custom_command(OUTPUT "${source}"
        COMMAND "${CMAKE_COMMAND}" -DINPUT=${file} -DOUTPUT=${source} -DSYMBOL=${symbol} -P "${CMAKE_SOURCE_DIR}/cmake/embed_file.cmake"
        DEPENDS "${file}" "${CMAKE_SOURCE_DIR}/cmake/embed_file.cmake" VERBATIM)
    target_sources(${target} PRIVATE "${source}")
endfunction()
