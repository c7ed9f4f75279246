#pragma once

#include "phoenix/note.hpp"

/// The encryption of a note's value (docs/reference/phoenix-and-plonk.md 3.4, value_enc). Pure; any thread.
namespace rues::phoenix {

/// Encrypts value and blinder. `shared` is the point r A = a R: the maker of the note knows r, its owner knows a.
ByteArray<68> encrypt_value(const Opened& opened, const StealthAddress& address, const JubJubPoint& shared,
                            const ByteArray<12>& nonce);
/// Decrypts value and blinder. nullopt when they were encrypted to another point. Tries the key of today's wallets,
/// then the older one.
std::optional<Opened> decrypt_value(const ByteArray<68>& value_enc, const StealthAddress& address,
                                    const JubJubPoint& shared);

}  // namespace rues::phoenix
