#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "api/endpoints/page_files.hpp"
#include "unit/api/legacy/stage.hpp"

namespace rues::api {
namespace {

/// Keeps the answer as the handler made it, before anything is sent.
class Kept final : public Recipient {
public:
    explicit Kept(net::Response& response) : response_(response) {}
    void send(net::Response response, std::string_view) override { response_ = std::move(response); }
    void stream(net::Response, std::unique_ptr<net::BodySource>, net::Executor, bool) override { std::abort(); }
    void watch(std::move_only_function<void()>) override { std::abort(); }
    bool has_gone() const noexcept override { return false; }

private:
    net::Response& response_;
};

// A copy for each request let two thousand clients that did not read hold 2 GB.
TEST(Pages, are_sent_from_where_they_lie) {
    legacy::test::Stage stage;
    const FailureLog failures(base::no_log());
    std::size_t asked = 0;
    for (const PageFile& file : page_files()) {
        const auto slash = file.name.find('/');
        if (slash == std::string_view::npos) continue;
        SCOPED_TRACE(file.name);
        net::Response response;
        Exchange exchange(net::Request{}, std::make_unique<Kept>(response), 0, failures);
        exchange.topic = file.name.substr(slash + 1);

        const bool is_explorer = file.name.starts_with("explorer/");
        is_explorer ? pages::explorer(*stage.context, std::move(exchange))
                    : pages::graphiql(*stage.context, std::move(exchange));

        EXPECT_EQ(response.status, 200U);
        EXPECT_TRUE(response.body.empty()) << "nothing is copied";
        EXPECT_EQ(base::text(response.shared_body.bytes).data(), file.bytes.data());
        EXPECT_EQ(response.shared_body.bytes.size(), file.bytes.size());
        ++asked;
    }
    EXPECT_GT(asked, 4U);
}

TEST(Pages, the_document_of_the_routes_is_sent_from_where_it_lies) {
    legacy::test::Stage stage;
    stage.context->openapi = std::string(100'000, ' ');
    const FailureLog failures(base::no_log());
    net::Response response;

    pages::openapi(*stage.context, Exchange(net::Request{}, std::make_unique<Kept>(response), 0, failures));

    EXPECT_TRUE(response.body.empty());
    EXPECT_EQ(base::text(response.shared_body.bytes).data(), stage.context->openapi.data());
}

}  // namespace
}  // namespace rues::api
