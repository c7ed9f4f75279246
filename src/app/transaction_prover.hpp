#pragma once

#include "api/prover.hpp"
#include "app/prover_keys.hpp"
#include "base/random.hpp"

namespace rues::app {

/// Proves Phoenix transactions with today's version of PLONK and the system's randomness. Any thread.
class TransactionProver final : public api::Prover {
public:
    /// `executor` gives a proof its threads.
    TransactionProver(std::unique_ptr<ProverKeys> keys, plonk::Executor executor,
                      base::RandomSource random = base::system_random)
        : keys_(std::move(keys)), executor_(std::move(executor)), random_(std::move(random)) {}

    base::Result<std::unique_ptr<Request>> decode(base::ByteView circuit) const override;
    std::optional<unsigned> seconds_until_ready(const Request& request) override;
    /// Waits for the keys, as long as it takes to make them. False: they could not be made.
    bool wait_until_ready(const Request& request);
    base::Result<base::Bytes> prove(const Request& request, const std::function<bool()>& go_on) override;

private:
    const std::unique_ptr<ProverKeys> keys_;
    const plonk::Executor executor_;
    const base::RandomSource random_;
};

}  // namespace rues::app
