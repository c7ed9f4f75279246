#include "app/output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

namespace rues::app {
namespace {

/// `stdout` remembers a failed write, so only the first one is reported.
template <typename Write>
void report_first_failure(Write write) {
    const bool failed_before = std::ferror(stdout) != 0;
    errno = 0;
    if (!write() && !failed_before)
        put_error(fmt::format("the output cannot be written: {}", std::strerror(errno == 0 ? EIO : errno)));
}

}  // namespace

void write_output(std::string_view text) {
    report_first_failure([&] { return std::fwrite(text.data(), 1, text.size(), stdout) == text.size(); });
}

bool flush_output() {
    report_first_failure([] { return std::fflush(stdout) == 0; });
    return std::ferror(stdout) == 0;
}

std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : ' ');
        if (byte < 0x20 || byte == 0x7f) {
            out += fmt::format("\\x{:02x}", byte);
        } else if (byte == 0xc2 && next >= 0x80 && next < 0xa0) {  // U+0080 to U+009F, controls of 8-bit terminals
            out += fmt::format("\\x{:02x}", next);
            ++i;
        } else {
            out += text[i];
        }
    }
    return out;
}

void put_fact(std::string_view label, std::string_view text) {
    put("{:<13} {}\n", label, printable(text));
}

void put_error(std::string_view text) {
    const std::string line = fmt::format("rues: {}\n", printable(text));
    std::fwrite(line.data(), 1, line.size(), stderr);
}

void prepare_streams() {
    // A closed stream gets /dev/null in the wrong direction: reading from it or writing to it fails. Each open takes
    // the lowest free number, which is the stream just found closed.
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        const bool closed = ::fcntl(stream, F_GETFD) < 0;
        if (closed) (void)::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
    std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace rues::app
