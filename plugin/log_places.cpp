// SPDX-License-Identifier: Apache-2.0
#include "log_places.hpp"

#include <cstdio>
#include <string>

#include "journal.hpp"

namespace vifchain::inline plugin {
namespace {

// Never fails: what a person does not read is not missed.
bool tell_stderr(Level level, std::string_view text) {
  const char* weight = level == Level::err ? "error: " : level == Level::warning ? "warning: " : "";
  std::fprintf(stderr, "vifchaind: %s%s\n", weight, std::string(text).c_str());
  return true;
}

}  // namespace

LogPlaces daemon_log_places(bool foreground) {
  LogPlaces places{.ident = "vifchaind"};
  if (foreground)
    places.instead = tell_stderr;
  else if (journal_listens())
    places.instead = tell_journal;
  return places;
}

}  // namespace vifchain::inline plugin
