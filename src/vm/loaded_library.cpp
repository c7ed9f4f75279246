#include "vm/loaded_library.hpp"

#include <link.h>

#include <cstring>
#include <utility>

#include "base/encoding.hpp"

namespace rues::vm {
namespace {

bool has_build_id(const dl_phdr_info& object, std::string_view wanted) {
    for (std::size_t i = 0; i < object.dlpi_phnum; ++i) {
        const auto& header = object.dlpi_phdr[i];
        if (header.p_type != PT_NOTE) continue;
        // NOLINTNEXTLINE(performance-no-int-to-ptr): the loader gives addresses as numbers
        const auto* at = reinterpret_cast<const std::byte*>(object.dlpi_addr + header.p_vaddr);
        const auto* end = at + header.p_memsz;
        while (end - at >= static_cast<std::ptrdiff_t>(sizeof(ElfW(Nhdr)))) {
            ElfW(Nhdr) note;
            std::memcpy(&note, at, sizeof note);
            const auto padded = [](std::size_t size) { return (size + 3) & ~std::size_t{3}; };
            const auto* description = at + sizeof note + padded(note.n_namesz);
            if (description + note.n_descsz > end) break;
            if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
                base::to_hex({description, note.n_descsz}) == wanted)
                return true;
            at = description + padded(note.n_descsz);
        }
    }
    return false;
}

struct Search {
    std::string_view file_name;
    std::string_view build_id;
    LoadedLibrary result;
};

int look_at(dl_phdr_info* object, std::size_t, void* search) {
    auto& [file_name, build_id, result] = *static_cast<Search*>(search);
    const std::string_view path = object->dlpi_name;
    if (path.substr(path.rfind('/') + 1) != file_name) return 0;
    result.found = has_build_id(*object, build_id);
    if (!result.found) result.other = path;
    return 1;
}

}  // namespace

LoadedLibrary loaded_library(std::string_view file_name, std::string_view build_id) {
    Search search{file_name, build_id, {}};
    dl_iterate_phdr(look_at, &search);
    return std::move(search.result);
}

}  // namespace rues::vm
