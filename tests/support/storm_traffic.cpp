// SPDX-License-Identifier: Apache-2.0
#include "storm_traffic.hpp"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <system_error>

#include "edge/base/descriptor.hpp"

namespace vifchain::test {
namespace {

void check(int result, const std::string& what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
}

// `protocol` 0 hears nothing.
Descriptor packet_socket(const std::string& link, int protocol) {
  Descriptor socket(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  check(socket.number(), "opening a packet socket");
  sockaddr_ll place{};
  place.sll_family = AF_PACKET;
  place.sll_protocol = htons(static_cast<std::uint16_t>(protocol));
  place.sll_ifindex = static_cast<int>(if_nametoindex(link.c_str()));
  check(bind(socket.number(), reinterpret_cast<const sockaddr*>(&place), sizeof place), link);
  return socket;
}

void set(const Descriptor& socket, int level, int option, int value) {
  check(setsockopt(socket.number(), level, option, &value, sizeof value), "a packet socket");
}

// When the kernel had the frame; nothing tells so, now.
std::int64_t arrival(msghdr& message) {
  for (auto* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SO_TIMESTAMPNS) continue;
    timespec time{};
    std::memcpy(&time, CMSG_DATA(part), sizeof time);
    return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec;
  }
  return now_ns();
}

}  // namespace

struct Traffic::Sender {
  unsigned number;
  Sends what;
  Descriptor socket;
  std::array<Bytes, frame_kinds> frames;
};

struct Traffic::Ear {
  unsigned bridge;
  Descriptor socket;
};

Traffic::Traffic() : sending_([this] { send_all(); }), hearing_([this] { hear_all(); }) {}

Traffic::~Traffic() {
  ends_ = true;
  sending_.join();
  hearing_.join();
}

void Traffic::listen(unsigned bridge, const std::string& link) {
  constexpr int every_protocol = 3, room = 16 << 20;
  auto socket = packet_socket(link, every_protocol);
  set(socket, SOL_SOCKET, SO_TIMESTAMPNS, 1);
  set(socket, SOL_SOCKET, SO_RCVBUFFORCE, room);
  const std::scoped_lock lock(mutex_);
  ears_.push_back(std::shared_ptr<Ear>(new Ear{bridge, std::move(socket)}));
}

// Past the queue in front of the link, which opens a moment after the link's other end came up.
void Traffic::plug(unsigned sender, unsigned guest, const std::string& link, Sends what) {
  auto socket = packet_socket(link, 0);
  set(socket, SOL_PACKET, PACKET_QDISC_BYPASS, 1);
  unplug(sender);
  const std::scoped_lock lock(mutex_);
  senders_.push_back(std::shared_ptr<Sender>(
      new Sender{sender, what, std::move(socket), storm_frames(guest, sender)}));
}

void Traffic::unplug(unsigned sender) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(senders_, [&](const auto& one) { return one->number == sender; });
}

void Traffic::let_a_round_pass() const {
  const auto before = rounds_.load();
  while (rounds_ < before + 2) ::poll(nullptr, 0, 1);
}

std::string Traffic::in_words() const {
  return std::to_string(forged_) + " forged frames sent in " + std::to_string(rounds_) +
         " rounds, " + std::to_string(honest_heard_) + " honest ones heard\n";
}

std::vector<HeardFrame> Traffic::take() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(heard_, {});
}

// Behind those whom it tries.
void Traffic::send_all() {
  constexpr int less_than_others = 5;
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), less_than_others);
  while (!ends_) {
    for (std::size_t kind = 0; kind < frame_kinds; ++kind) {
      const auto senders = [&] {
        const std::scoped_lock lock(mutex_);
        return senders_;
      }();
      const auto favoured = std::ranges::find_if(
          senders, [&](const auto& sender) { return sender->number == favoured_; });
      for (const auto& sender : senders) {
        send(*sender, kind);
        if (favoured != senders.end()) send(**favoured, kind);
      }
    }
    ++rounds_;
  }
}

// A link that is down, or gone, sends nothing.
void Traffic::send(Sender& sender, std::size_t kind) {
  const bool honest = is_honest(static_cast<FrameKind>(kind));
  if (!honest && sender.what == Sends::honest_frames) return;
  Bytes& frame = sender.frames[kind];
  stamp(frame, now_ns());
  static_cast<void>(::send(sender.socket.number(), frame.data(), frame.size(), MSG_DONTWAIT));
  if (!honest) ++forged_;
}

void Traffic::hear_all() {
  while (!ends_) {
    const auto ears = [&] {
      const std::scoped_lock lock(mutex_);
      return ears_;
    }();
    std::vector<pollfd> waiting;
    for (const auto& ear : ears) waiting.push_back({ear->socket.number(), POLLIN, 0});
    ::poll(waiting.data(), waiting.size(), 20);
    for (const auto& ear : ears) hear(*ear);
  }
}

void Traffic::hear(const Ear& ear) {
  std::array<std::uint8_t, 2048> frame{};
  std::array<char, 128> control{};
  while (!ends_) {
    iovec part{frame.data(), frame.size()};
    sockaddr_ll from{};
    msghdr message{};
    message.msg_name = &from;
    message.msg_namelen = sizeof from;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const auto size = ::recvmsg(ear.socket.number(), &message, 0);
    if (size < 0) return;
    if (from.sll_pkttype == PACKET_OUTGOING) continue;
    if (const auto mark = mark_of(frame.data(), static_cast<std::size_t>(size)))
      note({ear.bridge, *mark, arrival(message)});
  }
}

void Traffic::note(const HeardFrame& heard) {
  if (!is_honest(heard.mark.kind)) {
    const std::scoped_lock lock(mutex_);
    heard_.push_back(heard);
    return;
  }
  ++honest_heard_;
  auto& last = honest_.at(heard.mark.sender).at(heard.bridge);
  if (heard.mark.sent > last) last = heard.mark.sent;
}

}  // namespace vifchain::test
