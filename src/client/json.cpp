#include "rues/json.hpp"

#include <boost/json.hpp>

/// `at_` points at a boost::json::value, a type that users do not need to know.
namespace rues {
namespace {

constexpr std::size_t kMaxDepth = 64;

const boost::json::value& value_at(const std::shared_ptr<const void>& at) noexcept {
    static const boost::json::value null;
    return at ? *static_cast<const boost::json::value*>(at.get()) : null;
}

}  // namespace

std::optional<Json> Json::parse(std::string_view text) {
    boost::json::parse_options options;
    options.max_depth = kMaxDepth;
    boost::system::error_code error;
    auto value = std::make_shared<const boost::json::value>(boost::json::parse(text, error, {}, options));
    if (error) return std::nullopt;
    return Json(std::move(value));
}

Json::Kind Json::kind() const noexcept {
    switch (value_at(at_).kind()) {
    case boost::json::kind::null:
        break;
    case boost::json::kind::bool_:
        return Kind::boolean;
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
    case boost::json::kind::double_:
        return Kind::number;
    case boost::json::kind::string:
        return Kind::string;
    case boost::json::kind::array:
        return Kind::array;
    case boost::json::kind::object:
        return Kind::object;
    }
    return Kind::null;
}

std::size_t Json::size() const noexcept {
    if (const auto* array = value_at(at_).if_array()) return array->size();
    if (const auto* object = value_at(at_).if_object()) return object->size();
    return 0;
}

Json Json::operator[](std::string_view member) const {
    const auto* object = value_at(at_).if_object();
    const auto* found = object == nullptr ? nullptr : object->if_contains(member);
    return found == nullptr ? Json() : Json(std::shared_ptr<const void>(at_, found));
}

Json Json::at(std::size_t element) const {
    const auto* array = value_at(at_).if_array();
    const auto* found = array == nullptr ? nullptr : array->if_contains(element);
    return found == nullptr ? Json() : Json(std::shared_ptr<const void>(at_, found));
}

std::vector<std::pair<std::string_view, Json>> Json::members() const {
    std::vector<std::pair<std::string_view, Json>> out;
    if (const auto* object = value_at(at_).if_object()) {
        out.reserve(object->size());
        for (const auto& member : *object)
            out.emplace_back(member.key(), Json(std::shared_ptr<const void>(at_, &member.value())));
    }
    return out;
}

std::optional<bool> Json::as_bool() const noexcept {
    const auto* found = value_at(at_).if_bool();
    return found == nullptr ? std::nullopt : std::optional(*found);
}

std::optional<std::uint64_t> Json::as_u64() const noexcept {
    if (const auto* found = value_at(at_).if_uint64()) return *found;
    if (const auto* found = value_at(at_).if_int64(); found != nullptr && *found >= 0)
        return static_cast<std::uint64_t>(*found);
    return std::nullopt;
}

std::optional<std::int64_t> Json::as_i64() const noexcept {
    const auto* found = value_at(at_).if_int64();  // Boost.JSON uses uint64 only for values that do not fit here
    return found == nullptr ? std::nullopt : std::optional(*found);
}

std::optional<double> Json::as_double() const noexcept {
    if (const auto* found = value_at(at_).if_double()) return *found;
    if (const auto* found = value_at(at_).if_int64()) return static_cast<double>(*found);
    if (const auto* found = value_at(at_).if_uint64()) return static_cast<double>(*found);
    return std::nullopt;
}

std::optional<std::string_view> Json::as_string() const noexcept {
    const auto* found = value_at(at_).if_string();
    return found == nullptr ? std::nullopt : std::optional<std::string_view>(*found);
}

std::string Json::to_text() const {
    return boost::json::serialize(value_at(at_));
}

}  // namespace rues
