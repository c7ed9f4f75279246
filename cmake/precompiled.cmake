# Precompiled headers: what nearly every source includes of the standard library, and fmt. Only for builds of the whole program (the
# presets `release`, `asan` and `tsan`, and all that CI compiles): parsing these takes a third of their time. Everyday builds go without, so that
# a missing include is found, and so that ccache finds the same sources in another folder.
#
# Nothing that changes the meaning of a call may be here: <iomanip>, and <filesystem> with it, has a std::quoted that is preferred to ours.
set(RUES_COMMON_HEADERS <algorithm> <array> <atomic> <charconv> <chrono> <cstdint> <cstring> <deque> <expected> <functional> <limits> <list> <map>
    <memory> <mutex> <optional> <set> <span> <string> <string_view> <tuple> <unordered_map> <utility> <variant> <vector> <fmt/format.h>)

if(RUES_PRECOMPILED)
    target_precompile_headers(rues_base PRIVATE ${RUES_COMMON_HEADERS})
    foreach(room crypto wire graphql drivers ledger plonk phoenix store wasm vm query chain net feed api client gateway)
        target_precompile_headers(rues_${room} REUSE_FROM rues_base)
    endforeach()
    target_precompile_headers(rues_app PRIVATE ${RUES_COMMON_HEADERS} <CLI/CLI.hpp>)
endif()
