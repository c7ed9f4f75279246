#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>

#include "app/key_file.hpp"
#include "base/log.hpp"
#include "phoenix/circuits/setup.hpp"
#include "plonk/prover/engine.hpp"
#include "plonk/prover/executor.hpp"
#include "plonk/prover/prover_key.hpp"

namespace rues::app {

/// The keys with which transactions are proven, one for each number of inputs. A key is made when it is needed first,
/// on a thread of this object, and kept in a file with a checksum; a later run maps the file. Any thread.
class ProverKeys {
public:
    /// `powers`: the network's reference string as a file; empty: the developers', whose tau is known. `folder` is made
    /// when the first file is written; empty: there are no files. `executor` is used to make keys and by the engine.
    ProverKeys(std::shared_ptr<const base::Bytes> powers, std::filesystem::path folder, plonk::Executor executor,
               base::Log log);
    ~ProverKeys();
    ProverKeys(const ProverKeys&) = delete;
    ProverKeys& operator=(const ProverKeys&) = delete;

    /// null: it is not there yet; then it is being made from now on. REQUIRES: inputs is 1 to 4.
    std::shared_ptr<const plonk::ProverKey> of(std::size_t inputs);
    /// Waits until the key is made. null: it could not be made; the log says why. REQUIRES: inputs is 1 to 4.
    std::shared_ptr<const plonk::ProverKey> wait_for(std::size_t inputs);
    /// REQUIRES: `of` gave a key.
    const plonk::Engine& engine() const noexcept { return *engine_; }
    phoenix::Setup setup() const noexcept { return powers_ ? phoenix::Setup::official : phoenix::Setup::developer; }

private:
    static constexpr std::size_t kCircuits = 4;

    void run();
    bool make_engine();
    std::shared_ptr<const plonk::ProverKey> make(std::size_t inputs);
    std::filesystem::path file_of(std::size_t inputs) const;
    base::Result<MappedCoefficients> map_file(std::size_t inputs, std::size_t count) const;
    base::ByteView verifier_data(std::size_t inputs) const;

    const std::shared_ptr<const base::Bytes> powers_;
    const std::filesystem::path folder_;
    const plonk::Executor executor_;
    const base::Log log_;
    std::vector<blst_p1_affine> points_;
    std::unique_ptr<plonk::Engine> engine_;  ///< made before the first key, and never changed
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    std::condition_variable wake_;  ///< something is wanted
    std::condition_variable done_;  ///< something is no longer wanted
    std::array<bool, kCircuits> wanted_{};
    std::array<std::shared_ptr<const plonk::ProverKey>, kCircuits> keys_;
    std::thread thread_;  ///< begins with the first request
};

}  // namespace rues::app
