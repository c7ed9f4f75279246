#pragma once

#include <boost/json.hpp>
#include <fstream>
#include <sstream>
#include <string>

#include "base/encoding.hpp"
#include "ledger/recording.hpp"

/// Recorded data of tests/data, with its abbreviations resolved (see the README there).
namespace rues::recorded {

inline std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream out;
    out << in.rdbuf();
    return std::move(out).str();
}

inline boost::json::value load_file(const std::string& path) {
    return ledger::joined(boost::json::parse(read_file(path)));
}

/// Reads a file of the committed copy.
inline boost::json::value load(const std::string& name) {
    return load_file(std::string(RUES_TEST_DATA) + "/rusk-1.7/" + name);
}

inline base::Bytes hex(const boost::json::value& v) {
    return *base::from_hex(v.as_string());
}

}  // namespace rues::recorded
