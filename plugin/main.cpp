// SPDX-License-Identifier: Apache-2.0
// vifchaind: the daemon.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>

#include "core/text/printable.hpp"
#include "core/text/problem.hpp"
#include "daemon.hpp"
#include "edge/base/error.hpp"
#include "flow/run/converge.hpp"
#include "log_places.hpp"
#include "only_one.hpp"
#include "report_server.hpp"
#include "watchdog.hpp"

namespace vifchain::inline plugin {
namespace {

struct Words {
  DaemonOptions options;
  bool foreground = false;
};

void declare(CLI::App& app, Words& words) {
  app.add_option("--config", words.options.places.config, "Configuration file")
      ->capture_default_str();
  app.add_flag("--foreground", words.foreground, "Log to standard error");
  app.add_flag("--any-script", words.options.any_script, "Serve vifs whatever their script is");
  app.add_option("--link-buffer", words.options.link_buffer, "Netlink receive buffer in BYTES")
      ->check(CLI::Range(1024, 1 << 30))
      ->capture_default_str();
  app.set_version_flag("--version", std::string("vifchaind ") + VIFCHAIN_VERSION);
}

int serve(const Words& words) {
  const OnlyOne only;
  Log log("vifchaind", daemon_log_places(words.foreground));
  boost::asio::io_context loop;
  DaemonProcess daemon(loop, log, words.options);
  const Watchdog watchdog(loop);
  const ReportServer server(loop, [&] {
    DaemonReport report = daemon.report();
    report.version = VIFCHAIN_VERSION;
    report.pid = ::getpid();
    return report;
  });
  daemon.start();
  loop.run();
  return 0;
}

void complain(const std::string& problem) {
  std::fprintf(stderr, "vifchaind: %s\n", printable_lines(in_lines("error", problem)).c_str());
}

int run(int argc, char** argv) {
  CLI::App app("Serve vifs, and repair their chains");
  Words words;
  declare(app, words);
  try {
    app.parse(argc, argv);
    return serve(words);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    complain(std::string(error.what()) + "; hint: vifchaind --help");
    return 1;
  } catch (const std::exception& error) {
    complain(error.what());
    return 1;
  }
}

}  // namespace
}  // namespace vifchain::inline plugin

int main(int argc, char** argv) {
  return vifchain::plugin::run(argc, argv);
}
