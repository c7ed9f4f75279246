#include "net/answer_writer.hpp"

#include <fmt/format.h>

namespace rues::net {

void AnswerWriter::begin(const Request& request, bool keep_alive) noexcept {
    framing_ = {request.minor_version == 0, keep_alive};
    head_only_ = request.method == "HEAD";
}

void AnswerWriter::write(Response response, bool last, std::string_view date) {
    write_head(response, last, date);
    if (head_only_ || has_no_body(response.status)) return;
    out_.push(std::move(response.body));
    out_.push(std::move(response.shared_body));
}

void AnswerWriter::write_head(Response& response, bool last, std::string_view date) {
    framing_.keep_alive = framing_.keep_alive && !response.close && !last;
    const std::string head = response_head(response, framing_, date);
    Bytes first;
    const bool joined = response.body_size() <= SendQueue::kSmall;  // a small body goes into the same buffer
    first.reserve(head.size() + (joined ? response.body_size() : 0));
    base::append(first, base::view(head));
    out_.push(std::move(first));
    until_sent_ = std::move(response.until_sent);
}

bool AnswerWriter::frame_without_length(Response& head) noexcept {
    framing_.end = framing_.http_1_0 ? Framing::End::close : Framing::End::chunk;
    if (framing_.http_1_0) framing_.keep_alive = false;
    head.body = {};
    head.shared_body = {};
    return !head_only_ && !has_no_body(head.status);
}

template <typename Part>
void AnswerWriter::frame(Part part) {
    if (part.empty()) return;  // an empty chunk is the end of the body
    if (chunked()) out_.push(fmt::format("{:x}\r\n", part.size()));
    out_.push(std::move(part));
    if (chunked()) out_.push("\r\n");
}

void AnswerWriter::write_part(Bytes bytes) {
    frame(std::move(bytes));
}

void AnswerWriter::write_part(ByteView bytes) {
    frame(bytes);
}

void AnswerWriter::write_end() {
    if (chunked()) out_.push("0\r\n\r\n");
}

AnswerWriter::After AnswerWriter::after() const noexcept {
    if (cut_) return ends_with_connection() ? After::reset : After::end;
    return framing_.keep_alive ? After::keep : After::end;
}

}  // namespace rues::net
