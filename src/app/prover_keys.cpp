#include "app/prover_keys.hpp"

#include <fmt/format.h>

#include "app/key_cache.hpp"
#include "base/thread_rank.hpp"
#include "ledger/circuits.hpp"
#include "phoenix/circuits/transaction.hpp"
#include "plonk/prover/known_tau.hpp"
#include "plonk/prover/reference_string.hpp"

namespace rues::app {

ProverKeys::ProverKeys(std::shared_ptr<const base::Bytes> powers, std::filesystem::path folder,
                       plonk::Executor executor, base::Log log)
    : powers_(std::move(powers)), folder_(std::move(folder)), executor_(std::move(executor)), log_(std::move(log)) {}

ProverKeys::~ProverKeys() {
    stopping_ = true;
    {
        const std::lock_guard lock(mutex_);  // so that the thread is not between its look and its wait
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

std::shared_ptr<const plonk::ProverKey> ProverKeys::of(std::size_t inputs) {
    const std::lock_guard lock(mutex_);
    if (const auto& key = keys_[inputs - 1]) return key;
    wanted_[inputs - 1] = true;
    if (!thread_.joinable() && !stopping_) thread_ = std::thread([this] { run(); });
    wake_.notify_all();
    return nullptr;
}

std::shared_ptr<const plonk::ProverKey> ProverKeys::wait_for(std::size_t inputs) {
    if (auto key = of(inputs)) return key;
    std::unique_lock lock(mutex_);
    done_.wait(lock, [&] { return !wanted_[inputs - 1]; });
    return keys_[inputs - 1];
}

void ProverKeys::run() {
    base::use_rank(base::ThreadRank::work);
    std::unique_lock lock(mutex_);
    for (;;) {
        auto next = wanted_.end();
        wake_.wait(lock, [&] { return stopping_ || (next = std::ranges::find(wanted_, true)) != wanted_.end(); });
        if (stopping_) return;
        const auto inputs = static_cast<std::size_t>(next - wanted_.begin()) + 1;
        lock.unlock();
        auto key = make(inputs);
        lock.lock();
        wanted_[inputs - 1] = false;  // after a failure the next request tries again
        if (!stopping_) keys_[inputs - 1] = std::move(key);
        done_.notify_all();
    }
}

/// The points of the network's file are decoded in each run: the file is 6 MB, and its points 13 MB in memory.
bool ProverKeys::make_engine() {
    if (engine_) return true;
    if (!powers_) {
        engine_ = std::make_unique<plonk::KnownTauEngine>(plonk::developer_tau(), phoenix::kPowersOfTau, executor_);
        return true;
    }
    auto string = plonk::ReferenceString::decode(*powers_, executor_);
    if (stopping_) return false;
    if (!string) {
        log_(base::LogLevel::error, fmt::format("the prover has no keys: {}", string.error().text));
        return false;
    }
    points_ = std::move(string->powers);
    engine_ = std::make_unique<plonk::CpuEngine>(points_, executor_);
    return true;
}

std::filesystem::path ProverKeys::file_of(std::size_t inputs) const {
    return folder_ / fmt::format("{}-{}{}", ledger::transaction_circuits()[inputs - 1].id,
                                 powers_ ? "official" : "developer", kKeyExtension);
}

base::Result<MappedCoefficients> ProverKeys::map_file(std::size_t inputs, std::size_t count) const {
    if (folder_.empty()) return base::failure(base::Error::Kind::not_found, "there are no files");
    return map_key_file(file_of(inputs), count);
}

base::ByteView ProverKeys::verifier_data(std::size_t inputs) const {
    return powers_ ? ledger::transaction_circuits()[inputs - 1].verifier_data
                   : ledger::developer_verifier_data()[inputs - 1];
}

std::shared_ptr<const plonk::ProverKey> ProverKeys::make(std::size_t inputs) {
    const auto failed = [this](std::string_view why) {
        if (!stopping_) log_(base::LogLevel::error, fmt::format("a key of the prover could not be made: {}", why));
        return nullptr;
    };
    if (!make_engine()) return nullptr;
    const auto expected = verifier_data(inputs);
    auto data = plonk::VerifierData::decode(expected);
    if (!data) return failed(data.error().text);
    auto circuit = phoenix::transaction_circuit(inputs);
    const std::size_t count = plonk::ProverKey::kPolynomials << circuit.log_size();
    auto mapped = map_file(inputs, count);
    if (!mapped) {
        if (mapped.error().kind != base::Error::Kind::not_found) log_(base::LogLevel::warning, mapped.error().text);
        plonk::OpeningKeyBytes opening_key;
        std::ranges::copy(expected.subspan(expected.size() - opening_key.size() - 8 * circuit.input_rows().size(),
                                           opening_key.size()),
                          opening_key.begin());
        auto compiled = plonk::compile(std::move(circuit), base::view(phoenix::kProofLabel), opening_key, *engine_);
        if (!compiled) return failed(compiled.error().text);
        if (!std::ranges::equal(compiled->verifier_data, expected))
            return failed("the reference string is not the one that the verifier data belong to");
        if (folder_.empty()) return std::make_shared<const plonk::ProverKey>(std::move(compiled->key));
        std::error_code error;
        std::filesystem::create_directories(folder_, error);
        const auto written = write_key_file(file_of(inputs), compiled->key.coefficients());
        trim_key_files(folder_, std::filesystem::file_time_type::clock::now());
        if (!written) {
            log_(base::LogLevel::warning, fmt::format("a key of the prover stays in memory: {}", written.error().text));
            return std::make_shared<const plonk::ProverKey>(std::move(compiled->key));
        }
        mapped = map_file(inputs, count);
        if (!mapped) return failed(mapped.error().text);
        circuit = compiled->key.circuit();
    }
    auto key = plonk::ProverKey::load(std::move(circuit), std::move(*data), mapped->values, mapped->owner);
    if (!key) return failed(key.error().text);
    return std::make_shared<const plonk::ProverKey>(std::move(*key));
}

}  // namespace rues::app
