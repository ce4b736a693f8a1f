// SPDX-License-Identifier: Apache-2.0
// A loop in a thread of its own that serves a report, as the daemon does.
#pragma once

#include <boost/asio/io_context.hpp>
#include <string>
#include <thread>
#include <utility>

#include "report_server.hpp"

namespace vifchain {

class ServedReport {
 public:
  explicit ServedReport(DaemonReport report, const std::string& path = daemon_socket)
      : server_(
            loop_, [report = std::move(report)] { return report; }, path),
        thread_([this] { loop_.run(); }) {}
  ~ServedReport() {
    loop_.stop();
    thread_.join();
  }
  ServedReport(const ServedReport&) = delete;
  ServedReport& operator=(const ServedReport&) = delete;

 private:
  boost::asio::io_context loop_{1};
  ReportServer server_;
  std::thread thread_;
};

}  // namespace vifchain
