#pragma once

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

namespace rues::net::test {

template <auto Release>
struct Releases {
    template <typename T>
    void operator()(T* object) const noexcept {
        Release(object);
    }
};
using SslContext = std::unique_ptr<SSL_CTX, Releases<&SSL_CTX_free>>;

/// A self-signed certificate for localhost and 127.0.0.1. Its destructor removes its files.
class Certificate {
public:
    explicit Certificate(const std::string& name, const char* password = nullptr)
        : folder_(std::filesystem::temp_directory_path() / ("rues-" + name + "-" + std::to_string(::getpid()))),
          key_(EVP_EC_gen("P-256")),
          x509_(X509_new()) {
        std::filesystem::create_directories(folder_);
        X509_set_version(x509_.get(), X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(x509_.get()), 1);
        X509_gmtime_adj(X509_getm_notBefore(x509_.get()), -60);
        X509_gmtime_adj(X509_getm_notAfter(x509_.get()), 86'400);
        X509_set_pubkey(x509_.get(), key_.get());
        X509_NAME* const subject = X509_get_subject_name(x509_.get());
        const auto* text = reinterpret_cast<const unsigned char*>(name.c_str());
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, text, -1, -1, 0);
        X509_set_issuer_name(x509_.get(), subject);
        X509V3_CTX with;
        X509V3_set_ctx(&with, x509_.get(), x509_.get(), nullptr, nullptr, 0);
        X509_EXTENSION* const names =
            X509V3_EXT_conf_nid(nullptr, &with, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
        X509_add_ext(x509_.get(), names, -1);
        X509_EXTENSION_free(names);
        EXPECT_GT(X509_sign(x509_.get(), key_.get(), EVP_sha256()), 0);

        std::FILE* const certificate_file = std::fopen(certificate().c_str(), "w");
        EXPECT_EQ(PEM_write_X509(certificate_file, x509_.get()), 1);
        std::fclose(certificate_file);
        std::FILE* const key_file = std::fopen(key().c_str(), "w");
        const EVP_CIPHER* const cipher = password == nullptr ? nullptr : EVP_aes_128_cbc();
        EXPECT_EQ(
            PEM_write_PKCS8PrivateKey(key_file, key_.get(), cipher, nullptr, 0, nullptr, const_cast<char*>(password)),
            1);
        std::fclose(key_file);
    }
    Certificate(const Certificate&) = delete;
    Certificate& operator=(const Certificate&) = delete;
    ~Certificate() {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    std::filesystem::path certificate() const { return folder_ / "certificate.pem"; }
    std::filesystem::path key() const { return folder_ / "key.pem"; }
    /// The context of a client that trusts this certificate and nothing else.
    SslContext trusting() const {
        SslContext out(SSL_CTX_new(TLS_client_method()));
        SSL_CTX_set_verify(out.get(), SSL_VERIFY_PEER, nullptr);
        EXPECT_EQ(X509_STORE_add_cert(SSL_CTX_get_cert_store(out.get()), x509_.get()), 1);
        return out;
    }

private:
    std::filesystem::path folder_;
    std::unique_ptr<EVP_PKEY, Releases<&EVP_PKEY_free>> key_;
    std::unique_ptr<X509, Releases<&X509_free>> x509_;
};

}  // namespace rues::net::test
