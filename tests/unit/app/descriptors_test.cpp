#include "app/descriptors.hpp"

#include <gtest/gtest.h>

#include "store/open_tables.hpp"

namespace rues::app {
namespace {

TEST(Descriptors, some_are_left_to_connections_and_the_store_gets_all_that_it_opens) {
    for (const std::size_t loops : {1UL, 2UL, 64UL}) {
        const std::size_t least = least_descriptors(loops);
        for (const std::size_t limit : {least, least + 1, 256UL, 1'024UL, 4'096UL, 20'000UL, 1UL << 20, ~0UL}) {
            if (limit < least) continue;
            const std::size_t reserved = reserved_descriptors(limit, loops);
            EXPECT_GE(limit - reserved, 16U) << limit << " files, " << loops << " loops";
            EXPECT_GE(reserved, store::open_tables(limit) + 5 * loops + 64) << limit << " files, " << loops << " loops";
        }
    }
}

TEST(Descriptors, are_enough_for_the_default_number_of_connections_with_20000_files) {
    EXPECT_GE(20'000 - reserved_descriptors(20'000, 64), 16'000U);
}

TEST(OpenTables, are_few_with_few_descriptors_and_never_more_than_256) {
    EXPECT_EQ(store::open_tables(0), 32U);
    EXPECT_EQ(store::open_tables(256), 64U);
    EXPECT_EQ(store::open_tables(1'024), 256U);
    EXPECT_EQ(store::open_tables(~0UL), 256U);
}

}  // namespace
}  // namespace rues::app
