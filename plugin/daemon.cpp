#include "daemon.hpp"

#include <malloc.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <csignal>
#include <ctime>

#include "core/decimal.hpp"
#include "edge/dhcp/dhcp_clients.hpp"
#include "edge/error.hpp"
#include "flow/host_doors.hpp"
#include "flow/recorder.hpp"
#include "journal.hpp"
#include "notify.hpp"

namespace vifchain {
namespace {

using boost::system::error_code;

// As long as vif-chain has (hotplug/main.cpp).
constexpr std::chrono::seconds time_to_answer{30};
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

Daemon::Daemon(boost::asio::io_context& loop, Log& log, const DaemonOptions& options)
    : loop_(loop),
      log_(log),
      options_(options),
      store_(open_store()),
      monitor_(monitor_links(options.link_buffer)),
      links_(loop),
      nodes_(loop),
      lifeline_(loop),
      file_(loop),
      signals_(loop, SIGHUP, SIGTERM, SIGINT),
      timer_(loop),
      reconnect_(loop) {}

Daemon::~Daemon() {
  for (auto* stream : {&links_, &nodes_, &lifeline_, &file_}) lend(*stream, -1);
}

void Daemon::start() {
  wait_for_signal();
  lend(links_, monitor_->descriptor());
  wait_for(links_, &Daemon::take_links);
  watch_file();
  open_xenstore();
}

ResidentReport Daemon::report() const {
  if (resident_) return resident_->report();
  ResidentReport report;
  report.config = options_.places.config;
  report.waiting.push_back({"xenstore", "xenstored does not answer"});
  return report;
}

ResidentHost Daemon::host() {
  return {
      .run = [this](const std::string& call, const ResidentHost::Work& work) { run(call, work); },
      .store = *store_,
      .now = [] { return std::chrono::steady_clock::now(); },
      .time = [] { return static_cast<std::int64_t>(std::time(nullptr)); },
      .links = [this]() -> const std::map<unsigned, SeenLink>& { return monitor_->links(); },
      .domid = own_domid(*store_),
      .any_script = options_.any_script};
}

void Daemon::run(const std::string& call, const ResidentHost::Work& work) {
  const About about(call);
  std::optional<Recorder> recorder;
  if (!call.empty()) recorder.emplace(log_, options_.places.runs, call);
  Recorder* const told = recorder ? &*recorder : nullptr;
  Deadline deadline(time_to_answer, {.line = "vifchaind: hangs, gives up\n"}, EndedBy::time_alone);
  const HostDoors doors(deadline, told);
  Site site = doors.site(deadline, log_, options_.places);
  const auto clients = open_dhcp_clients(deadline);
  site.dhcp = clients.get();
  if (told == nullptr) return work(site);
  recording(*told, [&] { work(site); });
}

void Daemon::wait_for(Stream& stream, void (Daemon::*then)()) {
  stream.async_wait(Stream::wait_read, [this, &stream, then](const error_code& error) {
    if (error) return;
    (this->*then)();
    if (stream.is_open()) wait_for(stream, then);
    set_timer();
  });
}

void Daemon::wait_for_signal() {
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
    set_timer();
  });
}

// Everything may have changed since the last time, so everything is looked at.
void Daemon::open_xenstore() {
  try {
    if (!resident_) resident_.emplace(host(), log_, options_.places);
    store_watch_ = watch_store(resident_->backends());
  } catch (const Error& error) {
    log_.warning(std::string(error.what()) + "; tried again");
    reconnect_.expires_after(between_attempts);
    reconnect_.async_wait([this](const error_code& stopped) {
      if (!stopped) open_xenstore();
    });
    return;
  }
  lend(nodes_, store_watch_->descriptor());
  wait_for(nodes_, &Daemon::take_store);
  lend(lifeline_, store_watch_->lifeline());
  if (lifeline_.is_open()) wait_for(lifeline_, &Daemon::xenstore_has_gone);
  resident_->start();
  ::malloc_trim(0);
  notify_ready();
  set_timer();
}

void Daemon::xenstore_has_gone() {
  log_.warning("xenstored has gone; it is waited for");
  lend(nodes_, -1);
  lend(lifeline_, -1);
  store_watch_.reset();
  resident_->store_restarted();
  open_xenstore();
}

void Daemon::take_store() {
  try {
    resident_->store_changed(store_watch_->take());
  } catch (const Error&) {
    xenstore_has_gone();
  }
}

void Daemon::take_links() {
  const LinkNews news = monitor_->take();
  if (resident_) resident_->links_changed(news);
}

void Daemon::watch_file() {
  try {
    file_watch_.emplace(options_.places.config);
  } catch (const Error& error) {
    log_.warning(std::string(error.what()) + "; a new one is taken at SIGHUP");
    return;
  }
  lend(file_, file_watch_->descriptor());
  wait_for(file_, &Daemon::take_file);
}

void Daemon::take_file() {
  if (file_watch_) file_watch_->take();
  if (resident_) resident_->file_changed();
}

void Daemon::set_timer() {
  const auto due = resident_ ? resident_->due() : Resident::Moment::max();
  if (due == Resident::Moment::max()) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(due);
  timer_.async_wait([this](const error_code& stopped) {
    if (stopped) return;
    resident_->tick();
    ::malloc_trim(0);  // a look at all links takes megabytes for a moment, which would stay with us
    set_timer();
  });
}

}  // namespace vifchain
