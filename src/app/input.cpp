#include "app/input.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <iterator>

namespace rues::app {
namespace {

using base::Error;

std::string all_of(std::istream& in) {
    return std::string(std::istreambuf_iterator<char>(in), {});
}

}  // namespace

base::Result<std::string> read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text = file ? all_of(file) : std::string();
    if (!file) return base::failure(Error::Kind::io, fmt::format("{} cannot be read", path));
    return text;
}

base::Result<std::string> read_argument(const std::string& argument) {
    if (argument == "-") return all_of(std::cin);
    if (!argument.starts_with('@')) return argument;
    return read_file(argument.substr(1));
}

base::Result<ledger::Genesis> load_genesis(const std::string& path) {
    auto text = path.empty() ? base::Result<std::string>(ledger::default_genesis()) : read_file(path);
    if (!text) return std::unexpected(text.error());
    auto genesis = ledger::Genesis::parse(*text);
    if (!genesis) return base::failure(Error::Kind::invalid, fmt::format("{}: {}", path, genesis.error()));
    return std::move(*genesis);
}

base::Result<std::unique_ptr<store::Store>> open_store_of(const std::string& data) {
    store::Options where;
    where.directory = std::filesystem::path(data) / "store";
    std::error_code ignored;
    if (!std::filesystem::is_directory(where.directory, ignored))
        return base::failure(Error::Kind::not_found, fmt::format("{} holds no store", data));
    return store::Store::open(where);
}

}  // namespace rues::app
