// SPDX-License-Identifier: Apache-2.0
// The door to the daemon: whoever connects to its socket is given one report as JSON,
// whole, and the end of the connection.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/model/daemon_report.hpp"

namespace vifchain::inline edge::inline state {

inline constexpr const char* daemon_socket = "/run/vifchain/vifchaind.sock";

// One JSON document (RFC 8259) in one line, as vifchain-json(7) describes it ("daemon"). Bytes that
// are no UTF-8 are replaced.
std::string report_json(const DaemonReport& report);

// The report that `json` is. Keys that are missing are as in a new report, others are passed over:
// the daemon may be older or newer than the caller. Throws Error (EBADMSG) when it is anything
// else.
DaemonReport read_report(std::string_view json);

// What the daemon behind the socket `path` says; nothing when there is none: no socket, nobody
// behind it, or one that died meanwhile. Throws Error when the caller may not ask (EACCES), when
// the answer is not there within `patience` (ETIMEDOUT), and when it is no report (EBADMSG).
std::optional<DaemonReport> request_report(
    const std::string& path = daemon_socket,
    std::chrono::milliseconds patience = std::chrono::seconds(2));

}  // namespace vifchain::inline edge::inline state
