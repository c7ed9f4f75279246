#include <unistd.h>

#include <cstdio>

#include "unit/store/samples.hpp"

/// fault_store_writer FOLDER [forks]: continues the sample chain in FOLDER until it is killed. After every successful
/// commit it writes the height and the log's end, 16 bytes, to standard output: no reported commit may be lost.
int main(int argc, char** argv) {
    if (argc != 2 && argc != 3) return 2;
    const bool forks = argc == 3;  // blocks are taken back as well
    rues::store::Options options;
    options.directory = argv[1];
    auto store = rues::store::Store::open(options);
    if (!store) {
        std::fprintf(stderr, "%s\n", store.error().text.c_str());
        return 1;
    }
    while (true) {
        const auto said = rues::base::Writer(16).put((*store)->snapshot()->height()).put((*store)->last_seq()).take();
        if (::write(STDOUT_FILENO, said.data(), said.size()) != 16) return 0;
        using namespace rues::store;
        if (const auto done = forks ? samples::forked_step(**store) : samples::step(**store); !done) {
            std::fprintf(stderr, "%s\n", done.error().text.c_str());
            return 1;
        }
    }
}
