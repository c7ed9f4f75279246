#include "app/module_file.hpp"

#include <fmt/format.h>

#include "app/input.hpp"

namespace rues::app {

base::Result<base::Bytes> read_module(const std::string& file) {
    constexpr std::string_view kBegin("\0asm\1\0\0\0", 8);
    const auto text = file == "-" || file.starts_with('@') ? read_argument(file) : read_file(file);
    if (!text) return std::unexpected(text.error());
    if (text->starts_with(kBegin)) return base::to_bytes(*text);
    return base::failure(base::Error::Kind::invalid,
                         fmt::format("{} is no WebAssembly module", file == "-" ? "the standard input" : file));
}

}  // namespace rues::app
