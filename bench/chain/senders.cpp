#include <unistd.h>

#include "base/encoding.hpp"
#include "base/json.hpp"
#include "chain/parts.hpp"
#include "support/load.hpp"

namespace rues::bench {

Senders::Senders(std::size_t accounts) {
    for (std::size_t i = 0; i < accounts; ++i) keys_.push_back(crypto::account_key(crypto::Seed{}, i));
    for (const auto& key : keys_) accounts_.push_back(key.public_key());
}

std::string Senders::genesis() const {
    const auto address = [&](std::size_t i) { return base::to_base58(accounts_[i].bytes()); };
    std::string out = fmt::format("[[stake]]\naddress = \"{}\"\namount = 2_000_000_000_000\n", address(0));
    for (std::size_t i = 0; i < accounts_.size(); ++i)
        out += fmt::format("[[moonlight_account]]\naddress = \"{}\"\nbalance = 1_000_000_000_000_000\n", address(i));
    return out;
}

std::uint64_t Senders::next_nonce(std::uint16_t port) const {
    const int socket = connect_to(port);
    const auto answer = ask(socket, http_request("POST", status_path(accounts_[0])), 200);
    ::close(socket);
    return boost::json::parse(answer).at("nonce").to_number<std::uint64_t>() + 1;
}

ledger::Transaction Senders::transfer(std::size_t from, std::uint64_t nonce, std::uint64_t value) const {
    ledger::Moonlight body;
    body.sender = accounts_[from];
    body.receiver = accounts_[(from + 1) % accounts_.size()];
    body.value = value;
    body.gas_limit = 10'000'000;
    body.gas_price = 1;
    body.nonce = nonce;
    return ledger::sign(std::move(body), keys_[from]);
}

std::string post(std::string_view topic, const ledger::Transaction& tx) {
    const auto bytes = tx.encode(ledger::Envelope::aegis);
    return http_request("POST", fmt::format("/on/transactions/{}", topic), base::text(bytes),
                        "Content-Type: application/octet-stream\r\n");
}

std::string status_path(const crypto::PublicKey& account) {
    return fmt::format("/on/account:{}/status", base::to_base58(account.bytes()));
}

}  // namespace rues::bench
