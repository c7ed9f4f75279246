#include "chain/contract_log.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "vm/debug_text.hpp"

namespace rues::chain {
namespace {

/// REQUIRES: `line` is UTF-8. Its beginning, in whole characters.
std::string_view beginning(std::string_view line) {
    std::size_t size = std::min(line.size(), ContractLog::kLineBytes);
    while (size > 0 && size < line.size() && (static_cast<unsigned char>(line[size]) & 0xc0U) == 0x80) --size;
    return line.substr(0, size);
}

std::string left_out_text(std::size_t lines, std::string_view where) {
    return lines == 1 ? fmt::format("1 line that contracts logged {} was left out", where)
                      : fmt::format("{} lines that contracts logged {} were left out", lines, where);
}

constexpr std::string_view kInRequests = "in simulations and queries";

}  // namespace

ContractLog::~ContractLog() {
    if (left_out_ > 0) log_(base::LogLevel::info, left_out_text(left_out_, kInRequests));
}

void ContractLog::end(const Block& block, std::uint64_t height) {
    if (block.left_out > 0)
        log_(base::LogLevel::info, left_out_text(block.left_out, fmt::format("in block {}", height)));
}

/// Counts a line of a request. False: the second has enough of them.
bool ContractLog::may_write_for_request() {
    std::size_t left_out = 0;
    {
        const std::lock_guard lock(mutex_);
        const auto now = clock_.steady();
        if (now - second_ >= std::chrono::seconds(1)) {
            second_ = now;
            of_requests_ = 0;
        }
        if (of_requests_ >= kLinesOfRequests) {
            ++left_out_;
            return false;
        }
        ++of_requests_;
        left_out = std::exchange(left_out_, 0);
    }
    if (left_out > 0) log_(base::LogLevel::info, left_out_text(left_out, kInRequests));
    return true;
}

ContractLog::Run::Run(ContractLog& log, Block& block, std::uint64_t height, const ledger::TxId& transaction)
    : log_(log),
      block_(&block),
      where_(fmt::format("in block {}, transaction {}", height, base::to_hex(transaction))) {}

ContractLog::Run::Run(ContractLog& log, std::string_view purpose, std::uint64_t height)
    : log_(log), where_(fmt::format("in {} at height {}", purpose, height)) {}

ContractLog::Run::~Run() {
    if (left_out_ > 0) log_.log_(base::LogLevel::info, left_out_text(left_out_, where_));
}

void ContractLog::Run::write(const vm::ContractId& contract, std::string_view line) {
    if (left_ == 0) {
        ++left_out_;
        return;
    }
    if (block_ != nullptr && block_->left == 0) {
        ++block_->left_out;
        return;
    }
    if (block_ == nullptr && !log_.may_write_for_request()) return;
    --left_;
    if (block_ != nullptr) --block_->left;
    const auto kept = beginning(line);
    log_.log_(
        base::LogLevel::info,
        fmt::format("contract {} {}: {}{}", base::to_hex(contract), where_, vm::debug_text(kept),
                    kept.size() < line.size() ? fmt::format(" and {} bytes more", line.size() - kept.size()) : ""));
}

}  // namespace rues::chain
