#include "api/sessions/commands.hpp"

#include <algorithm>

#include "api/sessions/subscribing.hpp"
#include "base/json_reading.hpp"

namespace rues::api::commands {
namespace {

using base::json::array;
using base::json::object;
using base::json::value;

constexpr std::size_t kMaxDepth = 4;
constexpr std::size_t kAround = 150;  // bytes of the answer to a path beside the path: a position, or a code and a text
constexpr std::size_t kMaxId = 64;
constexpr std::size_t kMaxIdText = 2 + 6 * kMaxId;  // with quotes, and every byte written as an escape

struct Command {
    bool subscribes = true;
    std::vector<std::string> paths;
    feed::SubscribeOptions options;
};

object error_json(const Failure& failure) {
    return {{"code", row_of(failure.code).name}, {"error", failure.text()}};
}

Result<std::vector<std::string>> paths_of(const value& list) {
    const auto* items = list.if_array();
    if (items == nullptr || items->empty() || items->size() > kMaxUris)
        return fail(ErrorCode::invalid_input, "expected 1 to 64 paths");
    std::vector<std::string> out;
    std::size_t answer = kAround;
    for (const value& item : *items) {
        const auto* text = item.if_string();
        if (text == nullptr) return fail(ErrorCode::invalid_input, "a path must be a string");
        out.emplace_back(std::string_view(*text));
        // A good answer has the canonical path, which may need more escapes. An error has the path as the client wrote
        // it.
        const auto decoded = wire::percent_decoded(out.back());
        const auto canonical = wire::percent_encoded(decoded.value_or(out.back())).size();
        answer += kAround + std::max(canonical, base::json::print(item).size());
    }
    if (answer > kMaxAnswer) return fail(ErrorCode::invalid_input, "the paths are too long for one command");
    return out;
}

/// Reads a command. `id` is read even when the rest is wrong, so that the client knows which command was refused. `id`
/// becomes the JSON text that the client wrote, so that the answer repeats any number byte for byte.
Result<Command> parse(std::string_view text, std::string& id) {
    const auto parsed = base::json::parse(text, kMaxDepth);
    const auto* members = parsed ? parsed->if_object() : nullptr;
    if (members == nullptr) return fail(ErrorCode::invalid_input, "a command must be a JSON object");
    Command out;
    const value* paths = nullptr;
    if (const auto* given = members->if_contains("id")) {
        const auto written = base::json::member_text(text, "id").value_or("");
        const bool is_good = given->is_number() ? written.size() <= kMaxId
                                                : given->is_string() && given->get_string().size() <= kMaxId &&
                                                      written.size() <= kMaxIdText;
        if (!is_good) return fail(ErrorCode::invalid_input, "an id must be a number or a string of at most 64 bytes");
        id = written;
    }
    for (const auto& member : *members) {
        const std::string_view name = member.key();
        const value& given = member.value();
        if (name == "subscribe" || name == "unsubscribe") {
            if (paths != nullptr)
                return fail(ErrorCode::invalid_input, "a command cannot have both subscribe and unsubscribe");
            paths = &given;
            out.subscribes = name == "subscribe";
        } else if (name == "after") {
            const auto position = position_from(given.is_string() ? std::string_view(given.get_string()) : "");
            if (!position) return std::unexpected(position.error());
            out.options.after = *position;
        } else if (name == "decode") {
            const auto decodes = decode_from(given.is_string() ? std::string_view(given.get_string()) : "");
            if (!decodes) return std::unexpected(decodes.error());
            out.options.decodes = *decodes;
        } else if (name == "finality") {
            const auto finality = finality_from(given.is_string() ? std::string_view(given.get_string()) : "");
            if (!finality) return std::unexpected(finality.error());
            out.options.finality = *finality;
        } else if (name == "retractions") {
            if (!given.is_bool()) return fail(ErrorCode::invalid_input, "retractions are true or false");
            out.options.retractions = given.get_bool();
        } else if (name != "id") {
            return fail(ErrorCode::invalid_input, "unknown member " + std::string(name));
        }
    }
    if (paths == nullptr) return fail(ErrorCode::invalid_input, "a command needs subscribe or unsubscribe");
    auto list = paths_of(*paths);
    if (!list) return std::unexpected(list.error());
    out.paths = std::move(*list);
    return out;
}

/// What became of one path.
Result<value> change(const Context& context, std::size_t loop, const wire::SessionId& id, const Command& command,
                     const std::string& path, std::vector<std::shared_ptr<void>>& holds) {
    const auto uri = subscription_at(context, path);
    if (!uri) return std::unexpected(uri.error());
    auto subscribed = command.subscribes ? context.hub.subscribe_here(loop, id, *uri, command.options)
                                         : context.hub.unsubscribe_here(loop, id, *uri);
    if (const auto failure = failure_of(subscribed.result)) return std::unexpected(*failure);
    if (!command.subscribes) return value(uri->to_string());
    object out{{"on", uri->to_string()}, {"position", subscribed.position.to_string()}};
    if (subscribed.recovered) out["recovered"] = *subscribed.recovered;
    if (subscribed.decodes) out["decode"] = "json";
    if (subscribed.certainty.finality != wire::Finality::accepted)
        out["finality"] = wire::to_text(subscribed.certainty.finality);
    if (subscribed.certainty.retractions) out["retractions"] = true;
    holds.push_back(std::move(subscribed.hold));
    return out;
}

}  // namespace

Answer run(const Context& context, std::size_t loop, const wire::SessionId& id, std::optional<wire::Position> after,
           std::string_view text) {
    std::string command_id;
    auto command = parse(text, command_id);
    Answer out;
    object said;
    if (!command) {
        said = error_json(command.error());
    } else {
        if (!command->options.after) command->options.after = after;
        array done;
        array errors;
        for (const std::string& path : command->paths) {
            auto one = change(context, loop, id, *command, path, out.holds);
            if (one) {
                done.push_back(std::move(*one));
                continue;
            }
            object error{{"on", path}};
            for (const auto& member : error_json(one.error())) error.insert(member);
            errors.push_back(std::move(error));
        }
        said = {{command->subscribes ? "subscribed" : "unsubscribed", std::move(done)}, {"errors", std::move(errors)}};
    }
    out.text = base::json::print(said);
    if (!command_id.empty()) out.text.insert(out.text.size() - 1, ",\"id\":" + command_id);
    return out;
}

}  // namespace rues::api::commands
