#pragma once

#include "wire/note_layouts.hpp"

/// A transaction as the transfer contract gets it, as argument of spend_and_execute (docs/reference/ledger.md 8.2). The
/// limit on archived size counts these bytes (docs/reference/ledger.md 3.2 #2). Bytecode is stripped and blobs have
/// become a memo by then (docs/reference/ledger.md 1.6, 3.2).
namespace rues::wire::layouts {

struct CallData {
    Id contract{};
    std::string fn_name;
    Bytes fn_args;
    using Archived = StructLayout<48, Field<&CallData::contract, 0, "contract">,
                                  Field<&CallData::fn_name, 32, "fn_name">, Field<&CallData::fn_args, 40, "fn_args">>;
    friend bool operator==(const CallData&, const CallData&) = default;
};
/// UNVERIFIED by any client: sizes and offsets come only from a mirror struct that was compiled for the reference
/// (docs/reference/ledger.md 8.2).
struct DeployData {
    Id bytecode_hash{};
    Bytes bytecode;
    Bytes owner;
    std::uint64_t nonce = 0;
    std::optional<Bytes> init_args;
    using Archived =
        StructLayout<72, Field<&DeployData::bytecode_hash, 0, "hash">, Field<&DeployData::bytecode, 32, "bytes">,
                     Field<&DeployData::owner, 40, "owner">, Field<&DeployData::nonce, 48, "nonce">,
                     Field<&DeployData::init_args, 56, "init_args">>;
    friend bool operator==(const DeployData&, const DeployData&) = default;
};
/// Blobs (tag 3) are not archived: they have become a memo.
using TransactionData = std::variant<CallData, DeployData, Bytes>;

struct MoonlightPayload {
    std::optional<TransactionData> data;
    Key sender, receiver;
    std::uint64_t value = 0, deposit = 0, gas_limit = 0, gas_price = 0;
    Key refund_address;
    std::uint64_t nonce = 0;
    std::uint8_t chain_id = 0;
    using Archived = StructLayout<
        736, Field<&MoonlightPayload::data, 0, "data">, Field<&MoonlightPayload::sender, 88, "sender">,
        Field<&MoonlightPayload::receiver, 288, "receiver">, Field<&MoonlightPayload::value, 488, "value">,
        Field<&MoonlightPayload::deposit, 496, "deposit">, Field<&MoonlightPayload::gas_limit, 504, "gas_limit">,
        Field<&MoonlightPayload::gas_price, 512, "gas_price">,
        Field<&MoonlightPayload::refund_address, 520, "refund_address">, Field<&MoonlightPayload::nonce, 720, "nonce">,
        Field<&MoonlightPayload::chain_id, 728, "chain_id">>;
    friend bool operator==(const MoonlightPayload&, const MoonlightPayload&) = default;
};
struct MoonlightTransaction {
    MoonlightPayload payload;
    BlsSignature signature;
    using Archived = StructLayout<840, Field<&MoonlightTransaction::payload, 0, "payload">,
                                  Field<&MoonlightTransaction::signature, 736, "signature">>;
    friend bool operator==(const MoonlightTransaction&, const MoonlightTransaction&) = default;
};

/// UNVERIFIED: the order of the data outside the value; we use the order of the fields.
struct PhoenixTransaction {
    Note output, change;
    Scalar root;
    std::vector<Scalar> nullifiers;
    std::uint64_t max_fee = 0, deposit = 0;
    NoteSender fee_sender;
    std::uint64_t gas_limit = 0, gas_price = 0;
    StealthAddress fee_stealth_address;
    std::optional<TransactionData> data;
    std::uint8_t chain_id = 0;
    Bytes proof;
    using Archived = StructLayout<
        2216, Field<&PhoenixTransaction::output, 0, "outputs">, Field<&PhoenixTransaction::change, 728, "outputs">,
        Field<&PhoenixTransaction::root, 1456, "root">, Field<&PhoenixTransaction::nullifiers, 1488, "nullifiers">,
        Field<&PhoenixTransaction::max_fee, 1496, "max_fee">, Field<&PhoenixTransaction::deposit, 1504, "deposit">,
        Field<&PhoenixTransaction::fee_sender, 1512, "sender">,
        Field<&PhoenixTransaction::gas_limit, 1776, "gas_limit">,
        Field<&PhoenixTransaction::gas_price, 1784, "gas_price">,
        Field<&PhoenixTransaction::fee_stealth_address, 1792, "stealth_address">,
        Field<&PhoenixTransaction::data, 2112, "data">, Field<&PhoenixTransaction::chain_id, 2200, "chain_id">,
        Field<&PhoenixTransaction::proof, 2208, "proof">>;
    friend bool operator==(const PhoenixTransaction&, const PhoenixTransaction&) = default;
};
using Transaction = std::variant<PhoenixTransaction, MoonlightTransaction>;

}  // namespace rues::wire::layouts

namespace rues::wire {

template <>
struct rkyv::Layout<layouts::TransactionData>
    : rkyv::VariantLayout<layouts::TransactionData, "Call", "Deploy", "Memo"> {};

template <>
struct rkyv::Layout<layouts::Transaction> : rkyv::VariantLayout<layouts::Transaction, "Phoenix", "Moonlight"> {};

}  // namespace rues::wire
