#include <exception>

#include "app/cli.hpp"
#include "app/output.hpp"

int main(int argc, char** argv) {
    using namespace rues::app;
    prepare_streams();
    int exit_code = kFailed;
    try {
        exit_code = run_program(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
    } catch (const std::exception& error) {  // out of memory, or a thread could not start
        complain(kFailed, error.what());
    }
    const bool all_written = flush_output();
    return exit_code == kDone && !all_written ? kFailed : exit_code;
}
