// SPDX-License-Identifier: Apache-2.0
// The daemon's lines for journald, with what they are about.
#pragma once

#include <string_view>

#include "edge/base/log.hpp"

namespace vifchain::inline plugin {

// journald of this machine listens.
bool journal_listens();

// journald has the line, with VIFCHAIN_VIF ("vif5.0") and VIFCHAIN_DOMAIN ("5") where it names a
// vif by the kernel's usual name, or is said while an About lives: "journalctl VIFCHAIN_DOMAIN=5"
// finds all that was about that guest. False when it has not.
bool tell_journal(Level level, std::string_view text);

// While it lives, lines that name no vif are about the first one that `words` name, if they name
// any. One at a time.
class About {
 public:
  explicit About(std::string_view words);
  ~About();
  About(const About&) = delete;
  About& operator=(const About&) = delete;
};

}  // namespace vifchain::inline plugin
