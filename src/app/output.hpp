#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

/// The output of a command. If output cannot be written, the command must fail: the first failed write is reported on
/// the error stream at once, and `flush_output` returns false. Main thread only.
namespace rues::app {

void write_output(std::string_view text);
/// Writes the buffered output. False: some output was lost, now or before.
bool flush_output();

template <typename... Values>
void put(fmt::format_string<Values...> form, Values&&... values) {
    write_output(fmt::format(form, std::forward<Values>(values)...));
}

/// Prints one line: a label and, in a column of its own, the printable form of `text`.
void put_fact(std::string_view label, std::string_view text);

/// `text` with control characters as `\xNN`, so that text from a server, a client or a contract cannot move the cursor
/// of a terminal or start a new line.
std::string printable(std::string_view text);

/// Writes one line to the error stream: `rues: ` and the printable form of `text`. A failed write is ignored, because
/// no place is left to report it.
void put_error(std::string_view text);

/// Opens a file in place of each standard stream that the caller closed; using it fails as on a closed stream.
/// Otherwise a file of the program could get that number and be written to by mistake. Also makes writing to a closed
/// pipe an error instead of a signal. Call it first.
void prepare_streams();

}  // namespace rues::app
