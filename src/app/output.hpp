#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

/// The output of a command. A command whose output could not be written has failed: the first failed write is reported
/// on the error stream at once, and `flush_output` tells whether there was one. Main thread only.
namespace rues::app {

void write_output(std::string_view text);
/// Writes what is still buffered. False: some of the output is lost.
bool flush_output();

template <typename... Values>
void put(fmt::format_string<Values...> form, Values&&... values) {
    write_output(fmt::format(form, std::forward<Values>(values)...));
}

/// `text` with control characters as `\xNN`, so that what a server, a client or a contract wrote cannot move the cursor
/// of a terminal or begin a line of its own.
std::string printable(std::string_view text);

/// One line on the error stream, `text` in its printable form behind `rues: `. Nobody is left to hear that this failed.
void put_error(std::string_view text);

/// Gives the standard streams that the caller closed a file that fails like a closed one, so that no file of the
/// program gets their numbers and is written to by mistake. Makes writing to a closed pipe an error instead of a
/// signal. Call it first.
void prepare_streams();

}  // namespace rues::app
