// SPDX-License-Identifier: Apache-2.0
// Text of others (names of guests and links, nodes of the store, keys of files, words of a command
// line) on its way to a terminal, a log or hotplug-error: all of it goes through here.
#pragma once

#include <string>
#include <string_view>

namespace vifchain::inline core::inline text {

// The text with "?" for each control character (C0, DEL, C1), for each mark that turns the
// direction of writing or ends a line, and for each byte that is no UTF-8: nothing of it speaks to
// a terminal.
std::string printable(std::string_view text);

// The same of several lines, which stay lines.
std::string printable_lines(std::string_view text);

// The same as one line of at most that many bytes: blanks for ends of lines and tabs, and "..." for
// the rest of a text that is longer.
std::string printable_line(std::string_view text, std::size_t most_bytes);

}  // namespace vifchain::inline core::inline text
