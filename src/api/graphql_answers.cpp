#include "api/graphql_answers.hpp"

#include "base/encoding.hpp"
#include "crypto/hash.hpp"

namespace rues::api::graphql_http {

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
    if (now.height > height_) move_to(now.height);
    const auto found = by_key_.find(key);
    if (found == by_key_.end() || !found->second->answer->holds_at(now)) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->answer;
}

void AnswerCache::put(const std::string& key, AnswerPtr answer) {
    const std::lock_guard lock(mutex_);
    if (answer->at.height > height_) move_to(answer->at.height);
    Entry entry{key, std::move(answer)};
    // One that takes much of the room would push out many that are asked for more often.
    if (entry.answer->at.height < height_ || entry.bytes() > max_bytes_ / 4) return;
    if (const auto known = by_key_.find(key); known != by_key_.end()) drop(known->second);
    bytes_ += entry.bytes();
    entries_.push_front(std::move(entry));
    by_key_.emplace(key, entries_.begin());
    while (bytes_ > max_bytes_) drop(std::prev(entries_.end()));
}

std::size_t AnswerCache::bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
}

void AnswerCache::drop(std::list<Entry>::iterator entry) {
    bytes_ -= entry->bytes();
    by_key_.erase(entry->key);
    entries_.erase(entry);
}

void AnswerCache::move_to(std::uint64_t height) {
    height_ = height;
    by_key_.clear();
    entries_.clear();
    bytes_ = 0;
}

}  // namespace rues::api::graphql_http
