// SPDX-License-Identifier: Apache-2.0
// All that `status` and `graph` show, read from this host.
#pragma once

#include <string>
#include <vector>

#include "cli/gather/ask_daemon.hpp"
#include "cli/gather/common.hpp"
#include "cli/gather/window_now.hpp"
#include "core/view/view.hpp"

namespace vifchain::inline cli {

struct Looked {
  View view;
  std::vector<std::string> mistakes = {};  // of the file, each with its place; or why it cannot be
                                           // read; then it is as if there were none
  bool has_file = false;                   // it was read, and is right
  std::string no_guests = {};              // why xenstore was not asked; mostly empty
  bool knows_filters = true;               // nftables was asked, and answered
  std::optional<WindowNow> window = {};    // a change that waits to be confirmed, or is put back
  DaemonSays daemon = {};                  // nothing before somebody asks it
};

// Opens what doors there are, and does without the others: only the kernel must answer, or it
// throws. Ends within 30 s, or with Interrupted.
Looked look(const Common& common, bool counters);

// The view of these bridges alone, of all where none is named. Throws Refusal, with the names that
// there are, when one is not shown.
View chosen(const View& view, const std::vector<std::string>& bridges);

// One line for people, about what is missing in the picture: no file, no xenstore. Often none.
std::vector<std::string> notes_on(const Looked& looked, const Common& common);

}  // namespace vifchain::inline cli
