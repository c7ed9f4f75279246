#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "crypto/hash.hpp"
#include "ledger/recording.hpp"
#include "ledger/transaction.hpp"
#include "support/recorded.hpp"

/// The recorded scenarios (`scenarios*.json` of tests/data): what was sent to the node, what it answered, and what
/// became of every transaction.
namespace rues::recorded {

using boost::json::object;
using boost::json::value;

struct Reply {
    unsigned status = 0;
    std::string body;
    friend bool operator==(const Reply&, const Reply&) = default;
};
inline std::ostream& operator<<(std::ostream& out, const Reply& answer) {
    return out << answer.status << ' ' << answer.body;
}

/// One transaction of a scenario.
struct Step {
    std::string name;  ///< of the scenario, and of the step in it
    base::Bytes sent;
    std::optional<ledger::Transaction> tx;  ///< nullopt: the bytes cannot be decoded
    std::uint64_t tip = 0;                  ///< height of the tip when it was sent
    std::optional<Reply> preverify;
    std::optional<Reply> simulate;
    Reply propagate;
    std::string result;
    std::optional<std::uint64_t> block;  ///< height of the block that executed it
    boost::json::array events;           ///< of this transaction, as the scenario lists them

    std::string id() const { return tx ? base::to_hex(tx->id()) : std::string(); }
};
struct Scenario {
    std::string name;
    std::vector<Step> steps;
    object accounts_after;
    std::uint64_t height_after = 0;
    object simulate_table;  ///< answers by gas limit; empty: none was recorded
};

class Scenarios {
public:
    /// `chain`: the recorded chain that the scenarios refer to; null: they refer to none.
    Scenarios(const std::string& file, const value* chain) : json_(load(file)) {
        if (chain != nullptr) {
            for (const auto& block : chain->at("blocks").as_array()) {
                for (const auto& tx : block.at("transactions").as_array())
                    in_chain_[std::string(tx.at("id").as_string())] = tx;
            }
        }
        for (const auto& scenario : json_.at("scenarios").as_array()) read(scenario.as_object());
    }

    const std::vector<Scenario>& all() const { return scenarios_; }
    crypto::SecretKey secret(std::string_view label) const {
        return *crypto::SecretKey::decode(hex(json_.at("keys").at(label).at("secret")));
    }
    /// The transaction of the chain with this id, as JSON.
    const value& transaction(std::string_view id) const { return in_chain_.find(id)->second.at("json"); }

private:
    static Reply answer(const value& v) {
        return {v.at("status").to_number<unsigned>(), std::string(v.at("body").as_string())};
    }
    void read(const object& from) {
        Scenario out;
        out.name = from.at("name").as_string();
        if (const auto* after = from.at("accounts_after").if_object()) out.accounts_after = *after;
        out.height_after = from.at("height_after").to_number<std::uint64_t>();
        if (const auto* table = from.if_contains("simulate_table")) out.simulate_table = table->as_object();
        for (const auto& entry : from.at("steps").as_array())
            out.steps.push_back(read_step(out.name, entry.as_object()));
        scenarios_.push_back(std::move(out));
    }
    Step read_step(const std::string& scenario, const object& step) const {
        Step out;
        out.name = scenario + ": " + std::string(step.at("label").as_string());
        if (const auto* text = step.at("tx").if_string()) {
            out.sent = *base::from_hex(*text);
        } else if (const auto* reference = step.at("tx").if_object()) {
            const auto raw = hex(in_chain_.find(reference->at("raw_in_chain").as_string())->second.at("raw"));
            out.sent = ledger::Transaction::decode(raw)->encode(ledger::Envelope::aegis);
        } else {
            out.sent = described(scenario, step).encode(ledger::Envelope::aegis);
        }
        if (auto tx = ledger::Transaction::decode(out.sent)) out.tx = std::move(*tx);
        out.tip = step.at("tip").to_number<std::uint64_t>();
        if (const auto* preverify = step.if_contains("preverify")) out.preverify = answer(*preverify);
        if (const auto* simulate = step.if_contains("simulate")) out.simulate = answer(*simulate);
        out.propagate = step.at("propagate").is_string() ? *out.preverify : answer(step.at("propagate"));
        const object& outcome = step.at("outcome").as_object();
        out.result = outcome.at("result").as_string();
        if (const auto* block = outcome.if_contains("block")) out.block = block->to_number<std::uint64_t>();
        out.events = outcome.at("events").as_array();
        return out;
    }
    /// Signs a transaction whose bytes were not recorded. Its recorded id shows whether it is the same.
    ledger::Transaction described(const std::string& scenario, const object& step) const {
        const object& fields = step.at("fields").as_object();
        const auto* sender = fields.if_contains("sender");
        const std::string from = sender != nullptr ? std::string(sender->as_string()) : "x:" + scenario;
        ledger::Moonlight body;
        body.sender = secret(from).public_key();
        if (const auto* note = fields.if_contains("note")) {
            // "deployment of N zero bytes, gas limit 1000, gas price 2000, owner 96 x 01, nonce 0"
            ledger::Deploy deploy;
            deploy.bytecode.resize(
                std::stoul(std::string(note->as_string()).substr(std::string_view("deployment of ").size())));
            deploy.bytecode_hash = crypto::blake3(deploy.bytecode);
            deploy.owner.assign(96, std::byte{1});
            body.gas_limit = 1'000;
            body.gas_price = 2'000;
            body.nonce = 1;
            body.data = std::move(deploy);
        } else {
            body.receiver = secret(fields.at("receiver").as_string()).public_key();
            body.value = fields.at("value").to_number<std::uint64_t>();
            body.gas_limit = fields.at("gas_limit").to_number<std::uint64_t>();
            body.gas_price = fields.at("gas_price").to_number<std::uint64_t>();
            body.nonce = fields.at("nonce").to_number<std::uint64_t>();
        }
        auto tx = ledger::sign(std::move(body), secret(from));
        EXPECT_EQ(base::to_hex(tx.id()), std::string(step.at("id").as_string())) << scenario;
        return tx;
    }

    value json_;
    std::map<std::string, value, std::less<>> in_chain_;
    std::vector<Scenario> scenarios_;
};

}  // namespace rues::recorded
