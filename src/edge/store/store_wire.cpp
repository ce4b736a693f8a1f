// SPDX-License-Identifier: Apache-2.0
#include "edge/store/store_wire.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <utility>

extern "C" {
#include <xen/io/xs_wire.h>
#include <xenstore.h>
}

namespace vifchain::inline edge::inline store {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// oxenstored 4.17 sends the names of a folder in one answer, however many there are; more than this
// nobody has.
constexpr std::uint32_t longest_body = 16U << 20;

constexpr milliseconds between_attempts{10};

WireFailure hung_up() {
  return {EBADF, "xenstored hung up or broke the protocol"};
}

milliseconds left(const WireWait& wait) {
  return std::max(std::chrono::ceil<milliseconds>(wait.until - Clock::now()), milliseconds::zero());
}

// Until the file can be read or written; throws where that takes too long.
void wait_for(int file, short events, const WireWait& wait) {
  for (;;) {
    pollfd waiting{file, events, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(left(wait).count()));
    if (ready > 0) return;
    if (ready == 0) throw WireFailure{ETIMEDOUT};
    if (errno != EINTR) throw WireFailure{errno};
    if (wait.on_interrupt) wait.on_interrupt();
  }
}

// A socket whose queue of those who want to connect is full says EAGAIN, and can not be waited for
// by poll(2) (unix_stream_connect in net/unix/af_unix.c).
void connect(int socket, const sockaddr_un& address, const WireWait& wait) {
  while (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno != EAGAIN && errno != EINTR) throw WireFailure{errno};
    if (wait.on_interrupt) wait.on_interrupt();
    if (left(wait) == milliseconds::zero()) throw WireFailure{ETIMEDOUT};
    std::this_thread::sleep_for(between_attempts);
  }
}

bool is_socket(const std::string& path) {
  struct stat state = {};
  if (::stat(path.c_str(), &state) != 0) throw WireFailure{errno};
  return S_ISSOCK(state.st_mode);
}

Descriptor open_socket(const std::string& path, const WireWait& wait) {
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  if (path.size() >= sizeof address.sun_path) throw WireFailure{EINVAL};
  path.copy(address.sun_path, path.size());
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.open()) throw WireFailure{errno};
  connect(socket.number(), address, wait);
  return socket;
}

Descriptor open_device(const std::string& path) {
  Descriptor device(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK));
  if (!device.open()) throw WireFailure{errno};
  return device;
}

Descriptor open_at(const std::string& path, const WireWait& wait) {
  return is_socket(path) ? open_socket(path, wait) : open_device(path);
}

// xs_domain_dev in tools/libs/store/xs.c
std::string device_of_kernel() {
  if (const char* path = std::getenv("XENSTORED_PATH")) return path;
  constexpr const char* usual = "/dev/xen/xenbus";
  return ::access(usual, F_OK) == 0 ? usual : "/proc/xen/xenbus";
}

Descriptor open_xenstore(const WireWait& wait) {
  try {
    return open_at(xs_daemon_socket(), wait);
  } catch (const WireFailure& failure) {
    if (failure.error == ETIMEDOUT) throw;
    return open_at(device_of_kernel(), wait);
  }
}

std::string bytes_of(const WireMessage& message) {
  const xsd_sockmsg head{.type = message.type,
                         .req_id = 0,
                         .tx_id = message.transaction,
                         .len = static_cast<std::uint32_t>(message.body.size())};
  return std::string(reinterpret_cast<const char*>(&head), sizeof head) + message.body;
}

}  // namespace

StoreWire::StoreWire(const WireWait& wait) : file_(open_xenstore(wait)) {
  struct stat state = {};
  is_socket_ = ::fstat(file_.number(), &state) == 0 && S_ISSOCK(state.st_mode);
}

void StoreWire::send(const WireMessage& message, const WireWait& wait) {
  if (message.body.size() > XENSTORE_PAYLOAD_MAX) throw WireFailure{E2BIG};
  const std::string bytes = bytes_of(message);
  for (std::size_t sent = 0; sent < bytes.size();) {
    const auto* from = bytes.data() + sent;
    const auto size = is_socket_ ? ::send(file_.number(), from, bytes.size() - sent, MSG_NOSIGNAL)
                                 : ::write(file_.number(), from, bytes.size() - sent);
    if (size >= 0)
      sent += static_cast<std::size_t>(size);
    else if (errno == EAGAIN)
      wait_for(file_.number(), POLLOUT, wait);
    else if (errno == EINTR)
      wait.on_interrupt ? wait.on_interrupt() : void();
    else
      throw errno == EPIPE || errno == ECONNRESET ? hung_up() : WireFailure{errno};
  }
}

WireMessage StoreWire::receive(const WireWait& wait) {
  for (;;) {
    if (auto message = first_whole()) return std::move(*message);
    wait_for(file_.number(), POLLIN, wait);
    read_more();
  }
}

std::optional<WireMessage> StoreWire::take() {
  for (;;) {
    if (auto message = first_whole()) return message;
    if (!read_more()) return std::nullopt;
  }
}

// False when there is nothing to read yet.
bool StoreWire::read_more() {
  std::array<char, sizeof(xsd_sockmsg) + XENSTORE_PAYLOAD_MAX> part;
  const auto size = ::read(file_.number(), part.data(), part.size());
  if (size > 0) came_.append(part.data(), static_cast<std::size_t>(size));
  if (size == 0 || (size < 0 && errno == ECONNRESET)) throw hung_up();
  if (size < 0 && errno != EAGAIN && errno != EINTR) throw WireFailure{errno};
  return size > 0;
}

std::optional<WireMessage> StoreWire::first_whole() {
  xsd_sockmsg head;
  if (came_.size() < sizeof head) return std::nullopt;
  std::memcpy(&head, came_.data(), sizeof head);
  if (head.len > longest_body) throw hung_up();
  const std::size_t whole = sizeof head + head.len;
  if (came_.size() < whole) return std::nullopt;
  WireMessage message{head.type, head.tx_id, came_.substr(sizeof head, head.len)};
  came_.erase(0, whole);
  return message;
}

std::vector<std::string> strings_in(std::string_view body) {
  std::vector<std::string> strings;
  while (!body.empty()) {
    const auto end = std::min(body.find('\0'), body.size());
    strings.emplace_back(body.substr(0, end));
    body.remove_prefix(std::min(end + 1, body.size()));
  }
  return strings;
}

}  // namespace vifchain::inline edge::inline store
