#include "api/graphql/answers.hpp"

#include "base/encoding.hpp"
#include "crypto/hash.hpp"

namespace rues::api::graphql_http {
namespace {

/// Approximate bytes of an entry and its place in the map, without the key, which both of them have.
constexpr std::size_t kOverhead = 256;

}  // namespace

Answered::Answered(const graphql::Response& response) : data(response.data) {
    if (!response.errors.empty()) graphql::append_json(errors, response.errors);
}

std::string Answered::envelope() const {
    std::string out;
    out.reserve(data.size() + errors.size() + 12);
    out.append(R"({"data":)").append(data);
    if (!errors.empty()) out.append(",").append(errors);
    return out += '}';
}

std::string Answered::tag() const {
    const auto hash = crypto::blake2b_256(base::view(envelope()));
    return '"' + base::to_hex(base::ByteView(hash).first(16)) + '"';
}

AnswerPtr AnswerCache::find(const std::string& key, Moment now) {
    const std::lock_guard lock(mutex_);
    move_to(now);
    const AnswerPtr* const known = answers_.find(key);
    return known != nullptr && (*known)->holds_at(now) ? *known : nullptr;
}

void AnswerCache::put(const std::string& key, AnswerPtr answer) {
    const std::lock_guard lock(mutex_);
    move_to(answer->at);
    if (answer->at.tip != newest_.tip) return;
    const std::size_t bytes = kOverhead + 2 * key.size() + answer->data.size() + answer->errors.size();
    answers_.put(key, std::move(answer), bytes);
}

std::size_t AnswerCache::bytes() const {
    const std::lock_guard lock(mutex_);
    return answers_.bytes();
}

/// Drops all answers when `now` has another tip. The newer of two tips is the one with the greater sequence number,
/// whatever its height.
void AnswerCache::move_to(Moment now) {
    if (now.seq < newest_.seq) return;
    if (now.tip != newest_.tip) answers_.clear();
    newest_ = now;
}

}  // namespace rues::api::graphql_http
