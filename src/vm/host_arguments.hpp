#pragma once

#include "wire/layouts.hpp"
#include "wire/rkyv_views.hpp"

/// The arguments of the host queries as contracts archive them (docs/reference/machine.md 1.8). Vectors are read in
/// place.
namespace rues::vm::arguments {

using wire::layouts::BlsSignature;
using wire::layouts::Key;
using wire::layouts::Scalar;
using wire::layouts::SchnorrSignature;
using wire::rkyv::ArrayView;
using wire::rkyv::BytesView;
using wire::rkyv::Field;
using wire::rkyv::Opaque;
using wire::rkyv::StructLayout;
using wire::rkyv::TupleLayout;

using JubJubKey = Opaque<160, 160, 8>;  ///< extended coordinates

struct VerifyBls {
    BytesView message;
    Key key;
    BlsSignature signature;
    using Archived = TupleLayout<312, Field<&VerifyBls::message, 0, "0">, Field<&VerifyBls::key, 8, "1">,
                                 Field<&VerifyBls::signature, 208, "2">>;
};

struct VerifyBlsMultisig {
    BytesView message;
    ArrayView<Key> keys;
    BlsSignature signature;
    using Archived =
        TupleLayout<120, Field<&VerifyBlsMultisig::message, 0, "0">, Field<&VerifyBlsMultisig::keys, 8, "1">,
                    Field<&VerifyBlsMultisig::signature, 16, "2">>;
};

struct VerifySchnorr {
    Scalar message;
    JubJubKey key;
    SchnorrSignature signature;
    using Archived = TupleLayout<384, Field<&VerifySchnorr::message, 0, "0">, Field<&VerifySchnorr::key, 32, "1">,
                                 Field<&VerifySchnorr::signature, 192, "2">>;
};

struct VerifyPlonk {
    BytesView verifier_data;
    BytesView proof;
    ArrayView<Scalar> inputs;
    using Archived = TupleLayout<24, Field<&VerifyPlonk::verifier_data, 0, "0">, Field<&VerifyPlonk::proof, 8, "1">,
                                 Field<&VerifyPlonk::inputs, 16, "2">>;
};

/// The compiler that built the node moved the larger alignment first, so the order is not that of the tuple.
struct VerifyKzgProof {
    base::ByteArray<32> z{};
    base::ByteArray<32> y{};
    base::ByteArray<48> commitment{};
    base::ByteArray<48> proof{};
    using Archived = StructLayout<160, Field<&VerifyKzgProof::z, 0, "1">, Field<&VerifyKzgProof::y, 32, "2">,
                                  Field<&VerifyKzgProof::commitment, 64, "0">, Field<&VerifyKzgProof::proof, 112, "3">>;
};

struct Secp256k1Recover {
    base::ByteArray<32> hash{};
    base::ByteArray<65> signature{};
    using Archived =
        TupleLayout<97, Field<&Secp256k1Recover::hash, 0, "0">, Field<&Secp256k1Recover::signature, 32, "1">>;
};

}  // namespace rues::vm::arguments
