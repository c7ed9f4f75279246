#pragma once

#include <expected>
#include <string>

#include "ledger/block.hpp"

/// Reads a recorded chain (`chain.json` of tests/data) and resolves its abbreviations. Pure.
namespace rues::ledger {

/// Returns `v` with every `{"parts": [text, {"repeat": text, "times": n}]}` replaced by the text that it stands for. A
/// repetition that would make a text longer than `kMaxJoined` bytes is left out.
base::json::value joined(const base::json::value& v);
inline constexpr std::size_t kMaxJoined = 16 << 20;

/// The blocks of a recording. It holds pointers into `chain`, which must be the result of `joined` and must outlive it.
/// Functions that return `std::expected` give an error text when something is missing or malformed.
class Recording {
public:
    static std::expected<Recording, std::string> read(const base::json::value& chain);

    std::size_t size() const { return blocks_.size(); }
    const base::json::object& block(std::size_t height) const { return *blocks_[height]; }
    /// The header's JSON with the complete bloom, which the recording may abbreviate.
    std::expected<base::json::object, std::string> header_json(std::size_t height) const;
    std::expected<Header, std::string> header(std::size_t height) const;
    /// The data bytes of contract event `index` of a block.
    std::expected<Bytes, std::string> event_data(std::size_t height, std::size_t index) const;

private:
    std::vector<const base::json::object*> blocks_;
};

}  // namespace rues::ledger
