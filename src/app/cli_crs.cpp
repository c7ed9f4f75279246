#include <fmt/format.h>

#include <thread>

#include "app/cli.hpp"
#include "app/input.hpp"
#include "app/output.hpp"
#include "app/private_file.hpp"
#include "app/task_threads.hpp"
#include "base/random.hpp"
#include "crypto/hash.hpp"
#include "phoenix/circuits/setup.hpp"
#include "plonk/prover/known_tau.hpp"
#include "plonk/prover/reference_string.hpp"

namespace rues::app {
namespace {

plonk::Executor on_all_cpus() {
    return on_threads(std::max(1U, std::thread::hardware_concurrency()));
}

std::string_view name_of(phoenix::Setup setup) {
    switch (setup) {
    case phoenix::Setup::official:
        return "official: the network's";
    case phoenix::Setup::developer:
        return "developer: tau is public, so anybody can make false proofs; never use it for real money";
    case phoenix::Setup::other:
        break;
    }
    return "unknown: neither the network's nor the developers'";
}

int make(const std::string& file) {
    const auto executor = on_all_cpus();
    const auto tau = plonk::developer_tau();
    const plonk::ReferenceString string{plonk::opening_key_of(tau),
                                        plonk::powers_of(tau, phoenix::kPowersOfTau, executor)};
    const auto bytes = string.encode(executor);
    const auto hash = crypto::sha256(bytes);
    if (const auto written = replace_private_file(file, base::text(bytes)); !written)
        return complain(kFailed, written.error().text);
    put("setup    {}\n", name_of(phoenix::setup_of(hash)));
    put("powers   {}\n", string.powers.size());
    put("sha256   {}\n", base::to_hex(hash));
    return kDone;
}

int verify(const std::string& file) {
    const auto text = read_file(file);
    if (!text) return complain(kWrongUse, text.error().text);
    const auto string = plonk::ReferenceString::decode(base::view(*text), on_all_cpus());
    if (!string) return complain(kFailed, fmt::format("{}: {}", file, string.error().text));
    base::ByteArray<32> seed;
    if (!base::system_random(seed)) return complain(kFailed, "the system has no random numbers");
    if (!plonk::is_consistent(*string, seed))
        return complain(kFailed, fmt::format("{}: the points are not the powers of one tau", file));
    const auto hash = crypto::sha256(base::view(*text));
    put("setup    {}\n", name_of(phoenix::setup_of(hash)));
    put("powers   {} of one tau{}\n", string->powers.size(),
        string->powers.size() < phoenix::kPowersOfTau
            ? fmt::format("; the circuits of transactions need {}", phoenix::kPowersOfTau)
            : "");
    put("sha256   {}\n", base::to_hex(hash));
    return kDone;
}

}  // namespace

void add_crs(CLI::App& program, int& exit_code) {
    auto* command =
        program.add_subcommand("crs", "Make or check a common reference string, which proofs are made with");
    command->require_subcommand(1);
    auto file = std::make_shared<std::string>();
    auto* makes = command->add_subcommand("make", "Write the developers' string, whose tau is public (6 MB)");
    makes->add_option("FILE", *file, "The file; one that exists is replaced")->required()->type_name("");
    makes->footer("Example:\n  rues crs make developer.crs");
    makes->callback([file, &exit_code] { exit_code = make(*file); });
    auto* verifies =
        command->add_subcommand("verify", "Check that the points are powers of one tau, and say whose string it is");
    verifies->add_option("FILE", *file, "The file")->required()->type_name("");
    verifies->footer(
        "Exit codes: 0 the powers of one tau, 1 not, 2 the file "
        "cannot be read");
    verifies->callback([file, &exit_code] { exit_code = verify(*file); });
}

}  // namespace rues::app
