#include "net/tls.hpp"

#include <openssl/err.h>

#include <fstream>
#include <thread>

#include "client.hpp"

namespace rues::net::test {
namespace {

class Tls : public ServerTest {
protected:
    Tls() {
        options_.loops = 2;
        use_tls();
    }
    static void expect_served(Endpoint to) { EXPECT_EQ(Client(to).ask(kGet).status, 200U); }

    /// The first message of a client, as a client of OpenSSL makes it.
    std::string client_hello() {
        std::unique_ptr<SSL, Releases<&SSL_free>> ssl(SSL_new(client_context_.get()));
        BIO* const out = BIO_new(BIO_s_mem());
        SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), out);
        SSL_connect(ssl.get());
        char* bytes = nullptr;
        const long size = BIO_get_mem_data(out, &bytes);
        return {bytes, static_cast<std::size_t>(size)};
    }
};

TEST_F(Tls, versions_1_2_and_1_3_are_accepted_and_older_ones_are_refused) {
    const auto to = start();
    SSL_CTX* const context = client_context_.get();
    SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0");
    for (const auto& [version, spoken] : {std::pair(TLS1_3_VERSION, true), std::pair(TLS1_2_VERSION, true),
                                          std::pair(TLS1_1_VERSION, false), std::pair(TLS1_VERSION, false)}) {
        SSL_CTX_set_min_proto_version(context, version);
        SSL_CTX_set_max_proto_version(context, version);
        Client client(to);
        EXPECT_EQ(client.secure(), spoken) << version;
        if (spoken) {
            EXPECT_EQ(SSL_version(client.ssl()), version);
        }
    }
}

TEST_F(Tls, ciphers_without_authentication_or_forward_secrecy_are_refused) {
    const auto to = start();
    SSL_CTX* const context = client_context_.get();
    SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
    for (const char* cipher :
         {"ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "ECDHE-ECDSA-AES128-CCM", "AECDH-AES128-SHA"}) {
        ASSERT_EQ(SSL_CTX_set_cipher_list(context, (std::string(cipher) + ":@SECLEVEL=0").c_str()), 1) << cipher;
        EXPECT_FALSE(Client(to).secure()) << cipher;
    }
    for (const char* cipher :
         {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"}) {
        ASSERT_EQ(SSL_CTX_set_cipher_list(context, cipher), 1);
        EXPECT_TRUE(Client(to).secure()) << cipher;
    }
}

TEST_F(Tls, alpn_is_http_1_1_or_nothing) {
    const auto to = start();
    SSL_CTX* const context = client_context_.get();
    const auto offer = [&](std::string_view names) {
        SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(names.data()),
                                static_cast<unsigned>(names.size()));
    };
    const auto chosen = [](const Client& client) {
        const unsigned char* name = nullptr;
        unsigned size = 0;
        SSL_get0_alpn_selected(client.ssl(), &name, &size);
        return std::string(reinterpret_cast<const char*>(name), size);
    };
    EXPECT_EQ(chosen(Client(to)), "");
    offer("\x02h2\x08http/1.1");
    EXPECT_EQ(chosen(Client(to)), "http/1.1");
    offer("\x02h2");
    EXPECT_FALSE(Client(to).secure());
}

TEST_F(Tls, no_session_can_be_resumed) {
    const auto to = start();
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        SSL_CTX_set_max_proto_version(client_context_.get(), version);
        Client client(to);
        EXPECT_EQ(client.ask(kGet).status, 200U);
        EXPECT_EQ(SSL_SESSION_has_ticket(SSL_get_session(client.ssl())), 0);
        EXPECT_EQ(SSL_SESSION_is_resumable(SSL_get_session(client.ssl())), 0);
    }
}

TEST_F(Tls, renegotiation_is_refused) {
    SSL_CTX_set_max_proto_version(client_context_.get(), TLS1_2_VERSION);
    const auto to = start();
    Client client(to);
    EXPECT_EQ(client.ask(kGet).status, 200U);
    ERR_clear_error();
    EXPECT_EQ(SSL_renegotiate(client.ssl()), 1);
    EXPECT_NE(SSL_do_handshake(client.ssl()), 1);
    EXPECT_EQ(ERR_GET_REASON(ERR_peek_error()), SSL_R_NO_RENEGOTIATION);
    expect_served(to);
}

TEST_F(Tls, an_answer_ends_with_a_close_notify) {
    const auto to = start();
    Client client(to);
    EXPECT_EQ(client.ask("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").status, 200U);
    EXPECT_EQ(client.read_to_end(), "");
    EXPECT_NE(SSL_get_shutdown(client.ssl()) & SSL_RECEIVED_SHUTDOWN, 0);
}

TEST_F(Tls, a_handshake_that_stalls_is_ended_and_delays_no_other_client) {
    options_.limits.handshake_timeout = milliseconds(80);
    const auto to = start();
    const std::string hello = client_hello();
    std::vector<std::unique_ptr<Client>> stalled;
    for (const std::size_t bytes :
         {std::size_t{0}, std::size_t{1}, std::size_t{5}, hello.size() / 2, hello.size() - 1}) {
        stalled.push_back(std::make_unique<Client>(Endpoint(to.port)));
        stalled.back()->send(hello.substr(0, bytes));
    }
    stalled.push_back(std::make_unique<Client>(Endpoint(to.port)));
    stalled.back()->send(hello);  // but never the Finished message

    expect_served(to);
    for (const auto& client : stalled) client->read_to_end();
    stalled.clear();
    wait_until_alone();
    expect_served(to);
}

TEST_F(Tls, the_handshake_timeout_does_not_apply_after_the_handshake) {
    options_.limits.handshake_timeout = milliseconds(40);
    options_.limits.idle_timeout = milliseconds(400);
    start();
    Client client({server_->port(), client_context_.get()});
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(client.read_to_end(), "");
    EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(300));
}

TEST_F(Tls, input_that_is_no_handshake_ends_only_its_connection) {
    const auto to = start();
    const std::string hello = client_hello();
    std::string damaged = hello;
    for (std::size_t i = 9; i < damaged.size(); i += 7) damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
    const std::string kCases[] = {
        kGet,
        std::string(100, '\0'),
        std::string("\x16\x03\x01\xff\xff") + std::string(70'000, 'x'),  // a record longer than the maximum
        std::string("\x17\x03\x03\x00\x05hello", 10),                    // data before keys
        damaged,
        hello + hello,
    };
    for (const std::string& bytes : kCases) {
        Client client(Endpoint(to.port));
        client.send(bytes);
        client.finish();
        const std::string said = client.read_to_end();
        EXPECT_EQ(said.find("HTTP/1.1"), std::string::npos);
        expect_served(to);
    }
    wait_until_alone();
}

TEST_F(Tls, a_client_that_goes_during_the_handshake_leaves_no_connection) {
    const auto to = start();
    const std::string hello = client_hello();
    for (std::size_t i = 0; i < 60; ++i) {
        Client client(Endpoint(to.port));
        client.send(hello.substr(0, hello.size() * i / 60 + 1));
        if (i % 2 == 0) client.reset();
    }
    expect_served(to);
    wait_until_alone();
}

TEST_F(Tls, many_handshakes_at_once_succeed) {
    const auto to = start();
    std::vector<std::thread> threads;
    std::atomic<int> served{0};
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            for (int k = 0; k < 25; ++k) served += Client(to).ask(kGet).status == 200U;
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(served, 200);
}

TEST_F(Tls, key_updates_do_not_disturb_answers) {
    const auto to = start();
    Client client(to);
    for (int i = 0; i < 20; ++i) {
        ASSERT_EQ(SSL_key_update(client.ssl(), SSL_KEY_UPDATE_REQUESTED), 1);
        EXPECT_EQ(client.ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi").body, "hi");
    }
}

TEST_F(Tls, a_cut_connection_does_not_end_a_body) {
    std::atomic<bool> handled{false};
    const StopFirst guard{server_};
    handler_.on_request = [&](Request, Responder responder) {
        handled = true;
        std::move(responder).send({});
    };
    const auto to = start();
    Client client(to);
    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf");
    client.finish();
    client.read_to_end();
    client.close();
    wait_until_alone();
    EXPECT_FALSE(handled);
}

TEST_F(Tls, the_certificate_can_be_replaced_while_connections_are_open) {
    const auto to = start();
    Client before(to);
    EXPECT_EQ(before.ask(kGet).status, 200U);
    const Certificate renewed("renewed");
    const SslContext trusts_renewed = renewed.trusting();
    EXPECT_FALSE(Client(Endpoint(to.port, trusts_renewed.get())).secure());

    server_->use_tls(*TlsContext::load(renewed.certificate(), renewed.key()));
    pass_turns();  // of loop 0, which accepts connections

    expect_served({to.port, trusts_renewed.get()});
    EXPECT_FALSE(Client(to).secure());
    EXPECT_EQ(before.ask(kGet).status, 200U);
}

TEST(TlsContext, names_the_file_that_cannot_be_used) {
    const Certificate one("one");
    const Certificate other("other");
    const Certificate locked("locked", "password");
    const auto text = [](const std::filesystem::path& certificate, const std::filesystem::path& key) {
        const auto loaded = TlsContext::load(certificate, key);
        return loaded ? std::string("loaded") : loaded.error().text;
    };
    EXPECT_EQ(text(one.certificate(), one.key()), "loaded");
    EXPECT_TRUE(text("/nowhere.pem", one.key()).starts_with("/nowhere.pem: "));
    EXPECT_TRUE(text(one.certificate(), "/nowhere.pem").starts_with("/nowhere.pem: "));
    EXPECT_TRUE(text(one.key(), one.key()).starts_with(one.key().string() + ": "));
    EXPECT_TRUE(text(one.certificate(), other.key()).starts_with(other.key().string() + ": "));
    EXPECT_TRUE(text(locked.certificate(), locked.key()).starts_with(locked.key().string() + ": "));
}

}  // namespace
}  // namespace rues::net::test
