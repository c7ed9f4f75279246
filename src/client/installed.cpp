#include <algorithm>
#include <map>

#include "base/encoding.hpp"
#include "client/client.hpp"
#include "client/propagation.hpp"
#include "rues/client.hpp"

/// Implements include/rues/client.hpp with the room's own types, so that users need no header of another room.
namespace rues {
namespace {

std::string text_of(const std::optional<wire::Position>& position) {
    return position ? position->to_string() : std::string();
}

Happening installed(client::Notice&& notice) {
    struct {
        Happening operator()(client::Lost&& one) const { return Lost{std::move(one.why)}; }
        Happening operator()(client::Resumed&&) const { return Resumed{}; }
        Happening operator()(client::Gap&& one) const {
            return Gap{std::move(one.path), text_of(one.after), text_of(one.from)};
        }
        Happening operator()(client::Ended&& one) const { return Ended{std::move(one.path), std::move(one.why)}; }
        Happening operator()(client::Warning&& one) const { return Warning{std::move(one.path), std::move(one.why)}; }
    } translate;
    return std::visit(translate, std::move(notice));
}

}  // namespace

std::optional<std::string_view> Event::header(std::string_view name) const noexcept {
    const auto found =
        std::ranges::find_if(headers, [&](const auto& one) { return base::equal_ignoring_case(one.first, name); });
    if (found == headers.end()) return std::nullopt;
    return found->second;
}

std::optional<std::uint64_t> Event::height() const noexcept {
    const auto text = header("Rues-Height");
    return text ? base::parse_u64(*text) : std::nullopt;
}

bool Event::is_replay() const noexcept {
    return header("Rues-Replay") == "true";
}

std::optional<std::string_view> Event::undecoded() const noexcept {
    constexpr std::string_view kUndecoded = "no; ";
    const auto decoded = header("Rues-Decoded");
    if (!decoded || !decoded->starts_with(kUndecoded)) return std::nullopt;
    return decoded->substr(kUndecoded.size());
}

std::string_view Event::payload_text() const noexcept {
    return base::text(payload);
}

Json Event::json() const {
    return Json::parse(payload_text()).value_or(Json());
}

struct Client::State {
    client::Client client;
    /// Shared, because a callback may end its own subscription while it runs.
    std::map<std::string, std::shared_ptr<const Callback>, std::less<>> callbacks;
};

Client::Client(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

Result<Client> Client::connect(std::string_view url, const Options& options) {
    auto parsed = client::Url::parse(url, options.ca_file);
    if (!parsed) return std::unexpected(parsed.error());
    const auto finality = wire::finality_of(options.finality.empty() ? "accepted" : options.finality);
    if (!finality) return client::failure(Error::Kind::invalid, options.finality + " is not a finality");
    auto client = client::Client::connect(std::move(*parsed), {options.timeout, options.silence}, options.decode,
                                          {*finality, options.retractions});
    if (!client) return std::unexpected(client.error());
    return Client(std::make_unique<State>(State{std::move(*client), {}}));
}

Result<void> Client::subscribe(std::string_view path, std::string_view after) {
    if (after.empty()) return state_->client.subscribe(path);
    const auto position = wire::Position::parse(after);
    if (!position) return client::failure(Error::Kind::invalid, std::string(after) + " is not a position");
    return state_->client.subscribe(path, position);
}

Result<void> Client::subscribe(std::string_view path, Callback callback, std::string_view after) {
    auto done = subscribe(path, after);
    if (done) state_->callbacks[std::string(path)] = std::make_shared<const Callback>(std::move(callback));
    return done;
}

bool Client::unsubscribe(std::string_view path) {
    if (const auto found = state_->callbacks.find(path); found != state_->callbacks.end())
        state_->callbacks.erase(found);
    return state_->client.unsubscribe(path);
}

std::optional<Happening> Client::next(std::chrono::milliseconds timeout) {
    const auto deadline = Clock::now() + timeout;
    for (;;) {
        auto happening = state_->client.next(deadline);
        if (!happening) return std::nullopt;
        if (auto* notice = std::get_if<client::Notice>(&*happening)) {
            auto out = installed(std::move(*notice));
            if (const auto* ended = std::get_if<Ended>(&out)) state_->callbacks.erase(ended->path);
            return out;
        }
        auto& [frame, paths] = std::get<client::Client::Delivery>(*happening);
        Event event{std::move(frame.headers), std::move(frame.payload)};
        bool is_asked_for = false;
        for (const auto& path : paths) {
            const auto found = state_->callbacks.find(path);
            if (found == state_->callbacks.end()) {
                is_asked_for = true;
            } else {
                const auto callback = found->second;
                (*callback)(event);
            }
        }
        if (is_asked_for) return event;
        if (Clock::now() >= deadline) return std::nullopt;
    }
}

void Client::run(Clock::time_point until, const std::function<void(const Happening&)>& other) {
    while (Clock::now() < until) {
        const auto happening = next(std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()));
        if (happening) other(*happening);
    }
}

std::string Client::position() const {
    return text_of(state_->client.position());
}

Result<void> Client::propagate(std::span<const std::byte> transaction) {
    return client::propagate(state_->client.url(), transaction);
}

Result<Outcome> Client::propagate(std::span<const std::byte> transaction, Goal goal,
                                  std::chrono::milliseconds timeout) {
    return client::propagate(state_->client.url(), transaction, goal, timeout);
}

Result<Answer> Client::request(std::string_view method, std::string_view path,
                               const std::vector<std::pair<std::string, std::string>>& headers,
                               std::span<const std::byte> body, std::chrono::milliseconds timeout) {
    auto answer = client::http(state_->client.url(), method, path, headers, body, timeout);
    if (!answer) return std::unexpected(answer.error());
    return Answer{answer->status, std::move(answer->headers), std::move(answer->body)};
}

}  // namespace rues
