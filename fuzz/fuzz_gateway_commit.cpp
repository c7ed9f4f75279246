#include <cstdlib>

#include "gateway/checkpoint.hpp"
#include "gateway/commit.hpp"

/// Commits come from other machines. Every commit has one encoding; the note of a store is read or refused.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace rues;
    const base::ByteView bytes = std::as_bytes(std::span(data, size));
    if (const auto commit = gateway::Commit::decode(bytes); commit && !base::equal(commit->encode(), bytes))
        std::abort();
    if (const auto note = gateway::Note::decode(bytes); note && gateway::Note::decode(note->encode()) != note)
        std::abort();
    return 0;
}
