// SPDX-License-Identifier: Apache-2.0
// The loop of vifchaind: xenstore, the kernel's links, the file and signals, each waited for by its
// descriptor, so that nothing wakes it when nothing happens.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>

#include "edge/state/file_watch.hpp"
#include "edge/store/store_watch.hpp"
#include "flow/daemon/daemon.hpp"

namespace vifchain::inline plugin {

struct DaemonOptions {
  Places places;
  bool any_script = false;
  int link_buffer = 4 << 20;  // bytes, for monitor_links()
};

class DaemonProcess final : public DaemonHost {
 public:
  // Throws Error when the kernel's links cannot be watched. xenstored may come later.
  DaemonProcess(boost::asio::io_context& loop, Log& log, const DaemonOptions& options);
  ~DaemonProcess() override;

  // Everything has been looked at; from now on the loop does the rest.
  void start();

  [[nodiscard]] DaemonReport report() const;

 private:
  using Stream = boost::asio::posix::stream_descriptor;

  void run(const std::string& call, const Places& places, const Work& work) override;
  void look(const std::function<void(Kernel&)>& work) override;
  [[nodiscard]] const std::map<unsigned, SeenLink>& links() const override;

  void wait_for(Stream& stream, void (DaemonProcess::*then)());
  void wait_for_signal();
  void open_xenstore();
  void await_xenstore();
  void open_xenstore_later(const std::string& why);
  void listen();
  void stop_listening();
  void xenstore_has_gone();
  void mind_xenstore();
  void take_store();
  void xenstore_answers();
  void take_links();
  void take_file();
  void watch_file();
  void watch_filters();
  void take_filters();
  void set_timer();

  boost::asio::io_context& loop_;
  Log& log_;
  DaemonOptions options_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<LinkMonitor> monitor_;
  std::unique_ptr<NftMonitor> filter_monitor_;  // none: the kernel has no nftables
  std::unique_ptr<StoreWatch> store_watch_;
  unsigned listening_ = 0;       // the present round of waiting for it
  bool answers_ = false;         // xenstored has answered on it
  std::string why_no_xenstore_;  // as the log was told last
  std::optional<FileWatch> file_watch_;
  std::optional<Daemon> daemon_;
  Stream filters_, links_, nodes_, file_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer timer_, reconnect_;
};

}  // namespace vifchain::inline plugin
