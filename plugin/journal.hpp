// The daemon's lines for journald, with what they are about.
#pragma once

#include <optional>
#include <string_view>

#include "core/event.hpp"
#include "edge/log.hpp"

namespace vifchain {

// journald of this machine listens.
bool journal_listens();

// journald has the line, with VIFCHAIN_VIF ("vif5.0") and VIFCHAIN_DOMAIN ("5") where it names a
// vif by the kernel's usual name: "journalctl VIFCHAIN_DOMAIN=5" finds all that was about that
// guest. False when it has not.
bool tell_journal(Level level, std::string_view text);

}  // namespace vifchain
