// SPDX-License-Identifier: Apache-2.0
#include "edge/state/daemon_socket.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <type_traits>
#include <utility>

#include "core/model/daemon_counters.hpp"
#include "edge/base/descriptor.hpp"
#include "edge/base/error.hpp"

namespace vifchain::inline edge::inline state {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

constexpr int format = 1;
constexpr std::size_t longest_answer = 16 << 20;  // a thousand vifs that wait make a quarter of one

// --- JSON ----------------------------------------------------------------------------------------

Json config_json(const DaemonReport& report) {
  Json json{{"path", report.config}};
  if (report.config_taken != 0) json["taken"] = report.config_taken;
  if (!report.config_mistake.empty()) json["mistake"] = report.config_mistake;
  return json;
}

Json counters_json(const DaemonReport::Counters& counters) {
  Json json = Json::object();
  for (const auto& counter : daemon_counters) json[counter.name] = counters.*counter.value;
  return json;
}

[[noreturn]] void refuse(const std::string& words) {
  throw Error(EBADMSG, "reading what vifchaind says", words);
}

const Json* member(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

void take(const Json& object, const char* key, std::string& text) {
  const Json* value = member(object, key);
  if (value == nullptr) return;
  if (!value->is_string()) refuse(std::string(key) + ": expected a string");
  text = value->get<std::string>();
}

template <typename Number>
requires std::is_integral_v<Number>
void take(const Json& object, const char* key, Number& number) {
  const Json* value = member(object, key);
  if (value == nullptr) return;
  const bool fits = value->is_number_unsigned() ? std::in_range<Number>(value->get<std::uint64_t>())
                    : value->is_number_integer() ? std::in_range<Number>(value->get<std::int64_t>())
                                                 : false;
  if (!fits) refuse(std::string(key) + ": expected a whole number");
  number = value->get<Number>();
}

// Calls `read` with the object behind `key`, if there is one.
template <typename Read>
void take_object(const Json& object, const char* key, Read read) {
  const Json* value = member(object, key);
  if (value == nullptr) return;
  if (!value->is_object()) refuse(std::string(key) + ": expected an object");
  read(*value);
}

// Calls `read` with each object of the list behind `key`.
template <typename Read>
void take_list(const Json& object, const char* key, Read read) {
  const Json* list = member(object, key);
  if (list == nullptr) return;
  if (!list->is_array()) refuse(std::string(key) + ": expected a list");
  for (const auto& each : *list) {
    if (!each.is_object()) refuse(std::string(key) + ": expected a list of objects");
    read(each);
  }
}

void take_config(const Json& json, DaemonReport& report) {
  take(json, "path", report.config);
  take(json, "taken", report.config_taken);
  take(json, "mistake", report.config_mistake);
}

DaemonReport::Waiting waiting_in(const Json& json) {
  DaemonReport::Waiting waiting;
  take(json, "subject", waiting.subject);
  take(json, "reason", waiting.reason);
  take(json, "since", waiting.since);
  return waiting;
}

DaemonReport::Repair repair_in(const Json& json) {
  DaemonReport::Repair repair;
  take(json, "subject", repair.subject);
  take(json, "what", repair.what);
  take(json, "when", repair.when);
  take(json, "delay_us", repair.delay);
  return repair;
}

DaemonReport report_in(const Json& json) {
  DaemonReport report;
  take(json, "version", report.version);
  take(json, "pid", report.pid);
  take(json, "since", report.since);
  take(json, "domid", report.domid);
  take_object(json, "config", [&](const Json& config) { take_config(config, report); });
  take(json, "vifs", report.vifs);
  take_object(json, "counters", [&](const Json& counters) {
    for (const auto& each : daemon_counters) take(counters, each.name, report.counters.*each.value);
  });
  take_list(json, "waiting", [&](const Json& each) { report.waiting.push_back(waiting_in(each)); });
  take_list(json, "repairs", [&](const Json& each) { report.repairs.push_back(repair_in(each)); });
  return report;
}

// --- the socket ----------------------------------------------------------------------------------

// Nothing when nobody is behind it. A queue that is full is waited for as SO_SNDTIMEO says
// (unix_wait_for_peer in net/unix/af_unix.c).
std::optional<Descriptor> connected(const std::string& path, std::chrono::milliseconds patience,
                                    const std::string& doing) {
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  if (path.size() >= sizeof address.sun_path) throw Error(ENAMETOOLONG, doing);
  path.copy(address.sun_path, path.size());
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.open()) throw Error(errno, doing);
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(patience);
  const timeval limit{.tv_sec = whole.count(),
                      .tv_usec = std::chrono::microseconds(patience - whole).count()};
  ::setsockopt(socket.number(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  while (::connect(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
         0) {
    if (errno == ENOENT || errno == ECONNREFUSED) return std::nullopt;
    if (errno != EINTR) throw Error(errno == EAGAIN ? ETIMEDOUT : errno, doing);
  }
  return socket;
}

void wait_for_more(const Descriptor& socket, Clock::time_point end, const std::string& doing) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
    if (left <= 0) throw Error(ETIMEDOUT, doing);
    pollfd waiting{.fd = socket.number(), .events = POLLIN, .revents = 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(left));
    if (ready > 0) return;
    if (ready < 0 && errno != EINTR) throw Error(errno, doing);
  }
}

// All that comes until the other side ends it, or dies.
std::string all_of(const Descriptor& socket, Clock::time_point end, const std::string& doing) {
  std::string bytes;
  char buffer[65536];
  while (bytes.size() < longest_answer) {
    wait_for_more(socket, end, doing);
    const auto got = ::recv(socket.number(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno == ECONNRESET)) return bytes;
    if (got > 0) bytes.append(buffer, static_cast<std::size_t>(got));
    if (got < 0 && errno != EAGAIN && errno != EINTR) throw Error(errno, doing);
  }
  refuse("it does not end");
}

}  // namespace

std::string report_json(const DaemonReport& report) {
  Json json{{"format", format},         {"version", report.version},
            {"pid", report.pid},        {"since", report.since},
            {"domid", report.domid},    {"config", config_json(report)},
            {"vifs", report.vifs},      {"counters", counters_json(report.counters)},
            {"waiting", Json::array()}, {"repairs", Json::array()}};
  for (const auto& each : report.waiting)
    json["waiting"].push_back(
        {{"subject", each.subject}, {"reason", each.reason}, {"since", each.since}});
  for (const auto& each : report.repairs)
    json["repairs"].push_back({{"subject", each.subject},
                               {"what", each.what},
                               {"when", each.when},
                               {"delay_us", each.delay}});
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

DaemonReport read_report(std::string_view json) {
  const Json read = Json::parse(json, nullptr, false);
  if (!read.is_object()) refuse("expected a JSON object");
  int found = 0;
  take(read, "format", found);
  if (found != format)
    refuse("expected format " + std::to_string(format) + ", found " + std::to_string(found));
  return report_in(read);
}

std::optional<DaemonReport> request_report(const std::string& path,
                                           std::chrono::milliseconds patience) {
  const std::string doing = "asking vifchaind (" + path + ")";
  const auto end = Clock::now() + patience;
  const auto socket = connected(path, patience, doing);
  if (!socket) return std::nullopt;
  const auto answer = all_of(*socket, end, doing);
  if (answer.empty()) return std::nullopt;
  return read_report(answer);
}

}  // namespace vifchain::inline edge::inline state
