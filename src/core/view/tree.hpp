// SPDX-License-Identifier: Apache-2.0
// A view as text: each bridge as a tree.
#pragma once

#include <string>

#include "core/view/view.hpp"

namespace vifchain::inline core::inline view {

struct TreeStyle {
  bool unicode = true;    // box-drawing characters; "|", "`-" and the like otherwise
  bool colour = false;    // ANSI escapes, for terminals
  bool counters = false;  // a line of traffic for each link
};

// One tree for each bridge, first what it stands on, down to the NICs, then its guests; what is
// wrong with a link or a guest in lines of their own below it, each with a "!". What several
// bridges stand on is drawn with all below it once. Links that no bridge stands on and guests on no
// bridge come at the end.
std::string tree_text(const View& view, const TreeStyle& style);

// `text` as an alarm, or as something to be content with, on a terminal with colours.
std::string alarming(const std::string& text, const TreeStyle& style);
std::string reassuring(const std::string& text, const TreeStyle& style);

}  // namespace vifchain::inline core::inline view
