#include "cli/ask_daemon.hpp"

#include "edge/error.hpp"
#include "edge/resident_door.hpp"

namespace vifchain {

DaemonSays ask_daemon() {
  try {
    return {.report = ask_resident(), .unknown = {}};
  } catch (const Error& error) {
    return {.report = {},
            .unknown = error.what(),
            .may_not_ask = error.code() == std::errc::permission_denied};
  }
}

}  // namespace vifchain
