// SPDX-License-Identifier: Apache-2.0
#include "daemon.hpp"

#include <malloc.h>
#include <poll.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <csignal>
#include <ctime>

#include "core/text/decimal.hpp"
#include "edge/base/error.hpp"
#include "edge/dhcp/dhcp_clients.hpp"
#include "flow/host/host_doors.hpp"
#include "flow/run/recorder.hpp"
#include "journal.hpp"
#include "notify.hpp"

namespace vifchain::inline plugin {
namespace {

using boost::system::error_code;

// As long as vif-chain has (hotplug/main.cpp).
constexpr std::chrono::seconds time_to_answer{30};
// How long everything else waits for xenstored, once.
constexpr std::chrono::seconds store_patience{5};
constexpr const char* hangs = "vifchaind: error: hung, aborted\n";
// Between attempts to reach a xenstored that has gone.
constexpr std::chrono::seconds between_attempts{1};

// In dom0 the node may not be there, as nobody but xen-init-dom0 writes it.
unsigned own_domid(Store& store) {
  return decimal(store.read("domid").value_or("")).value_or(0);
}

// The stream waits for a descriptor that is not its own.
void lend(boost::asio::posix::stream_descriptor& stream, int descriptor) {
  if (stream.is_open()) stream.release();
  if (descriptor >= 0) stream.assign(descriptor);
}

}  // namespace

DaemonProcess::DaemonProcess(boost::asio::io_context& loop, Log& log, const DaemonOptions& options)
    : loop_(loop),
      log_(log),
      options_(options),
      store_(open_store({.answer = store_patience})),
      monitor_(monitor_links(options.link_buffer)),
      filters_(loop),
      links_(loop),
      nodes_(loop),
      file_(loop),
      signals_(loop, SIGHUP, SIGTERM, SIGINT),
      timer_(loop),
      reconnect_(loop) {}

DaemonProcess::~DaemonProcess() {
  for (auto* stream : {&filters_, &links_, &nodes_, &file_}) lend(*stream, -1);
}

void DaemonProcess::start() {
  wait_for_signal();
  lend(links_, monitor_->descriptor());
  wait_for(links_, &DaemonProcess::take_links);
  watch_filters();
  watch_file();
  open_xenstore();
  await_xenstore();
  set_timer();  // bridges that nobody was on when it began
}

// Whoever starts the daemon wants everything looked at by then, where xenstored answers.
void DaemonProcess::await_xenstore() {
  const auto end = std::chrono::steady_clock::now() + store_patience;
  while (store_watch_ && !(daemon_ && answers_)) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    pollfd word{store_watch_->descriptor(), POLLIN, 0};
    if (left.count() <= 0 || ::poll(&word, 1, static_cast<int>(left.count())) <= 0) return;
    take_store();
  }
}

DaemonReport DaemonProcess::report() const {
  if (daemon_) return daemon_->report();
  DaemonReport report;
  report.config = options_.places.config;
  report.waiting.push_back({"xenstore", "xenstored does not answer"});
  return report;
}

const std::map<unsigned, SeenLink>& DaemonProcess::links() const {
  return monitor_->links();
}

void DaemonProcess::look(const std::function<void(Kernel&)>& work) {
  Deadline deadline(time_to_answer, {.line = hangs}, EndedBy::time_alone);
  work(*open_kernel({.on_interrupt = [&] { deadline.check(); }}));
}

void DaemonProcess::run(const std::string& call, const Places& places, const Work& work) {
  const About about(call);
  std::optional<Recorder> recorder;
  if (!call.empty()) recorder.emplace(log_, options_.places.runs, call);
  Recorder* const told = recorder ? &*recorder : nullptr;
  Deadline deadline(time_to_answer, {.line = hangs}, EndedBy::time_alone);
  const HostDoors doors(deadline, told);
  Env env = doors.env(deadline, log_, places, store_.get());
  const auto clients = open_dhcp_clients(deadline);
  env.dhcp = clients.get();
  if (told == nullptr) return work(env);
  recording(*told, [&] { work(env); });
}

void DaemonProcess::wait_for(Stream& stream, void (DaemonProcess::*then)()) {
  stream.async_wait(Stream::wait_read, [this, &stream, then](const error_code& error) {
    if (error) return;
    (this->*then)();
    if (stream.is_open()) wait_for(stream, then);
    mind_xenstore();
    set_timer();
  });
}

void DaemonProcess::wait_for_signal() {
  signals_.async_wait([this](const error_code& error, int number) {
    if (error) return;
    if (number != SIGHUP) {
      notify_stopping();
      loop_.stop();
      return;
    }
    wait_for_signal();
    notify_reloading();
    take_file();
    notify_ready();
    mind_xenstore();
    set_timer();
  });
}

// xenstored is asked to tell of the backends, or, before it is known which domain this is, of that
// node. Nobody waits for the answer: it comes, or xenstored is stopped, and the kernel's side goes
// on.
void DaemonProcess::open_xenstore() {
  try {
    store_watch_ = watch_store(daemon_ ? daemon_->backends() : "domid");
  } catch (const Error& error) {
    return open_xenstore_later(error.what());
  }
  answers_ = false;
  lend(nodes_, store_watch_->descriptor());
  listen();
}

void DaemonProcess::open_xenstore_later(const std::string& why) {
  if (why != why_no_xenstore_) log_.warning(why + "; tried again");
  why_no_xenstore_ = why;
  reconnect_.expires_after(between_attempts);
  reconnect_.async_wait([this](const error_code& stopped) {
    if (!stopped) open_xenstore();
  });
}

// One round of it at a time, whatever became of the one before.
void DaemonProcess::listen() {
  nodes_.async_wait(Stream::wait_read, [this, round = ++listening_](const error_code& error) {
    if (error || round != listening_) return;
    take_store();
    if (round == listening_) listen();
    mind_xenstore();
    set_timer();
  });
}

void DaemonProcess::stop_listening() {
  ++listening_;
  lend(nodes_, -1);
  store_watch_.reset();
  answers_ = false;
}

void DaemonProcess::xenstore_has_gone() {
  if (answers_) log_.warning("xenstored has gone; waiting for it");
  stop_listening();
  if (daemon_) {
    daemon_->store_restarted();
    daemon_->store_is_away("xenstored has gone");
  }
  open_xenstore_later(why_no_xenstore_);
}

// After all that may have asked it something: a xenstored that does not answer is not asked again
// before it does, as everything else would wait for it each time.
void DaemonProcess::mind_xenstore() {
  if (!answers_ || !store_->is_silent()) return;
  log_.warning("xenstored does not answer; vifs wait for it, links are still repaired");
  stop_listening();
  daemon_->store_is_away("xenstored does not answer");
  open_xenstore();
}

void DaemonProcess::take_store() {
  try {
    const auto paths = store_watch_->take();
    if (paths.empty()) return;
    if (!std::exchange(answers_, true)) return xenstore_answers();
    daemon_->store_changed(paths);
  } catch (const Error&) {
    xenstore_has_gone();
  }
}

// Everything may have changed since the last time, so everything is looked at.
void DaemonProcess::xenstore_answers() {
  why_no_xenstore_.clear();
  if (!daemon_) {
    daemon_.emplace(*this, ServedDomain{*store_, own_domid(*store_), options_.any_script}, log_,
                    options_.places);
    stop_listening();
    return open_xenstore();
  }
  daemon_->start();
  ::malloc_trim(0);
  notify_ready();
}

void DaemonProcess::take_links() {
  const LinkNews news = monitor_->take();
  if (daemon_) daemon_->links_changed(news);
}

// A kernel without nftables has no filters to watch.
void DaemonProcess::watch_filters() {
  try {
    filter_monitor_ = monitor_nftables();
  } catch (const Error& error) {
    log_.warning(std::string(error.what()) + "; the removal of guests' filters goes unnoticed");
    return;
  }
  lend(filters_, filter_monitor_->descriptor());
  wait_for(filters_, &DaemonProcess::take_filters);
}

void DaemonProcess::take_filters() {
  const NftNews news = filter_monitor_->take();
  if (daemon_) daemon_->filters_changed(news);
}

void DaemonProcess::watch_file() {
  try {
    file_watch_.emplace(options_.places.config);
  } catch (const Error& error) {
    log_.warning(std::string(error.what()) + "; a new file is read at SIGHUP only");
    return;
  }
  lend(file_, file_watch_->descriptor());
  wait_for(file_, &DaemonProcess::take_file);
}

void DaemonProcess::take_file() {
  if (file_watch_) file_watch_->take();
  if (daemon_) daemon_->file_changed();
}

void DaemonProcess::set_timer() {
  const auto due = daemon_ ? daemon_->due() : Daemon::Moment::max();
  if (due == Daemon::Moment::max()) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(due);
  timer_.async_wait([this](const error_code& stopped) {
    if (stopped) return;
    daemon_->tick();
    mind_xenstore();
    ::malloc_trim(0);  // a look at all links takes megabytes for a moment, which would stay with us
    set_timer();
  });
}

}  // namespace vifchain::inline plugin
