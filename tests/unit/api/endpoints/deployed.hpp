#pragma once

#include "crypto/hash.hpp"
#include "support/test_contract.hpp"
#include "support/test_driver.hpp"
#include "unit/api/fixture.hpp"

namespace rues::api::test {

/// A node on which the proxy of test_contract.hpp is deployed, by an owner who can upload data drivers.
class DeployedTest : public ApiTest {
protected:
    using TestDriver = vm::test::TestDriver;

    void SetUp() override {
        genesis_.notes.clear();
        begin();
        chain_->start();
        contract_ = deploy(1);
        other_ = deploy(2);
    }

    /// Two deployments differ in their `nonce`. `owner`: bytes that are no key, in place of the owner's.
    ledger::ContractId deploy(std::uint64_t nonce, base::Bytes owner = {}) {
        ledger::Deploy deploy;
        deploy.bytecode = vm::test::proxy_contract();
        deploy.bytecode_hash = crypto::blake3(deploy.bytecode);
        deploy.owner = owner.empty() ? base::to_bytes(owner_.public_key().bytes()) : std::move(owner);
        deploy.nonce = nonce;
        const auto id = ledger::contract_id(deploy);
        ledger::Moonlight body;
        body.sender = owner_.public_key();
        body.gas_limit = 100'000'000;
        body.gas_price = chain::kMinDeployPrice;
        body.nonce = nonce;
        body.data = std::move(deploy);
        const auto tx = ledger::sign(std::move(body), owner_);
        const std::string raw(base::text(tx.encode(ledger::Envelope::aegis)));
        EXPECT_EQ(ask("POST", "/on/transactions/propagate", kBytes, raw).status, 202U);
        EXPECT_EQ(ask("POST", "/dev/mine").status, 200U);
        EXPECT_NE(chain_->state()->owner(id), nullptr);
        return id;
    }
    Answer upload(const base::Bytes& module, const ledger::ContractId& contract) {
        const auto signature = base::to_hex(owner_.sign(crypto::sha3_256(module)).bytes());
        return ask("POST", "/on/contract:" + base::to_hex(contract) + "/upload_driver",
                   kBytes + "sign: " + signature + "\r\n", std::string(base::text(module)));
    }
    void uploaded(const base::Bytes& module) { ASSERT_EQ(upload(module, contract_).status, 200U); }
    /// Asks the driver of a contract.
    Answer driver(const std::string& method, const std::string& body = {}, const std::string& headers = {}) {
        return ask("POST", "/on/driver:" + base::to_hex(contract_) + "/" + method, headers, body);
    }
    /// Calls a function of the contract in JSON.
    Answer call(const std::string& function, const std::string& json) {
        return ask("POST", "/on/contracts:" + base::to_hex(contract_) + "/" + function, kJson, json);
    }

    inline static const std::string kBytes = "Content-Type: application/octet-stream\r\n";
    inline static const std::string kJson = "Content-Type: application/json\r\n";
    const crypto::SecretKey owner_ = crypto::account_key(ledger::local_chain_seed(), 0);
    const base::Bytes good_ = TestDriver().build();
    ledger::ContractId contract_{};
    ledger::ContractId other_{};
};

}  // namespace rues::api::test
