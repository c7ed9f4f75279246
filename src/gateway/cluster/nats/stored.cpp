#include "gateway/cluster/nats/stored.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/cluster/nats/serving.hpp"

namespace rues::gateway::cluster::nats {
namespace {

using Kind = BusError::Kind;

/// A bucket has the layout of the key-value buckets of NATS, so its tools can show it: a stream with one message of
/// each subject.
class NatsBucket final : public Bucket {
public:
    NatsBucket(Shared on, const std::string& name)
        : on_(std::move(on)), stream_("KV_" + name), prefix_("$KV." + name + ".") {}

    BusResult<void> open(std::chrono::milliseconds to_live, Timeout timeout) {
        jsStreamConfig wanted;
        jsStreamConfig_Init(&wanted);
        const auto subjects = prefix_ + ">";
        const char* subject = subjects.c_str();
        wanted.Name = stream_.c_str();
        wanted.Subjects = &subject;
        wanted.SubjectsLen = 1;
        wanted.MaxMsgsPerSubject = 1;
        wanted.MaxAge = to_live.count() * kNanoseconds;
        // The time in which repeated ids are known must not be longer than a value lives. Values have no ids.
        wanted.Duplicates = wanted.MaxAge > 0 ? std::min(wanted.MaxAge, 120'000 * kNanoseconds) : 0;
        wanted.Discard = js_DiscardNew;
        wanted.Storage = js_FileStorage;
        wanted.Replicas = on_->replicas;
        wanted.AllowRollup = true;
        return open_stream(*on_, wanted, timeout);
    }

    BusResult<std::optional<Entry>> get(std::string_view key, Timeout timeout) override {
        if (!is_name(key)) return no_name(key);
        if (const auto up = on_->check_up(); !up) return std::unexpected(up.error());
        auto options = js_options(timeout);
        natsMsg* got = nullptr;
        jsErrCode code{};
        const auto status = js_GetLastMsg(&got, on_->js(), stream_.c_str(), subject_of(key).c_str(), &options, &code);
        const Msg message(got);
        if (status == NATS_NOT_FOUND || static_cast<int>(code) == JSNoMessageFoundErr) return std::nullopt;
        if (status != NATS_OK) return failed(status, static_cast<int>(code), "reading " + subject_of(key));
        return Entry{std::string(key), body_of(message), natsMsg_GetSequence(got)};
    }

    BusResult<std::vector<Entry>> all(Timeout timeout) override {
        const auto until = std::chrono::steady_clock::now() + timeout;
        auto options = js_options(timeout);
        const auto filter = prefix_ + ">";
        options.Stream.Info.SubjectsFilter = filter.c_str();
        const auto info = info_of(*on_, stream_, options);
        if (!info) return std::unexpected(info.error());
        std::vector<Entry> out;
        const auto* subjects = *info ? (*info)->State.Subjects : nullptr;
        for (int i = 0; subjects != nullptr && i < subjects->Count; ++i) {
            const std::string_view subject = subjects->List[i].Subject;
            if (!subject.starts_with(prefix_)) continue;
            const auto left = std::chrono::duration_cast<Timeout>(until - std::chrono::steady_clock::now());
            auto entry = get(subject.substr(prefix_.size()), left);
            if (!entry) return std::unexpected(entry.error());
            if (*entry) out.push_back(std::move(**entry));
        }
        std::ranges::sort(out, {}, &Entry::key);
        return out;
    }

    BusResult<std::uint64_t> put(std::string_view key, ByteView value, Timeout timeout) override {
        return written(key, value, timeout, [](jsPubOptions&) {});
    }
    BusResult<std::uint64_t> create(std::string_view key, ByteView value, Timeout timeout) override {
        return written(key, value, timeout, [](jsPubOptions& options) { options.ExpectNoMessage = true; });
    }
    BusResult<std::uint64_t> update(std::string_view key, ByteView value, std::uint64_t revision,
                                    Timeout timeout) override {
        if (revision == 0) return bus_failure(Kind::refused, "no value has the revision 0");
        return written(key, value, timeout, [&](jsPubOptions& options) { options.ExpectLastSubjectSeq = revision; });
    }
    BusResult<void> remove(std::string_view key, std::uint64_t revision, Timeout timeout) override {
        const auto present = get(key, timeout);
        if (!present) return std::unexpected(present.error());
        if (!*present || (*present)->revision != revision)
            return bus_failure(Kind::refused, fmt::format("{} has another revision", key));
        auto options = js_options(timeout);
        jsErrCode code{};
        // A newer value has another sequence, so exactly this one is removed.
        const auto status = js_DeleteMsg(on_->js(), stream_.c_str(), revision, &options, &code);
        if (status != NATS_OK) return failed(status, static_cast<int>(code), "removing " + subject_of(key));
        return {};
    }
    BusResult<std::unique_ptr<Serving>> watch(OnEntry on_entry, Timeout timeout) override {
        return watch_bucket(on_, stream_, prefix_, std::move(on_entry), timeout);
    }

private:
    std::string subject_of(std::string_view key) const { return prefix_ + std::string(key); }
    template <typename Expect>
    BusResult<std::uint64_t> written(std::string_view key, ByteView value, Timeout timeout, Expect expect) {
        if (!is_name(key)) return no_name(key);
        jsPubOptions options;
        jsPubOptions_Init(&options);
        expect(options);
        return publish_to(*on_, subject_of(key), value, options, timeout);
    }

    Shared on_;
    const std::string stream_;
    const std::string prefix_;
};

class NatsStream final : public Stream {
public:
    explicit NatsStream(const Shared& on)
        : on_(on), name_(on->cluster + "-log"), subject_(on->cluster + ".log"), consumer_(on, name_, subject_) {}

    BusResult<void> open(Timeout timeout) {
        jsStreamConfig wanted;
        jsStreamConfig_Init(&wanted);
        const char* subject = subject_.c_str();
        wanted.Name = name_.c_str();
        wanted.Subjects = &subject;
        wanted.SubjectsLen = 1;
        wanted.Discard = js_DiscardNew;
        wanted.Storage = js_FileStorage;
        wanted.Replicas = on_->replicas;
        return open_stream(*on_, wanted, timeout);
    }

    BusResult<std::uint64_t> publish(ByteView body, std::string_view id, std::uint64_t expected_last,
                                     Timeout timeout) override {
        jsPubOptions options;
        jsPubOptions_Init(&options);
        const std::string own(id);
        options.MsgId = own.c_str();
        options.ExpectLastSeq = expected_last;
        options.ExpectNoMessage = expected_last == 0;  // the library sends no sequence 0
        return publish_to(*on_, subject_, body, options, timeout);
    }
    BusResult<StreamState> state(Timeout timeout) override {
        auto options = js_options(timeout);
        const auto info = info_of(*on_, name_, options);
        if (!info) return std::unexpected(info.error());
        if (!*info) return bus_failure(Kind::not_found, fmt::format("there is no stream {} any more", name_));
        const auto& found = (*info)->State;
        return StreamState{found.Msgs == 0 ? found.LastSeq + 1 : found.FirstSeq, found.LastSeq};
    }
    BusResult<std::vector<Message>> read(std::uint64_t from, std::size_t most, Timeout timeout) override;
    void pause_reading() override { consumer_.close(); }

private:
    Shared on_;
    const std::string name_;
    const std::string subject_;
    Consumer consumer_;
    std::uint64_t next_ = 0;  ///< what the consumer gives next
};

BusResult<std::vector<Message>> NatsStream::read(std::uint64_t from, std::size_t most, Timeout timeout) {
    if (!consumer_.is_open() || next_ != from) {
        consumer_.close();
        const auto has = state(kOpening);
        if (!has)
            return bus_failure(has.error().kind == Kind::not_found ? Kind::unreachable : has.error().kind,
                               has.error().text);
        if (from < has->first)
            return bus_failure(Kind::not_found, fmt::format("stream {} begins with message {}", name_, has->first));
        if (const auto done = consumer_.open(from, kOpening); !done) return std::unexpected(done.error());
        next_ = from;
    }
    std::vector<Message> out;
    while (out.size() < most) {
        auto next = consumer_.next(out.empty() ? timeout : Timeout(0));
        if (!next && out.empty()) return std::unexpected(next.error());
        if (!next || !next->message) break;
        if (next->sequence != next_) {
            consumer_.close();
            if (!out.empty()) break;
            return bus_failure(Kind::unclear, fmt::format("stream {}: message {} is missing", name_, next_));
        }
        out.push_back({next_++, body_of(next->message)});
    }
    return out;
}

}  // namespace

BusResult<std::unique_ptr<Bucket>> open_bucket(const Shared& on, const std::string& name,
                                               std::chrono::milliseconds to_live, Timeout timeout) {
    auto out = std::make_unique<NatsBucket>(on, name);
    if (const auto done = out->open(to_live, timeout); !done) return std::unexpected(done.error());
    return out;
}

BusResult<std::unique_ptr<Stream>> open_log(const Shared& on, Timeout timeout) {
    auto out = std::make_unique<NatsStream>(on);
    if (const auto done = out->open(timeout); !done) return std::unexpected(done.error());
    return out;
}

}  // namespace rues::gateway::cluster::nats
