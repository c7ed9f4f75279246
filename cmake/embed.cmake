# Files compiled into the program. Their bytes are taken in by the assembler (`.incbin`): a source with one initialiser a byte took the
# compiler a second and 100 MB for each 100 kB.

# rues_embed(TARGET FILE SYMBOL): compiles a file into TARGET as `const char SYMBOL[]` and `const unsigned long SYMBOLSize`. A zero follows
# the bytes.
function(rues_embed target file symbol)
    set(source "${CMAKE_BINARY_DIR}/embedded/${symbol}.S")
    set(RUES_EMBED_FILE "${file}")
    set(RUES_EMBED_SYMBOL "${symbol}")
    configure_file("${CMAKE_SOURCE_DIR}/cmake/embed.S.in" "${source}" @ONLY)
    set_source_files_properties("${source}" PROPERTIES OBJECT_DEPENDS "${file}")
    target_sources(${target} PRIVATE "${source}")
endfunction()

# rues_embed_pages(TARGET NAME FILE [NAME FILE ...]): the files that `api::page_files()` lists (src/api/endpoints/page_files.hpp).
function(rues_embed_pages target)
    set(declarations "")
    set(rows "")
    set(number 0)
    while(ARGN)
        list(POP_FRONT ARGN name file)
        set(symbol "kRuesPage${number}")
        rues_embed(${target} "${file}" ${symbol})
        string(APPEND declarations "extern const char ${symbol}[];\nextern const unsigned long ${symbol}Size;\n")
        string(APPEND rows "        {\"${name}\", {${symbol}, ${symbol}Size}},\n")
        math(EXPR number "${number} + 1")
    endwhile()
    set(source "${CMAKE_BINARY_DIR}/embedded/page_files.cpp")
    file(CONFIGURE OUTPUT "${source}" @ONLY CONTENT "#include \"api/endpoints/page_files.hpp\"

@declarations@
std::span<const rues::api::PageFile> rues::api::page_files() {
    static const PageFile kFiles[] = {
@rows@    };
    return kFiles;
}
")
    target_sources(${target} PRIVATE "${source}")
endfunction()
