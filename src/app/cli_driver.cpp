#include <fmt/format.h>

#include "app/contract_argument.hpp"
#include "app/module_file.hpp"
#include "app/output.hpp"
#include "app/sending.hpp"
#include "app/terminal_json.hpp"
#include "app/values.hpp"
#include "base/json_reading.hpp"
#include "client/contracts.hpp"
#include "crypto/hash.hpp"

/// `rues contract driver upload` and `rues contract driver show`.
namespace rues::app {
namespace {

using base::json::object;
using base::json::value;

constexpr std::size_t kMaxDriver = 2 << 20;  ///< what a node takes (docs/reference/protocol.md 8.5)

struct Upload {
    NodeOption node;
    KeySource keys;
    std::uint64_t from = 0;
    std::string contract;
    std::string file;
    bool json = false;
};
struct ShowDriver {
    NodeOption node;
    std::string contract;
    bool json = false;
};

/// Asks the node for the contract. The error is the exit code; its reason has been printed.
std::expected<client::ContractInfo, int> info_of(const client::Url& url, const ledger::ContractId& contract) {
    auto info = client::contract_info(url, contract);
    if (!info) return std::unexpected(complain(exit_code_of(info.error()), info.error().text));
    if (!*info)
        return std::unexpected(complain(kFailed, fmt::format("there is no contract {}", base::to_hex(contract))));
    return std::move(**info);
}

int upload(const Upload& options) {
    const auto url = options.node.parse();
    if (!url) return complain(kWrongUse, url.error().text);
    const auto contract = contract_of(options.contract);
    if (!contract) return complain(kWrongUse, contract.error().text);
    const auto accounts = Accounts::read(options.keys);
    if (!accounts) return complain(kWrongUse, accounts.error().text);
    const auto module = read_module(options.file);
    if (!module) return complain(kWrongUse, module.error().text);
    if (module->size() > kMaxDriver) {
        return complain(kWrongUse, fmt::format("{} is too large: it has {} bytes, and a driver has at most {}",
                                               options.file, module->size(), kMaxDriver));
    }
    const auto info = info_of(*url, *contract);
    if (!info) return info.error();
    const auto key = accounts->secret_key(options.from);
    if (!base::equal(info->owner, key.public_key().bytes())) {
        return complain(kFailed, fmt::format("account {} does not own the contract; its owner is {}", options.from,
                                             info->owner.empty() ? "nobody" : base::to_base58(info->owner)));
    }
    const auto hash = crypto::sha3_256(*module);
    const auto signature = key.sign(hash);
    if (const auto done = client::upload_driver(*url, *contract, *module, signature); !done)
        return complain(exit_code_of(done.error()), done.error().text);
    if (options.json) {
        const object out{{"contract", base::json::hex(*contract)},
                         {"size", module->size()},
                         {"sha3_256", base::json::hex(hash)},
                         {"signature", base::json::hex(signature.bytes())}};
        put("{}\n", terminal_json(out));
    } else {
        put("driver of {} uploaded, {} bytes\n", base::to_hex(*contract), module->size());
    }
    return kDone;
}

/// The version and the schema that a driver gives.
struct About {
    std::string version;
    value schema;  ///< null: it has none
};

/// Asks the driver on the node; nullopt: the node has none.
Result<std::optional<About>> ask(const client::Url& url, const ledger::ContractId& contract) {
    const auto version = client::run_driver(url, contract, "get_version", {});
    if (!version) return std::unexpected(version.error());
    if (!*version) return std::optional<About>();
    const auto schema = client::run_driver(url, contract, "get_schema", {});
    if (!schema) return std::unexpected(schema.error());
    About out{base::json::as_text(base::text(**version)), nullptr};
    if (!*schema) return out;
    if (auto json = base::json::parse(base::text(**schema))) out.schema = std::move(*json);
    return out;
}

/// `counter() -> u64` for each function of a schema, `event counted: u64` for each event.
void print_schema(const value& schema) {
    const auto list = [&](std::string_view key) {
        const auto* found = schema.is_object() ? schema.get_object().if_contains(key) : nullptr;
        return found != nullptr && found->is_array() ? found->get_array() : base::json::array();
    };
    const auto text = [](const value& of, std::string_view key) {
        const auto* found = of.is_object() ? of.get_object().if_contains(key) : nullptr;
        return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string("?");
    };
    for (const auto& each : list("functions"))
        put_fact("function",
                 fmt::format("{}({}) -> {}", text(each, "name"), text(each, "input"), text(each, "output")));
    for (const auto& each : list("events")) {
        // Drivers of dusk-forge have a list of topics (docs/reference/machine.md 4).
        const auto* topics = each.is_object() ? each.get_object().if_contains("topics") : nullptr;
        if (topics == nullptr || !topics->is_array()) {
            put_fact("event", fmt::format("{}: {}", text(each, "topic"), text(each, "data")));
            continue;
        }
        for (const auto& topic : topics->get_array())
            if (topic.is_string())
                put_fact("event", fmt::format("{}: {}", std::string_view(topic.get_string()), text(each, "data")));
    }
}

int show(const ShowDriver& options) {
    const auto url = options.node.parse();
    if (!url) return complain(kWrongUse, url.error().text);
    const auto contract = contract_of(options.contract);
    if (!contract) return complain(kWrongUse, contract.error().text);
    client::ContractInfo info;
    if (!is_genesis_contract(*contract)) {
        auto found = info_of(*url, *contract);
        if (!found) return found.error();
        info = std::move(*found);
    }
    const auto about = ask(*url, *contract);
    if (!about) return complain(exit_code_of(about.error()), about.error().text);
    if (!*about) {
        return complain(kFailed, info.has_driver
                                     ? "the node stores a driver of the contract, but runs no uploaded drivers"
                                     : "the contract has no driver (Driver not registered)");
    }
    if (options.json) {
        const object out{
            {"contract", base::json::hex(*contract)},
            {"version", (*about)->version},
            {"signature", info.driver_signature ? value(boost::json::string(*info.driver_signature)) : nullptr},
            {"schema", (*about)->schema}};
        put("{}\n", terminal_json(out));
        return kDone;
    }
    put_fact("contract", base::to_hex(*contract));
    put_fact("version", (*about)->version);
    put_fact("signature", info.driver_signature.value_or("none: the driver is part of the node"));
    print_schema((*about)->schema);
    return kDone;
}

}  // namespace

void add_contract_driver(CLI::App& contract, int& exit_code) {
    auto* driver = contract.add_subcommand("driver", "The data driver of a contract, by which nodes read its bytes");
    driver->require_subcommand(1);

    auto uploading = std::make_shared<Upload>();
    auto* uploads = driver->add_subcommand("upload", "Sign a data driver as the contract's owner and upload it");
    uploads->add_option("ID", uploading->contract, "The contract, 64 hex digits")->required()->type_name("");
    uploads->add_option("FILE", uploading->file, "The driver's WebAssembly module, or - for the standard input")
        ->required()
        ->type_name("");
    add_node(*uploads, uploading->node);
    uploading->keys.add_options(*uploads);
    add_number(*uploads, "--from", uploading->from, {}, "Number of the owner's account [0]");
    uploads->add_flag("--json", uploading->json, "Print one JSON object");
    uploads->footer(
        "Example:\n  rues contract driver upload \"$ID\" driver.wasm\n\nExit codes: 0 done, 1 refused or "
        "unreachable, 2 wrong use");
    uploads->callback([uploading, &exit_code] { exit_code = upload(*uploading); });

    auto showing = std::make_shared<ShowDriver>();
    auto* shows = driver->add_subcommand("show", "Print version, functions and events of a contract's data driver");
    shows->add_option("ID", showing->contract, "The contract: 64 hex digits, or transfer or stake")
        ->required()
        ->type_name("");
    add_node(*shows, showing->node);
    shows->add_flag("--json", showing->json, "Print one JSON object");
    shows->footer(
        "Example:\n  rues contract driver show stake\n\nExit codes: 0 done, 1 no driver, refused or unreachable, 2 "
        "wrong "
        "use");
    shows->callback([showing, &exit_code] { exit_code = show(*showing); });
}

}  // namespace rues::app
