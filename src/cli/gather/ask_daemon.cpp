// SPDX-License-Identifier: Apache-2.0
#include "cli/gather/ask_daemon.hpp"

#include "edge/base/error.hpp"
#include "edge/state/daemon_socket.hpp"

namespace vifchain::inline cli {

DaemonSays ask_daemon() {
  try {
    return {.report = request_report(), .unknown = {}};
  } catch (const Error& error) {
    return {.report = {},
            .unknown = error.what(),
            .may_not_ask = error.code() == std::errc::permission_denied};
  }
}

}  // namespace vifchain::inline cli
