#include <fstream>

#include "crypto/hash.hpp"
#include "unit/api/fixture.hpp"

namespace rues::api {
namespace {

const std::string kContract = "01" + std::string(62, '0');
const std::string kModule("\0asm\1\0\0\0", 8);

class DriversTest : public test::ApiTest {
protected:
    void SetUp() override {
        genesis_.owner = owner_.public_key();
        genesis_.notes.clear();
        begin();
    }
    Answer upload(const std::string& headers, const std::string& module = kModule,
                  const std::string& contract = kContract) {
        return ask("POST", "/on/contract:" + contract + "/upload_driver",
                   "Content-Type: application/octet-stream\r\n" + headers, module);
    }
    std::string signed_by(const crypto::SecretKey& key, const std::string& module = kModule) {
        return "sign: " + base::to_hex(key.sign(crypto::sha3_256(base::view(module))).bytes()) + "\r\n";
    }
    /// Restarts the node, so that no driver is in memory.
    void restart_drivers() {
        end();
        begin();
    }
    const crypto::SecretKey owner_ = crypto::account_key(ledger::local_chain_seed(), 0);

    std::string metadata() { return ask("POST", "/on/contract:" + kContract + "/metadata").body; }
};

// docs/reference/protocol.md 8.5
TEST_F(DriversTest, an_owners_driver_is_stored_and_survives_a_restart) {
    EXPECT_THAT(metadata(), testing::HasSubstr(R"("driver_available":false,"driver_signature":null)"));

    const auto stored = upload(signed_by(owner_));

    EXPECT_EQ(stored.status, 200U);
    EXPECT_EQ(stored.body, "driver upload ok");
    restart_drivers();
    const auto given = ask("POST", "/on/contract:" + kContract + "/download_driver");
    EXPECT_EQ(given.status, 200U);
    EXPECT_EQ(given.headers.at("content-type"), "application/wasm");
    EXPECT_EQ(given.body, kModule);
    EXPECT_THAT(metadata(), testing::HasSubstr(R"("driver_available":true,"driver_signature":")" +
                                               signed_by(owner_).substr(6, 96) + "\""));
}

TEST_F(DriversTest, an_upload_replaces_the_stored_driver) {
    ASSERT_EQ(upload(signed_by(owner_)).status, 200U);
    ASSERT_EQ(upload(signed_by(owner_, "other"), "other").status, 200U);

    EXPECT_EQ(ask("POST", "/on/contract:" + kContract + "/download_driver").body, "other");
}

// Signatures have no date, and everybody can read them, so an old one must not put an old driver back.
TEST_F(DriversTest, a_driver_that_was_replaced_is_not_taken_again) {
    ASSERT_EQ(upload(signed_by(owner_)).status, 200U);
    ASSERT_EQ(upload(signed_by(owner_, "second"), "second").status, 200U);
    ASSERT_EQ(upload(signed_by(owner_, "third"), "third").status, 200U);
    const auto stored = [&] { return ask("POST", "/on/contract:" + kContract + "/download_driver").body; };

    for (bool restarted : {false, true}) {
        if (restarted) {
            end();
            begin();
        }
        for (const auto& module : {kModule, std::string("second")}) {
            const auto refused = upload(signed_by(owner_, module), module);
            EXPECT_EQ(refused.status, 400U);
            EXPECT_THAT(refused.body, testing::HasSubstr("Replaced driver: another one has replaced it"));
        }
        EXPECT_EQ(stored(), "third");
        EXPECT_EQ(upload(signed_by(owner_, "third"), "third").status, 200U) << "the present one is taken";
    }

    const std::string again = kModule + std::string("\0\1\0", 3);
    EXPECT_EQ(upload(signed_by(owner_, again), again).status, 200U);
    EXPECT_EQ(stored(), again);
    EXPECT_EQ(upload(signed_by(owner_, "third"), "third").status, 400U);
}

TEST_F(DriversTest, a_contract_remembers_a_bounded_number_of_replaced_drivers) {
    const auto folder = folder_.path() / "many";
    const auto list = folder / (std::string(64, '0') + ".replaced");
    constexpr std::size_t kMost = store::DriverFiles::kMaxReplaced;
    std::filesystem::create_directories(folder);
    {
        std::ofstream out(list, std::ios::binary);
        for (std::size_t i = 0; i < kMost; ++i)
            out << base::text(crypto::blake3(base::to_bytes("driver " + std::to_string(i))));
    }
    store::DriverFiles files(folder);
    const auto put = [&](const std::string& module) { return files.put({}, {{}, base::to_bytes(module), {}}).value(); };

    EXPECT_FALSE(put("driver 0"));
    EXPECT_TRUE(put("new"));
    EXPECT_FALSE(put("driver 0")) << "nothing was replaced yet";
    EXPECT_TRUE(put("newer"));

    EXPECT_FALSE(put("new"));
    EXPECT_FALSE(put("driver 1"));
    EXPECT_TRUE(put("driver 0")) << "the oldest one was forgotten";
    EXPECT_EQ(std::filesystem::file_size(list), kMost * 32);
}

TEST_F(DriversTest, only_the_owners_signature_over_the_uploaded_bytes_is_accepted) {
    const auto stranger = crypto::account_key(ledger::local_chain_seed(), 1);
    const std::string not_owner = R"({"error":"Invalid input: Invalid signature: not the owner's over this driver"})";

    EXPECT_EQ(upload("").body, R"({"error":"Invalid input: Signature missing"})");
    EXPECT_EQ(upload("sign: zz\r\n").body, R"({"error":"Invalid input: Invalid signature: not 48 bytes of a point"})");
    EXPECT_EQ(upload("sign: " + std::string(96, 'f') + "\r\n").status, 400U);
    EXPECT_EQ(upload(signed_by(stranger)).body, not_owner);
    EXPECT_EQ(upload(signed_by(owner_, "other")).body, not_owner);
    EXPECT_EQ(upload(signed_by(owner_), kModule, "12").body, R"({"error":"Invalid input: Invalid contract id"})");
    EXPECT_EQ(upload(signed_by(owner_), kModule, std::string(64, 'a')).status, 404U);
    EXPECT_EQ(ask("POST", "/on/contract:" + kContract + "/download_driver").body,
              R"({"error":"Not found: Driver not registered"})");
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "drivers"));
}

TEST_F(DriversTest, a_failed_write_is_500_and_keeps_the_stored_driver) {
    ASSERT_EQ(upload(signed_by(owner_)).status, 200U);
    // The new file's place is taken by a folder, so that it cannot be opened for writing, even by root.
    std::filesystem::create_directories(folder_.path() / "drivers" / (kContract + ".new") / "in the way");

    EXPECT_EQ(upload(signed_by(owner_, "other"), "other").status, 500U);
    EXPECT_EQ(ask("POST", "/on/contract:" + kContract + "/download_driver").body, kModule);
    EXPECT_THAT(logged(), testing::HasSubstr("drivers"));
}

/// Ways in which a file can change while the node serves it.
const std::function<void(const std::filesystem::path&)> kChanges[] = {
    [](const auto& path) { std::filesystem::resize_file(path, 50); },
    [](const auto& path) { std::filesystem::resize_file(path, 100'000); },
    [](const auto& path) { std::ofstream(path) << std::string(56, 'x'); },
    [](const auto& path) { std::filesystem::remove(path); },
    [](const auto& path) {
        std::ofstream(path.string() + ".other") << std::string(60, 'y');
        std::filesystem::rename(path.string() + ".other", path);
    },
};

TEST_F(DriversTest, changes_of_a_driver_file_do_not_show_while_the_node_runs) {
    for (const auto& change : kChanges) {
        ASSERT_EQ(upload(signed_by(owner_)).status, 200U);
        change(folder_.path() / "drivers" / kContract);
        EXPECT_EQ(ask("POST", "/on/contract:" + kContract + "/download_driver").body, kModule);
    }
}

TEST_F(DriversTest, a_truncated_driver_file_is_500_and_is_never_sent) {
    const auto file = folder_.path() / "drivers" / kContract;
    for (const std::size_t size : {0UL, 20UL, 48UL, 55UL, 57UL}) {
        ASSERT_EQ(upload(signed_by(owner_)).status, 200U);
        std::filesystem::resize_file(file, size);
        restart_drivers();
        const auto answer = ask("POST", "/on/contract:" + kContract + "/download_driver");
        EXPECT_EQ(answer.status, 500U) << size;
        EXPECT_THAT(logged(), testing::HasSubstr("differs from the uploaded driver"));
    }
    ASSERT_EQ(upload(signed_by(owner_)).status, 200U) << "another upload repairs it";
    EXPECT_EQ(ask("POST", "/on/contract:" + kContract + "/download_driver").body, kModule);
}

TEST_F(DriversTest, a_full_pool_is_503) {
    pool_is_full_ = true;

    EXPECT_EQ(upload(signed_by(owner_)).status, 503U);
    EXPECT_EQ(ask("POST", "/on/contract:" + kContract + "/download_driver").status, 503U);
}

// A driver checks that keys are valid. On a loop, hundreds of keys would delay all other clients.
TEST_F(DriversTest, a_driver_works_on_the_pool_and_never_on_the_loop) {
    const std::string json = "Content-Type: application/json\r\n";
    const std::string account = "\"" + base::to_base58(owner_.public_key().bytes()) + "\"";
    const std::string driver = "/on/driver:" + kContract + "/";
    pool_is_full_ = true;

    EXPECT_EQ(ask("POST", driver + "encode_input_fn:account", json, account).status, 503U);
    EXPECT_EQ(ask("POST", driver + "decode_event:moonlight", "", "0x00").status, 503U);
    EXPECT_EQ(ask("POST", "/on/contracts:" + kContract + "/account", json, account).status, 503U);
    EXPECT_EQ(ask("POST", driver + "get_version").status, 200U);
    pool_is_full_ = false;
    EXPECT_EQ(ask("POST", "/on/contracts:" + kContract + "/account", json, account).status, 200U);
}

// docs/reference/differences.md 1. The conformance test sends the requests of the rows driver-* of
// tests/data/rusk-1.7/http.json.
TEST_F(DriversTest, an_error_of_the_driver_is_422_and_an_unknown_method_404) {
    const std::string driver = "/on/driver:" + kContract + "/";
    const auto json = "Content-Type: application/json\r\n";

    EXPECT_EQ(ask("POST", driver + "encode_input_fn:nothing", json, "null").body,
              R"x({"error":"Data driver error: Data-Driver Error: Unsupported(\"fn_name nothing\")"})x");
    EXPECT_EQ(ask("POST", driver + "encode_input_fn:deposit", json, "{").status, 422U);
    for (const char* number : {"1e400", "-1e400", "[1e400]"})
        EXPECT_EQ(ask("POST", driver + "encode_input_fn:deposit", json, number).body,
                  R"x({"error":"Data driver error: Data-Driver Error: Json(\"number out of range\")"})x");
    EXPECT_EQ(ask("POST", driver + "decode_event:nothing").status, 422U);
    EXPECT_EQ(ask("POST", driver + "encode_input_fn:deposit", json, "5").body, "0500000000000000");
    EXPECT_EQ(ask("POST", driver + "decode_input_fn:deposit", "", "0x0500000000000000").body, "\"5\"");
    EXPECT_EQ(ask("POST", driver + "nothing:x").body,
              R"({"error":"Not found: Unsupported data driver method nothing"})");
    EXPECT_EQ(ask("POST", "/on/driver:" + std::string(64, 'a') + "/get_version").body,
              R"({"error":"Not found: Driver not registered"})");
}

}  // namespace
}  // namespace rues::api
