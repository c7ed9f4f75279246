# Unity builds: with RUES_QUICK_BUILD (the presets `asan` and `tsan`, and all that CI compiles) several sources of a target are compiled as one,
# in a quarter of the time. The other builds compile every source alone, so that a missing include is found; in CI clang-tidy finds it.
#
# The sources below stay alone: a name in their unnamed namespace is also one of another source of the target. A new source whose local names
# collide belongs here too, or gets another name.
set(RUES_ALONE
    src/api/contract_drivers.cpp
    src/api/routes.cpp
    src/app/accounts.cpp
    src/app/input.cpp
    src/app/run_node.cpp
    src/app/trace_text.cpp
    src/chain/genesis_state.cpp
    src/client/simulation.cpp
    src/crypto/poseidon.cpp
    src/crypto/share_key.cpp
    src/crypto/verify.cpp
    src/graphql/execution.cpp
    src/graphql/parser.cpp
    src/ledger/stake.cpp
    src/phoenix/scan.cpp
    src/query/subscriptions.cpp
    src/query/transactions.cpp
    src/store/session_segment.cpp
    src/vm/driver/driver_instance.cpp
    src/vm/driver/driver_module.cpp
    src/vm/driver/drivers.cpp
    src/vm/pages/page_file.cpp
    src/wasm/prepare.cpp
    tests/unit/app/movement_test.cpp
    tests/unit/app/trace_text_test.cpp
    tests/unit/chain/genesis_file_test.cpp
    tests/unit/chain/pool_limits_test.cpp
    tests/unit/chain/prequeue_test.cpp
    tests/unit/client/http_test.cpp
    tests/unit/client/propagation_test.cpp
    tests/unit/client/session_test.cpp
    tests/unit/query/history_test.cpp
    tests/unit/query/recorded_test.cpp
    tests/unit/store/event_log_test.cpp
    tests/unit/vm/pages/flat_test.cpp
    tests/unit/vm/pages/space_limits_test.cpp
    tests/unit/vm/pages/space_model_test.cpp
    tests/unit/vm/pages/space_reuse_test.cpp
    tests/unit/vm/pages/space_test.cpp
    tests/unit/wasm/generator_test.cpp
    tests/unit/wasm/recorded_test.cpp
    tests/unit/wire/rkyv_test.cpp)

list(TRANSFORM RUES_ALONE PREPEND "${CMAKE_SOURCE_DIR}/")
set_source_files_properties(${RUES_ALONE} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
if(RUES_TESTS)
    set_source_files_properties(${RUES_ALONE} DIRECTORY "${CMAKE_SOURCE_DIR}/tests" PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endif()
