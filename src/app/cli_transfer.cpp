#include <fmt/format.h>

#include "app/input.hpp"
#include "app/output.hpp"
#include "app/shielded_sending.hpp"
#include "app/values.hpp"
#include "chain/blobs.hpp"
#include "chain/limits.hpp"
#include "crypto/kzg.hpp"

namespace rues::app {
namespace {

/// Enough for every transfer of the cost table (the dearest, with a full memo, spends 1,897,070). The gas that is not
/// spent is given back.
constexpr std::uint64_t kGasLimit = 5'000'000;

struct Transfer {
    SendOptions sending;
    ShieldedOptions shielded;
    bool shows_value = false;
    std::string to;
    std::uint64_t amount = 0;  ///< LUX
    std::string memo;
    std::vector<std::string> blobs;  ///< files
};

/// The blob of a file, with zeros behind its bytes. The error says what is wrong with the file.
std::expected<ledger::Blob, std::string> blob_of(const std::string& path) {
    const auto text = read_file(path, crypto::kBlobBytes);
    if (!text) return std::unexpected(text.error().text);
    base::Bytes data = base::to_bytes(*text);
    data.resize(crypto::kBlobBytes);
    const auto made = crypto::prove_blob(data);
    if (!made) {
        return std::unexpected(fmt::format(
            "{}: the 32 bytes at offset {} are not below the order of the scalar field; they always are if the "
            "first of them is 0x72 or less",
            path, made.error() * 32));
    }
    return ledger::Blob{crypto::versioned_hash(made->commitment),
                        ledger::BlobSidecar{made->commitment, made->proof, std::move(data)}};
}

std::expected<ledger::Blobs, std::string> blobs_of(const std::vector<std::string>& paths) {
    if (paths.size() > chain::kMaxBlobs)
        return std::unexpected(fmt::format("a transaction has at most {} blobs", chain::kMaxBlobs));
    ledger::Blobs out;
    for (const auto& path : paths) {
        auto blob = blob_of(path);
        if (!blob) return std::unexpected(std::move(blob.error()));
        out.list.push_back(std::move(*blob));
    }
    return out;
}

/// The memo or the blobs.
ledger::Data data_of(const Transfer& options, const ledger::Blobs& blobs) {
    if (!blobs.list.empty()) return blobs;
    return options.memo.empty() ? ledger::Data() : ledger::Memo{base::to_bytes(options.memo)};
}

int transfer_notes(const Transfer& options, const Sender& sender, const ledger::Blobs& blobs) {
    const auto receiver = sender.accounts.phoenix_address(options.to);
    if (!receiver) return complain(kWrongUse, "--to: " + receiver.error().text);
    ShieldedDraft draft;
    draft.receiver = *receiver;
    draft.value = options.amount;
    draft.shows_value = options.shows_value;
    draft.data = [&](std::uint8_t, const wire::layouts::ReplayToken&) { return data_of(options, blobs); };
    draft.gas_limit = kNotesGasLimit;
    return send_notes(options.sending, options.shielded, sender, draft);
}

int run(const Transfer& options) {
    const auto sender = Sender::read(options.sending);
    if (!sender) return complain(kWrongUse, sender.error().text);
    if (options.memo.size() > ledger::kMaxMemo)
        return complain(kWrongUse, fmt::format("--memo: a memo has at most {} bytes", ledger::kMaxMemo));
    const auto blobs = blobs_of(options.blobs);
    if (!blobs) return complain(kWrongUse, "--blob: " + blobs.error());
    if (options.shielded.is_on) return transfer_notes(options, *sender, *blobs);
    const auto receiver = sender->accounts.account(options.to);
    if (!receiver) {
        const bool is_address = sender->accounts.phoenix_address(options.to).has_value();
        return complain(kWrongUse,
                        "--to: " + receiver.error().text + (is_address ? "; --shielded pays to it from notes" : ""));
    }
    Draft draft;
    draft.body.receiver = *receiver;
    draft.body.value = options.amount;
    draft.data = [&](const ledger::Moonlight&) { return data_of(options, *blobs); };
    draft.gas_limit = std::max(kGasLimit, chain::blob_charge(*blobs));
    return send(options.sending, *sender, draft);
}

}  // namespace

void add_transfer(CLI::App& program, int& exit_code) {
    auto options = std::make_shared<Transfer>();
    auto* command = program.add_subcommand(
        "transfer", "Build, sign and send a transfer, of an account's balance or of notes; prints its id");
    add_sender(*command, options->sending);
    command
        ->add_option("--to", options->to,
                     "Receiver: base58 of an account, or with --shielded of a Phoenix address; or #N for an account "
                     "number")
        ->required()
        ->type_name("ACCOUNT");
    add_amount(*command, "--amount", options->amount, "DUSK with up to 9 decimals, or 250lux")->required();
    auto* memo = command->add_option("--memo", options->memo, "Text of at most 512 bytes")->type_name("TEXT");
    command
        ->add_option("--blob", options->blobs,
                     "Attach the bytes of a file as a blob: at most 131,072 bytes, in pieces of 32 of which each is a "
                     "big-endian number below the order of BLS12-381's scalar field. May be given 6 times")
        ->type_name("FILE")
        ->excludes(memo);
    add_sending(*command, options->sending, fmt::format("[{}; with --shielded {}]", kGasLimit, kNotesGasLimit));
    auto* shielded = add_shielded(*command, options->shielded, true);
    command
        ->add_flag("--transparent", options->shows_value,
                   "Let everybody see the amount, though not who pays or gets it")
        ->needs(shielded);
    add_examples(*command,
                 "  rues transfer --to '#1' --amount 1.5 --wait\n  rues transfer --from 1 --to '#0' --amount 250lux "
                 "--memo invoice-7\n  rues transfer --to '#1' --amount 0 --blob data.bin --wait\n  rues transfer --to "
                 "'#1' --amount 1 --dry-run > tx.hex\n  rues transfer --shielded --to '#1' --amount 2.5 --memo "
                 "thanks --wait");
    command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace rues::app
