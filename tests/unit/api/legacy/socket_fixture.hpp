#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "unit/api/legacy/stage.hpp"

namespace rues::api::legacy::test {

using wire::legacy::Message;

inline constexpr std::string_view kTransfer = "0100000000000000000000000000000000000000000000000000000000000000";

inline std::string header(const Message& message, std::string_view name) {
    return std::string(wire::find_header(message.headers, name).value_or("(none)"));
}
inline std::string data(const Message& message) {
    return std::string(base::text(message.event.data));
}

class LegacySocket : public testing::Test {
protected:
    void open(Opening opening = {}, Limits limits = {}) { socket_ = stage_.connect(peer_, std::move(opening), limits); }
    void TearDown() override {
        if (socket_) socket_->on_closed(false);
        stage_.work();
        socket_.reset();
    }
    void ask(const base::Bytes& bytes) { socket_->on_binary(bytes); }
    /// Asks for what every node knows at once.
    void ask_info(const std::string& id) { ask(message({{"X-Request-Id", id}}, TargetType::host, "node", "info")); }
    /// One answer to one request.
    Message answer(const base::Bytes& bytes) {
        const std::size_t before = peer_.messages().size();
        ask(bytes);
        stage_.work();
        const auto all = peer_.messages();
        EXPECT_EQ(all.size(), before + 1);
        return all.empty() ? Message{} : all.back();
    }
    std::vector<std::string> ids() const {
        std::vector<std::string> out;
        for (const auto& each : peer_.messages()) out.push_back(header(each, "X-Request-Id"));
        return out;
    }
    std::vector<std::string> topics() const {
        std::vector<std::string> out;
        for (const auto& each : peer_.messages()) out.push_back(each.event.topic);
        return out;
    }

    Stage stage_;
    Peer peer_;
    std::unique_ptr<Socket> socket_;
};

class LegacyText : public LegacySocket {
protected:
    boost::json::object ask_text(std::string_view text) {
        const std::size_t before = peer_.frames().size();
        socket_->on_text(text);
        stage_.work();
        const auto frames = peer_.frames();
        EXPECT_EQ(frames.size(), before + 1);
        if (frames.size() <= before) return {};
        EXPECT_TRUE(frames.back().is_text);
        return boost::json::parse(frames.back().payload).as_object();
    }
};

}  // namespace rues::api::legacy::test
