// SPDX-License-Identifier: Apache-2.0
// Where the daemon's lines go.
#pragma once

#include "edge/base/log.hpp"

namespace vifchain::inline plugin {

// In the foreground to stderr, where a person reads them; otherwise to journald, or to syslog where
// there is none; never to two of them. The file of Xen's scripts is told as ever
// (edge/base/log.hpp), and alone has what journald did not take.
LogPlaces daemon_log_places(bool foreground);

}  // namespace vifchain::inline plugin
