// SPDX-License-Identifier: Apache-2.0
// The daemon's side of edge/state/daemon_socket.hpp.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

#include "core/model/daemon_report.hpp"
#include "edge/state/daemon_socket.hpp"

namespace vifchain::inline plugin {

// While it lives, and the loop runs, everybody who connects to the socket is given what `report`
// says at that moment. No call waits for a client: eight are served at a time, the others wait in
// the kernel's queue, and one that has not taken everything within two seconds is dropped. Without
// clients there is nothing to wake up for.
//
// The socket is root's alone (0600): what vifs wait for is in hotplug-error, which xenstore shows
// to root alone, and nobody else is to take up the eight places.
class ReportServer {
 public:
  // Whoever makes one holds OnlyOne: a socket that is there already is a dead daemon's, and is
  // replaced. Throws Error, also when something else has the name.
  ReportServer(boost::asio::io_context& loop, std::function<DaemonReport()> report,
               const std::string& path = daemon_socket);
  // The socket is gone, and so are the clients. The loop may have ended before.
  ~ReportServer();
  ReportServer(const ReportServer&) = delete;
  ReportServer& operator=(const ReportServer&) = delete;

 private:
  class Door;
  std::shared_ptr<Door> door_;
};

}  // namespace vifchain::inline plugin
