// SPDX-License-Identifier: Apache-2.0
#include "cli/show/terminal.hpp"

#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <clocale>
#include <cstdlib>
#include <string_view>

namespace vifchain::inline cli {
namespace {

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool locale_is_utf8() {
  std::setlocale(LC_CTYPE, "");
  return std::string_view(nl_langinfo(CODESET)) == "UTF-8";
}

}  // namespace

// NO_COLOR counts when it is not empty (no-color.org).
Terminal standard_output() {
  Terminal terminal{.is_one = isatty(STDOUT_FILENO) != 0, .unicode = locale_is_utf8()};
  const auto kind = variable("TERM");
  terminal.colour =
      terminal.is_one && variable("NO_COLOR").empty() && !kind.empty() && kind != "dumb";
  winsize size{};
  if (terminal.is_one && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0)
    terminal.rows = size.ws_row;
  return terminal;
}

}  // namespace vifchain::inline cli
