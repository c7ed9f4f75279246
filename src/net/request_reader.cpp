#include "net/request_reader.hpp"

#include <algorithm>

namespace rues::net {
namespace {

/// Bytes of an incomplete body that are not counted.
constexpr std::size_t kFreeUpload = 4'096;

}  // namespace

std::expected<bool, Refusal> RequestReader::read_head(const Limits& limits) {
    if (parser_ == nullptr) {
        // Blank lines before a request are skipped (RFC 9112 2.2).
        const auto first =
            std::ranges::find_if(input_, [](std::byte b) { return b != std::byte{'\r'} && b != std::byte{'\n'}; });
        if (first == input_.end()) {
            input_ = Bytes{};  // an idle connection owns no buffer
            return false;
        }
        input_.erase(input_.begin(), first);
        parser_ = std::make_unique<HttpParser>(limits);
    }
    ByteView rest = input_;
    auto complete = parser_->put_head(rest);
    if (complete && *complete) keep(rest.size());
    return complete;
}

std::expected<bool, Refusal> RequestReader::read_body() {
    ByteView rest = input_;
    auto complete = parser_->put_body(rest);
    if (!complete) return complete;
    keep(rest.size());
    if (*complete) return complete;
    const std::size_t held = parser_->request().body.size();
    // Otherwise each of the clients could keep a body of the largest size here, one byte short of complete. A small
    // body needs no more than its connection does anyway.
    if (held <= kFreeUpload) return complete;
    if (const auto taken = of_client_.resize(held); taken != base::Taken::yes)
        return std::unexpected(Refusal{taken == base::Taken::client_is_full ? 429U : 503U,
                                       client_->reason(base::Holding::uploads, taken)});
    if (!upload_.grow_to(held)) return std::unexpected(Refusal{503, "too many uploads at once"});
    return complete;
}

/// Drops all of the input but its last bytes.
void RequestReader::keep(std::size_t last) {
    if (reads_secret()) {
        Bytes rest(input_.end() - static_cast<std::ptrdiff_t>(last), input_.end());
        input_.resize(input_.capacity());  // behind its end are bytes that were moved to its begin
        base::wipe(input_);
        input_ = std::move(rest);
        return;
    }
    input_.erase(input_.begin(), input_.end() - static_cast<std::ptrdiff_t>(last));
}

Request RequestReader::take() {
    Request request = parser_->take();
    parser_.reset();
    upload_.clear();
    of_client_ = {};
    if (input_.empty()) input_ = Bytes{};
    return request;
}

}  // namespace rues::net
