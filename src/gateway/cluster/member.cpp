#include "gateway/cluster/member.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "base/json_reading.hpp"
#include "base/thread_rank.hpp"
#include "gateway/pause.hpp"

namespace rues::gateway::cluster {
namespace {

/// How long `run` waits for a message before it looks whether it holds the lease.
constexpr Timeout kTurn{200};
constexpr std::chrono::milliseconds kRest{250};
constexpr std::chrono::milliseconds kShortest{50};
/// After so long without a message, although the stream has some, reading begins anew.
constexpr std::chrono::seconds kStuck{3};

}  // namespace

Bytes Machine::encode() const {
    return base::to_bytes(base::json::print(base::json::object{{"name", name},
                                                               {"start", start},
                                                               {"role", is_ingester ? "ingester" : "edge"},
                                                               {"height", height},
                                                               {"applied", applied}}));
}

std::optional<Machine> Machine::decode(ByteView bytes) {
    const auto json = base::json::parse(base::text(bytes));
    const auto* in = json ? json->if_object() : nullptr;
    if (in == nullptr) return std::nullopt;
    const auto text = [in](std::string_view key) {
        const auto* found = in->if_contains(key);
        return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
    };
    const auto number = [in](std::string_view key) -> std::uint64_t {
        const auto* found = in->if_contains(key);
        boost::system::error_code error;
        const auto out = found != nullptr ? found->to_number<std::uint64_t>(error) : 0;
        return error ? 0 : out;
    };
    Machine out{text("name"), text("start"), text("role") == "ingester", number("height"), number("applied")};
    return out.name.empty() ? std::nullopt : std::optional(std::move(out));
}

Member::Member(Bus& bus, Options options, Parts parts)
    : bus_(bus),
      options_(std::move(options)),
      start_(fmt::format("{}/{}", options_.machine, base::to_hex(options_.start).substr(0, 8))),
      parts_(std::move(parts)) {
    applied_ = std::max<std::uint64_t>(parts_.log.last_commit(), 1);
    height_ = parts_.log.tip().height;
    moved_ = parts_.clock.steady();
    view_.trouble = "there is no connection to the cluster yet";
}

// ---- The writing thread ----

bool Member::open_stream() {
    auto stream = bus_.stream(kAnswer);
    if (!stream) {
        set_trouble(stream.error().text);
        return false;
    }
    stream_ = std::move(*stream);
    SharedLog::Options options;
    options.epoch = options_.epoch;
    options.writer = options_.start;
    shared_.emplace(
        bus_, *stream_, parts_.log, options,
        [this] {
            const auto* lease = lease_.load();
            return lease != nullptr && lease->is_held();
        },
        [this](std::string text) { set_trouble(std::move(text)); }, parts_.lines);
    return true;
}

base::Result<void> Member::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        if (is_short_)
            return base::failure(
                base::Error::Kind::io,
                fmt::format("the stream of the cluster ends before message {}, which this machine has applied: "
                            "messages were lost; restore the stream, or begin with an empty data folder",
                            applied_.load()));
        if (!shared_ && !open_stream()) {
            pause(kRest, stop);
            continue;
        }
        const auto* lease = lease_.load();
        if (lease != nullptr && lease->is_held()) {
            if (const auto done = ingest(stop); !done) return done;
            continue;
        }
        const auto done = shared_->advance(kTurn);
        if (!done) {
            if (const auto end = failed(done.error(), stop); !end) return end;
            continue;
        }
        set_trouble("");
        if (*done > 0) report({});
        begin_again_if_stuck(*done > 0);
    }
    return {};
}

/// The keeper sees messages that do not come here: whatever the bus keeps for reading is made anew.
void Member::begin_again_if_stuck(bool has_advanced) {
    const auto now = parts_.clock.steady();
    {
        const std::lock_guard lock(view_mutex_);
        if (has_advanced || view_.stream.last <= applied_) moved_ = now;
    }
    if (now - moved_ < kStuck) return;
    moved_ = now;
    parts_.lines(base::LogLevel::warning, "cluster: messages of the stream do not come, it is read anew");
    stream_->pause_reading();
}

/// Of the bus: waits a little. Others are the end.
base::Result<void> Member::failed(const StreamFailure& failure, const std::stop_token& stop) {
    if (failure.kind != StreamFailure::Kind::bus) return base::failure(base::Error::Kind::io, failure.text);
    set_trouble(failure.text);
    pause(kRest, stop);
    return {};
}

base::Result<void> Member::ingest(const std::stop_token& stop) {
    if (const auto done = shared_->catch_up(); !done) return failed(done.error(), stop);
    report({});
    std::stop_token term;
    {
        const std::lock_guard lock(view_mutex_);
        term_ = std::stop_source();
        term = term_.get_token();
        view_.is_ingester = true;
        view_.trouble.clear();
    }
    parts_.lines(base::LogLevel::info, "this machine is the ingester now");
    const std::stop_callback ends(stop, [this] { end_term(); });
    base::Result<void> done;
    {
        Follower follower(parts_.upstreams, parts_.log, nullptr, *shared_, parts_.clock, parts_.lines,
                          [this](const FollowerReport& now) { report(now); });
        done = follower.run(term);
    }
    set_role(false);
    report({});
    if (shared_->failure()) return failed(*shared_->failure(), stop);
    if (done) return {};
    const bool is_of_store = done.error().kind != base::Error::Kind::would_block &&
                             done.error().kind != base::Error::Kind::invalid &&
                             done.error().kind != base::Error::Kind::not_found;
    if (is_of_store) return done;
    parts_.lines(base::LogLevel::warning, fmt::format("ingesting was interrupted: {}", done.error().text));
    pause(kRest, stop);
    return {};
}

/// The follower's waits end outside of the lock.
void Member::end_term() {
    const auto term = [this] {
        const std::lock_guard lock(view_mutex_);
        return term_;
    }();
    term.request_stop();
}

void Member::report(const FollowerReport& now) {
    applied_ = shared_->read_up_to();
    height_ = parts_.log.tip().height;
    parts_.on_report(now);
}

// ---- The keeping thread ----

void Member::keep(const std::stop_token& stop) {
    base::use_rank(base::ThreadRank::work);
    const auto step = std::max(options_.lease_time / 4, kShortest);
    base::SteadyTime next_beat{};
    auto able_since = parts_.clock.steady();
    while (!stop.stop_requested()) {
        if (open_buckets()) {
            const auto now = parts_.clock.steady();
            const bool is_able = may_ask_for_lease();
            if (is_able) able_since = now;
            lease_of_keeper_->step(is_able);
            // One that is unable for longer lets another machine try.
            if (now - able_since > options_.lease_time) lease_of_keeper_->give_back();
            if (!lease_of_keeper_->is_held()) end_term();
            look_at_stream();
            if (now >= next_beat) {
                next_beat = now + kBeat;
                beat();
            }
        }
        pause(step, stop);
    }
    if (lease_of_keeper_) lease_of_keeper_->give_back();
}

bool Member::open_buckets() {
    if (lease_of_keeper_) return true;
    auto leases = bus_.bucket("lease", options_.lease_time, kAnswer);
    auto machines = bus_.bucket("machines", kForgotten, kAnswer);
    auto stream = bus_.stream(kAnswer);
    if (!leases || !machines || !stream) return false;
    leases_ = std::move(*leases);
    machines_ = std::move(*machines);
    seen_stream_ = std::move(*stream);
    lease_of_keeper_.emplace(*leases_, start_, options_.lease_time, parts_.clock);
    lease_ = &*lease_of_keeper_;
    return true;
}

/// A machine that no node answers could not ingest, and one that is far behind would keep all others waiting.
bool Member::may_ask_for_lease() {
    const bool has_node = parts_.upstreams.best(height_).has_value();
    const auto applied = applied_.load();
    const std::lock_guard lock(view_mutex_);
    return has_node && !is_short_ && !short_since_ && view_.stream.last > 0 &&
           view_.stream.last <= applied + kMostBehind;
}

void Member::look_at_stream() {
    const auto applied = applied_.load();  // before the question, so that the stream has it
    auto state = seen_stream_->state(patience());
    if (!state && state.error().kind != BusError::Kind::not_found) return;
    if (!state) state = StreamState();  // somebody removed it
    const bool is_short = state->last < applied;
    if (!is_short) short_since_.reset();
    if (is_short && !short_since_) short_since_ = parts_.clock.steady();
    if (short_since_ && parts_.clock.steady() - *short_since_ > kElection) is_short_ = true;
    const std::lock_guard lock(view_mutex_);
    view_.stream = *state;
}

void Member::beat() {
    look_at_machines();  // before the own name is written over that of another machine
    Machine own{options_.machine, start_, false, height_, applied_};
    {
        const std::lock_guard lock(view_mutex_);
        own.is_ingester = view_.is_ingester;
    }
    const auto said = machines_->put(options_.machine, own.encode(), patience());
    {
        const std::lock_guard lock(view_mutex_);
        view_.silence = said ? "" : said.error().text;
    }
}

void Member::look_at_machines() {
    const auto all = machines_->all(patience());
    if (!all) return;
    std::vector<Machine> found;
    std::string shared_name;
    for (const auto& each : *all) {
        auto machine = Machine::decode(each.value);
        if (!machine) continue;
        if (machine->name == options_.machine && machine->start != start_) shared_name = machine->start;
        found.push_back(std::move(*machine));
    }
    const std::lock_guard lock(view_mutex_);
    view_.machines = std::move(found);
    view_.shared_name = std::move(shared_name);
}

// ---- For all ----

void Member::set_trouble(std::string text) {
    bool is_new = false;
    {
        const std::lock_guard lock(view_mutex_);
        is_new = view_.trouble != text && !text.empty();
        view_.trouble = text;
    }
    if (is_new) parts_.lines(base::LogLevel::warning, fmt::format("cluster: {}", text));
}

void Member::set_role(bool is_ingester) {
    const std::lock_guard lock(view_mutex_);
    view_.is_ingester = is_ingester;
}

base::json::object Member::to_json() const {
    View view;
    {
        const std::lock_guard lock(view_mutex_);
        view = view_;
    }
    const auto* lease = lease_.load();
    const auto applied = applied_.load();
    const auto link = bus_.link();
    base::json::array machines;
    for (const auto& each : view.machines)
        machines.push_back(base::json::object{{"name", each.name},
                                              {"start", each.start},
                                              {"role", each.is_ingester ? "ingester" : "edge"},
                                              {"height", each.height},
                                              {"applied", each.applied}});
    if (view.trouble.empty()) view.trouble = view.silence;
    if (view.trouble.empty() && !view.shared_name.empty())
        view.trouble = fmt::format("another machine has the name {} too ({})", options_.machine, view.shared_name);
    return {{"machine", options_.machine},
            {"start", start_},
            {"role", view.is_ingester ? "ingester" : "edge"},
            {"lease_holder", lease != nullptr ? lease->holder() : ""},
            {"connected", link.is_up},
            {"server", link.server},
            {"connections_lost", link.losses},
            {"applied", applied},
            {"stream_first", view.stream.first},
            {"stream_last", view.stream.last},
            {"behind", view.stream.last > applied ? view.stream.last - applied : 0},
            {"trouble", view.trouble},
            {"machines", std::move(machines)}};
}

}  // namespace rues::gateway::cluster
