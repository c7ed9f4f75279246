#include "app/input.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "chain/genesis_file.hpp"

namespace rues::app {
namespace {

base::Result<std::string> all_of(std::FILE* file, std::string_view name, std::size_t most) {
    constexpr std::size_t kPiece = 65'536;
    std::string text;
    for (;;) {
        const std::size_t before = text.size();
        text.resize(before + kPiece);
        errno = 0;
        const std::size_t got = std::fread(text.data() + before, 1, kPiece, file);
        const int problem = errno;
        text.resize(before + got);
        if (text.size() > most)
            return base::failure(base::Error::Kind::invalid, fmt::format("{} holds more than {} bytes", name, most));
        if (got == kPiece) continue;
        if (std::ferror(file) == 0) return text;
        return base::failure(base::Error::Kind::io, fmt::format("{} cannot be read: {}", name, std::strerror(problem)));
    }
}

}  // namespace

base::Result<std::string> read_file(const std::string& path, std::size_t most) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"), &std::fclose);
    if (!file)
        return base::failure(base::Error::Kind::io, fmt::format("{} cannot be read: {}", path, std::strerror(errno)));
    return all_of(file.get(), path, most);
}

base::Result<std::string> read_argument(const std::string& argument) {
    if (argument == "-") return all_of(stdin, "the standard input", kMaxInput);
    if (!argument.starts_with('@')) return argument;
    return read_file(argument.substr(1));
}

base::Result<ledger::Genesis> load_genesis(const std::string& path) {
    auto text = path.empty() ? base::Result<std::string>(chain::default_genesis()) : read_file(path);
    if (!text) return std::unexpected(text.error());
    auto genesis = chain::read_genesis(*text);
    if (!genesis) return base::failure(base::Error::Kind::invalid, fmt::format("{}: {}", path, genesis.error()));
    return std::move(*genesis);
}

base::Result<std::unique_ptr<store::Store>> open_store_of(const std::string& data) {
    store::Options where;
    where.directory = std::filesystem::path(data) / "store";
    std::error_code ignored;
    if (!std::filesystem::is_directory(where.directory, ignored))
        return base::failure(base::Error::Kind::not_found, fmt::format("{} holds no store", data));
    return store::Store::open(where);
}

}  // namespace rues::app
