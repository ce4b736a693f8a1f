// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/ipv6_settings.hpp"

#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "edge/base/descriptor.hpp"
#include "edge/base/error.hpp"

namespace vifchain::inline edge::inline kernel {
namespace {

std::string file_of(const LinkName& link, const char* setting) {
  return "/proc/sys/net/ipv6/conf/" + link.str() + "/" + setting;
}

std::optional<std::string> read_setting(const LinkName& link, const char* setting) {
  const Descriptor file(open(file_of(link, setting).c_str(), O_RDONLY | O_CLOEXEC));
  char text[64];
  const auto size = file.open() ? read(file.number(), text, sizeof text) : -1;
  if (size <= 0) return std::nullopt;
  std::string value(text, static_cast<std::size_t>(size));
  while (!value.empty() && value.back() == '\n') value.pop_back();
  return value;
}

void must_still_be(const Known& link, const std::string& doing) {
  if (if_nametoindex(link.name.str().c_str()) != link.index) throw Error(ENODEV, doing);
}

void write_setting(const Known& link, const char* setting, const std::string& value) {
  const std::string path = file_of(link.name, setting), doing = "writing " + value + " to " + path;
  must_still_be(link, doing);
  const Descriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.open()) throw Error(errno, doing);
  if (write(file.number(), value.data(), value.size()) < 0) throw Error(errno, doing);
}

// Of linux/ipv6_route.h, which does not go with the C library's own net/route.h.
constexpr std::uint32_t has_end = 0x00400000;          // RTF_EXPIRES
constexpr std::uint32_t by_route_option = 0x00800000;  // RTF_ROUTEINFO

// struct in6_rtmsg counts in hundredths of a second (clock_t), which are 32 bits of jiffies then.
std::uint32_t hundredths(std::uint32_t seconds) {
  constexpr std::uint32_t most = 20'000'000;
  return (seconds < most ? seconds : most) * 100;
}

in6_rtmsg call_for(unsigned index, const Route& route) {
  in6_rtmsg call{};
  std::memcpy(&call.rtmsg_dst, route.to.address.bytes.data(), sizeof call.rtmsg_dst);
  std::memcpy(&call.rtmsg_gateway, route.via->bytes.data(), sizeof call.rtmsg_gateway);
  call.rtmsg_dst_len = route.to.prefix;
  call.rtmsg_metric = route.metric;
  call.rtmsg_info = hundredths(route.expires.seconds.value_or(0));
  call.rtmsg_flags = RTF_UP | RTF_GATEWAY | RTF_ADDRCONF | has_end |
                     (route.to.prefix == 0 ? RTF_DEFAULT : by_route_option);
  call.rtmsg_ifindex = static_cast<int>(index);
  return call;
}

}  // namespace

void take_advertisements(const Known& link, bool on) {
  const bool forwards = read_setting(link.name, "forwarding").value_or("0") != "0";
  try {
    write_setting(link, "accept_ra", !on ? "0" : forwards ? "2" : "1");
  } catch (const Error& error) {  // a link without IPv6 takes none
    if (on || error.code().value() != ENOENT) throw;
    must_still_be(link, error.what());
  }
}

std::optional<IpAddress> read_secret(const LinkName& link) {
  const auto text = read_setting(link, "stable_secret");
  return text ? IpAddress::parse(*text) : std::nullopt;
}

void write_secret(const Known& link, const IpAddress& secret) {
  write_setting(link, "stable_secret", secret.str());
}

bool put_interim(const Known& link, const Route& route) {
  const std::string doing = "adding the route " + route.str() + " over " + link.name.str();
  const Descriptor socket(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket.open()) return false;
  in6_rtmsg call = call_for(link.index, route);
  if (ioctl(socket.number(), SIOCADDRT, &call) < 0 && errno != EEXIST) throw Error(errno, doing);
  return true;
}

}  // namespace vifchain::inline edge::inline kernel
