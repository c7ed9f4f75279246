#include "app/contract_argument.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "app/module_file.hpp"
#include "app/transaction_input.hpp"
#include "base/encoding.hpp"
#include "support/temporary_folder.hpp"

namespace rues::app {
namespace {

using ledger::kStakeContract;
using ledger::kTransferContract;

const ledger::ContractId kOther{std::byte{7}};

/// The bytes that `given` stands for, without a node; the error's text otherwise.
std::string bytes_of(std::optional<std::string> given, const ledger::ContractId& contract, std::string_view function) {
    ContractJson offline(std::nullopt);
    const auto argument = read_contract_argument(given);
    if (!argument) return argument.error().text;
    const auto bytes = argument_bytes(*argument, contract, function, offline);
    return bytes ? base::to_hex(*bytes) : bytes.error().text;
}
bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

TEST(ContractArgument, an_id_is_hex_or_the_name_of_a_genesis_contract) {
    EXPECT_EQ(*contract_of("transfer"), kTransferContract);
    EXPECT_EQ(*contract_of("stake"), kStakeContract);
    const std::string hex = base::to_hex(kOther);
    EXPECT_EQ(*contract_of(hex), kOther);
    EXPECT_EQ(*contract_of("0x" + hex), kOther);
    for (const std::string& text : {std::string(), std::string("0x"), hex.substr(1), hex + "0", "0x0x" + hex,
                                    std::string(64, 'g'), std::string("Stake")})
        EXPECT_FALSE(contract_of(text)) << text;
}

TEST(ContractArgument, hex_is_the_bytes_themselves_for_every_contract) {
    EXPECT_EQ(bytes_of("0x00Ff", kOther, "f"), "00ff");
    EXPECT_EQ(bytes_of(" 0x00ff\n", kTransferContract, "account"), "00ff");
    EXPECT_EQ(bytes_of("0x", kTransferContract, "account"), "");
    for (const auto* wrong : {"0x0", "0xzz", "0x00 ff", "0x00ff,"})
        EXPECT_TRUE(has(bytes_of(wrong, kOther, "f"), "after 0x come hex digits")) << wrong;
}

TEST(ContractArgument, json_becomes_the_bytes_that_a_driver_makes) {
    EXPECT_EQ(bytes_of("5", kTransferContract, "deposit"), "0500000000000000");
    EXPECT_EQ(bytes_of("\"5\"", kTransferContract, "deposit"), "0500000000000000");
    EXPECT_EQ(bytes_of("[\"0\", \"2\"]", kTransferContract, "sync"), "00000000000000000200000000000000");
}

TEST(ContractArgument, no_argument_is_the_unit_argument) {
    EXPECT_EQ(bytes_of(std::nullopt, kTransferContract, "root"), "");
    EXPECT_EQ(bytes_of(std::nullopt, kOther, "f"), "");                          // there is no driver
    EXPECT_EQ(bytes_of(std::nullopt, kTransferContract, "not a function"), "");  // the driver does not know it
    EXPECT_TRUE(has(bytes_of(std::nullopt, kTransferContract, "account"), "the function needs one"));
}

TEST(ContractArgument, a_wrong_one_is_named_with_the_reason) {
    EXPECT_TRUE(has(bytes_of("", kOther, "f"), "ARG is empty"));
    EXPECT_TRUE(has(bytes_of("oCqY", kTransferContract, "account"), "expected JSON (a text needs quotes)"));
    EXPECT_TRUE(has(bytes_of("{\"a\":", kTransferContract, "account"), "expected JSON"));
    EXPECT_TRUE(has(bytes_of("5", kOther, "f"), "no data driver (Driver not registered)"));
    EXPECT_TRUE(has(bytes_of("5", kTransferContract, "nothing"), "does not know the function `nothing`"));
    EXPECT_TRUE(has(bytes_of("\"x\"", kTransferContract, "deposit"), "ARG: "));
}

TEST(ContractArgument, a_file_holds_json_or_hex) {
    const test::TemporaryFolder folder;
    const auto file = (folder.path() / "arg").string();
    std::ofstream(file) << "0x0102\n";
    EXPECT_EQ(bytes_of("@" + file, kOther, "f"), "0102");
    std::ofstream(file) << " 5\n";
    EXPECT_EQ(bytes_of("@" + file, kTransferContract, "deposit"), "0500000000000000");
    EXPECT_TRUE(has(bytes_of("@" + file + "x", kOther, "f"), "cannot be read"));
}

TEST(ModuleFile, begins_as_webassembly_does) {
    const test::TemporaryFolder folder;
    const auto file = (folder.path() / "module").string();
    const std::string module("\0asm\1\0\0\0rest", 12);
    std::ofstream(file) << module;
    EXPECT_EQ(base::text(*read_module(file)), module);
    EXPECT_EQ(base::text(*read_module("@" + file)), module);
    for (const auto& wrong : {std::string(), std::string("\0asm", 4), std::string("\0asm\2\0\0\0", 8),
                              std::string("7f454c46"), std::string("(module)")}) {
        std::ofstream(file) << wrong;
        EXPECT_TRUE(has(read_module(file).error().text, "is no WebAssembly module")) << wrong;
    }
    EXPECT_FALSE(read_module(folder.path().string()));
}

TEST(TransactionInput, is_hex_or_the_bytes_of_a_file) {
    const test::TemporaryFolder folder;
    const auto file = (folder.path() / "tx").string();
    EXPECT_EQ(base::to_hex(*read_bytes("0x01ff", "a transaction")), "01ff");
    EXPECT_EQ(base::to_hex(*read_bytes(" 01FF\n", "a transaction")), "01ff");
    std::ofstream(file) << "\x01\xff";
    EXPECT_EQ(base::to_hex(*read_bytes("@" + file, "a transaction")), "01ff");
    std::ofstream(file) << "0x01ff\n";
    EXPECT_EQ(base::to_hex(*read_bytes("@" + file, "a transaction")), "01ff");
    for (const auto* wrong : {"", "0x", "0", "zz", "@/nowhere"})
        EXPECT_FALSE(read_bytes(wrong, "a transaction")) << wrong;
}

}  // namespace
}  // namespace rues::app
