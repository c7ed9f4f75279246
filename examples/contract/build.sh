#!/bin/sh
# Builds contract.wasm and driver.wasm into a folder (default: this one): ./build.sh [FOLDER]. CLANG names another compiler than clang-19 or clang.
# Exit code 77: there is no clang for WebAssembly, or no linker (wasm-ld of the package lld).
set -eu
here=$(dirname "$0")
out=${1:-$here}
clang=${CLANG:-$(command -v clang-19 || command -v clang || echo clang)}

# -mcpu=mvp: only instructions that every engine knows, and bulk memory, whose copies cost 1 gas.
# --stack-first: a stack that overflows traps. Otherwise it would overwrite the contract's data.
compile() {
    "$clang" --target=wasm32 -mcpu=mvp -mbulk-memory -std=c11 -O2 -ffreestanding -nostdlib -Wall -Wextra -Werror \
        -Wl,--no-entry -Wl,--stack-first -Wl,--strip-all "$@"
}

mkdir -p "$out"
if ! compile -o /dev/null -x c /dev/null 2>/dev/null; then
    echo "clang with the target wasm32 and wasm-ld are needed (Debian: clang-19 and lld-19; ./dev setup contract)" >&2
    exit 77
fi
compile -Wl,-z,stack-size=16384 -Wl,--export=A -o "$out/contract.wasm" "$here/contract.c"
compile -Wl,-z,stack-size=65536 -o "$out/driver.wasm" "$here/driver.c" "$here/data_driver.c"
