#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/exchange.hpp"
#include "support/system_calls.hpp"

namespace rues::api {
namespace {

TEST(FailureLog, ids_of_failures_differ_between_runs) {
    const FailureLog one(base::no_log());
    const FailureLog other(base::no_log());

    EXPECT_THAT(one.report("it broke"), testing::MatchesRegex("[0-9a-f]{8}-1"));
    EXPECT_THAT(one.report("it broke"), testing::EndsWith("-2"));
    EXPECT_NE(one.report("it broke").substr(0, 8), other.report("it broke").substr(0, 8));
}

// An id only finds a line of the log again, so a machine without randomness still answers.
TEST(FailureLog, ids_of_failures_need_no_randomness) {
    const rues::test::ReplacedRandomness none(rues::test::ReplacedRandomness::none);
    const FailureLog log(base::no_log());

    EXPECT_EQ(log.report("it broke"), "00000000-1");
}

}  // namespace
}  // namespace rues::api
