# c-kzg-4844, Ethereum's own library for KZG proofs, on our blst: the C sources for single proofs (EIP-4844) and the setup's powers in G2 from
# the crate `c-kzg`, pinned by version and hash. The program checks proofs and makes none, so the 4,096 points of G1 are left out.
set(RUES_KZG_VERSION 2.1.8)
set(RUES_KZG_SHA256 38d04308254695569fdb9bfe3bacc1c91837a670d0806605eb82d63748fbd3a6)

set(sources "${CMAKE_BINARY_DIR}/c-kzg")
set(powers bindings/rust/src/ethereum_kzg_settings/g2_monomial_bytes.bin)
rues_crate(c-kzg ${RUES_KZG_VERSION} ${RUES_KZG_SHA256} "${sources}" src/common/* src/eip4844/* src/setup/settings.h ${powers})
set(kzg "${sources}/c-kzg-${RUES_KZG_VERSION}")
set(files common/alloc.c common/bytes.c common/ec.c common/fr.c common/lincomb.c common/utils.c eip4844/blob.c eip4844/eip4844.c)
list(TRANSFORM files PREPEND "${kzg}/src/")
add_library(rues_kzg STATIC ${files})
target_include_directories(rues_kzg SYSTEM PUBLIC $<BUILD_INTERFACE:${kzg}/src>)
target_link_libraries(rues_kzg PUBLIC rues_blst)
target_compile_options(rues_kzg PRIVATE -O2 -w -fno-sanitize=all -ffunction-sections -fdata-sections)
set(RUES_KZG_POWERS_G2 "${kzg}/${powers}")
