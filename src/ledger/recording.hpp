#pragma once

#include <expected>
#include <string>

#include "ledger/block.hpp"

/// A recorded chain (`chain.json` of tests/data): its abbreviations resolved. Pure.
namespace rues::ledger {

/// The same value with every `{"parts": [text, {"repeat": text, "times": n}]}` joined to the text it stands for. At
/// most `kMaxJoined` bytes each.
base::json::value joined(const base::json::value& v);
inline constexpr std::size_t kMaxJoined = 16 << 20;

/// Blocks of a recording after `joined`. Every accessor gives an error text when something is missing or of the wrong
/// form.
class Recording {
public:
    static std::expected<Recording, std::string> read(const base::json::value& chain);

    std::size_t size() const { return blocks_.size(); }
    const base::json::object& block(std::size_t height) const { return *blocks_[height]; }
    /// The header with its bloom written out, as JSON.
    std::expected<base::json::object, std::string> header_json(std::size_t height) const;
    std::expected<Header, std::string> header(std::size_t height) const;
    /// The bytes of contract event `index` of a block.
    std::expected<Bytes, std::string> event_data(std::size_t height, std::size_t index) const;

private:
    std::vector<const base::json::object*> blocks_;
};

}  // namespace rues::ledger
