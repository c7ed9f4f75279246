# The genesis contracts of the network, as the crate rusk-recovery has them (MPL-2.0), and their compiled forms become part of rues_vm. A tool
# compiles them for any x86-64, so a start loads machine code and does not compile. The tool has the few files of rues_vm that it needs
# compiled into it, because rues_vm itself waits for what the tool makes.
set(RUES_RECOVERY_VERSION 1.7.0)
set(RUES_RECOVERY_SHA256 f614fa85a94f361780e0a4071fe5dcbb4556c73bea1bdf87cb26f1ebf52266e4)
set(folder "${CMAKE_BINARY_DIR}/genesis_contracts")
rues_crate(rusk-recovery ${RUES_RECOVERY_VERSION} ${RUES_RECOVERY_SHA256} "${folder}/crate" assets/transfer_contract.wasm assets/stake_contract.wasm)

set(sources tool/main.cpp compiled.cpp host_functions.cpp loaded_library.cpp wasmtime_engine.cpp)
list(TRANSFORM sources PREPEND "${CMAKE_SOURCE_DIR}/src/vm/")
add_executable(compile_contract ${sources})
target_link_libraries(compile_contract PRIVATE rues_base rues_crypto rues_wasm rues_wasmtime rues_options)

foreach(contract transfer stake)
    set(code "${folder}/crate/rusk-recovery-${RUES_RECOVERY_VERSION}/assets/${contract}_contract.wasm")
    set(compiled "${folder}/${contract}_contract.compiled")
    add_custom_command(OUTPUT "${compiled}" COMMAND compile_contract "${code}" "${compiled}" DEPENDS compile_contract "${code}"
        COMMENT "Compiling the ${contract} contract" VERBATIM)
    string(TOUPPER "${contract}" symbol)
    string(SUBSTRING "${symbol}" 0 1 first)
    string(SUBSTRING "${contract}" 1 -1 rest)
    rues_embed(rues_vm "${code}" kRues${first}${rest}Contract)
    rues_embed(rues_vm "${compiled}" kRues${first}${rest}Compiled)
endforeach()
