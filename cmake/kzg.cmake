# c-kzg-4844, Ethereum's own library for KZG proofs, on our blst: the C sources for single proofs (EIP-4844) from the crate `c-kzg`, pinned by
# version and hash, with the parts of the setup that they need: the powers in G2 to check proofs, the 4,096 points of G1 to make them.
set(RUES_KZG_VERSION 2.1.8)
set(RUES_KZG_SHA256 38d04308254695569fdb9bfe3bacc1c91837a670d0806605eb82d63748fbd3a6)

set(sources "${CMAKE_BINARY_DIR}/kzg")
set(setup bindings/rust/src/ethereum_kzg_settings)
rues_crate(c-kzg ${RUES_KZG_VERSION} ${RUES_KZG_SHA256} "${sources}" src/common/* src/eip4844/* src/setup/settings.h
    ${setup}/g2_monomial_bytes.bin ${setup}/g1_lagrange_bytes.bin)
set(kzg "${sources}/c-kzg-${RUES_KZG_VERSION}")
set(files common/alloc.c common/bytes.c common/ec.c common/fr.c common/lincomb.c common/utils.c eip4844/blob.c eip4844/eip4844.c)
list(TRANSFORM files PREPEND "${kzg}/src/")
add_library(rues_kzg STATIC ${files})
target_include_directories(rues_kzg SYSTEM PUBLIC $<BUILD_INTERFACE:${kzg}/src>)
target_link_libraries(rues_kzg PUBLIC rues_blst)
target_compile_options(rues_kzg PRIVATE -O2 -w -fno-sanitize=all -ffunction-sections -fdata-sections)
set(RUES_KZG_POWERS_G2 "${kzg}/${setup}/g2_monomial_bytes.bin")
set(RUES_KZG_LAGRANGE_G1 "${kzg}/${setup}/g1_lagrange_bytes.bin")
