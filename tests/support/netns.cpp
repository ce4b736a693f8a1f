// SPDX-License-Identifier: Apache-2.0
#include "netns.hpp"

#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <stdexcept>

#include "core/plan/plan.hpp"
#include "edge/base/error.hpp"
#include "edge/netlink/attributes.hpp"
#include "edge/netlink/rtnl.hpp"

namespace vifchain {
namespace {

void print(std::ostream& out, const char* what, const Options& options) {
  out << "\n  " << what << ":";
  for (const auto& [option, value] : options)
    out << " " << spec(option).key << "=" << show(option, value);
}

template <typename Items, typename Show>
void print(std::ostream& out, const char* what, const std::optional<Items>& items, Show show_one) {
  out << "\n  " << what << ":";
  if (!items) out << " not read";
  if (items)
    for (const auto& item : *items) out << " " << show_one(item);
}

}  // namespace

void PrintTo(const Link& link, std::ostream* out) {
  *out << link.name.str() << ", " << kind_in_words(link.kind);
  if (const auto* vlan = std::get_if<Vlan>(&link.kind))
    *out << " " << vlan->id.number() << " on " << vlan->parent.str();
  *out << "\n  controller: " << (link.controller ? link.controller->str() : "none");
  *out << "\n  mtu: " << link.mtu.value_or(0) << ", mac: " << (link.mac ? link.mac->str() : "none");
  *out << ", permanent: " << (link.permanent_mac ? link.permanent_mac->str() : "none");
  *out << ", up: " << link.up.value_or(false) << ", ours: " << link.ours;
  *out << ", addr_gen: " << (link.addr_gen ? static_cast<int>(*link.addr_gen) : -1);
  print(*out, "options", options_of(link));
  print(*out, "port options", link.port);
  print(*out, "VLANs", link.vlans, [](const PortVlan& vlan) {
    return std::to_string(vlan.id.number()) + (vlan.pvid ? "p" : "") + (vlan.untagged ? "u" : "");
  });
  print(*out, "static MACs", link.fdb, [](const FdbEntry& entry) {
    return entry.mac.str() + (entry.vlan ? "@" + std::to_string(entry.vlan->number()) : "");
  });
  print(*out, "addresses", link.addresses, [](const LinkAddress& address) {
    return address.address.str() + "/" + std::to_string(address.prefix);
  });
}

}  // namespace vifchain

namespace vifchain::test {
namespace {

void check(int result, const char* what) {
  if (result < 0) throw Error(errno, what);
}

int open_namespace(const char* path) {
  const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  check(descriptor, path);
  return descriptor;
}

unsigned index_of(const std::string& name) {
  const unsigned index = if_nametoindex(name.c_str());
  if (index == 0) throw Error(errno, name);
  return index;
}

Message link_message(int type, int flags, unsigned index, unsigned change, unsigned to) {
  ifinfomsg body{};
  body.ifi_index = static_cast<int>(index);
  body.ifi_change = change;
  body.ifi_flags = to;
  Message message(nlmsg_alloc_simple(type, flags | NLM_F_ACK));
  nlmsg_append(message.get(), &body, sizeof body, NLMSG_ALIGNTO);
  return message;
}

int send(const Message& message) {
  return Rtnl({}).exchange(message).error;
}

void must_work(const Message& message, const std::string& what) {
  if (const int error = send(message); error != 0) throw Error(error, what);
}

}  // namespace

Namespace::Namespace()
    : network_(open_namespace("/proc/self/ns/net")), mounts_(open_namespace("/proc/self/ns/mnt")) {
  check(unshare(CLONE_NEWNET | CLONE_NEWNS), "making a network namespace (as root)");
  check(mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "making mounts private");
  check(mount("sysfs", "/sys", "sysfs", 0, nullptr), "mounting /sys");
}

Namespace::~Namespace() {
  setns(network_, CLONE_NEWNET);
  setns(mounts_, CLONE_NEWNS);
  close(network_);
  close(mounts_);
}

bool kernel_has(const char* kind) {
  const Namespace nowhere;
  make_nic("below");
  auto message = link_message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0, 0, 0);
  put_text(*message, IFLA_IFNAME, "probe");
  put(*message, IFLA_LINK, index_of("below"));
  {
    const Nest info(*message, IFLA_LINKINFO);
    put_text(*message, IFLA_INFO_KIND, kind);
    const Nest data(*message, IFLA_INFO_DATA);
    if (std::string_view(kind) == "vlan") put(*message, IFLA_VLAN_ID, std::uint16_t{1});
  }
  return send(message) == 0;
}

bool bridges_filter_vlans() {
  const Namespace nowhere;
  const auto kernel = open_kernel();
  perform(*kernel, {Create{{.name = name("probe"), .kind = Bridge{}}}});
  return options_of(read(*kernel, "probe")).contains(Option::bridge_vlan_default_pvid);
}

bool kernel_knows(Option option, const Options& reported) {
  return spec(option).since.empty() || reported.contains(option);
}

void expect(Options& options, Option option, const Value& value) {
  if (kernel_knows(option, options)) options.insert_or_assign(option, value);
}

void expect_defaults(const Options& options, BondMode mode) {
  EXPECT_FALSE(options.empty());
  for (const auto& [option, value] : options) {
    const auto usual = kernel_default(option);
    if (!usual || !has_option(mode, spec(option))) continue;
    EXPECT_EQ(show(option, value), show(option, *usual)) << spec(option).key;
  }
}

void make_nic(const std::string& name) {
  const std::unique_ptr<nl_sock, FreeSocket> socket(nl_socket_alloc());
  nl_connect(socket.get(), NETLINK_ROUTE);
  const std::string peer = name + "p";
  if (rtnl_link_veth_add(socket.get(), name.c_str(), peer.c_str(), getpid()) != 0)
    throw std::runtime_error("making the veth pair " + name);
}

void move_away(const std::string& name) {
  const int here = open_namespace("/proc/self/ns/net");
  check(unshare(CLONE_NEWNET), "making a network namespace");
  const int there = open_namespace("/proc/self/ns/net");
  check(setns(here, CLONE_NEWNET), "going back");
  close(here);
  auto message = link_message(RTM_NEWLINK, 0, index_of(name), 0, 0);
  put(*message, IFLA_NET_NS_FD, static_cast<std::uint32_t>(there));
  must_work(message, "moving " + name + " away");
}

void add_altname(const std::string& name, const std::string& altname) {
  auto message =
      link_message(RTM_NEWLINKPROP, NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND, index_of(name), 0, 0);
  {
    const Nest list(*message, IFLA_PROP_LIST | NLA_F_NESTED);
    put_text(*message, IFLA_ALT_IFNAME, altname);
  }
  must_work(message, "calling " + name + " " + altname);
}

void delete_link(const std::string& name) {
  must_work(link_message(RTM_DELLINK, 0, index_of(name), 0, 0), "deleting " + name);
}

void set_up(const std::string& name) {
  must_work(link_message(RTM_NEWLINK, 0, index_of(name), IFF_UP, IFF_UP), "raising " + name);
}

void put_into_group(const std::string& name, std::uint32_t group) {
  auto message = link_message(RTM_NEWLINK, 0, index_of(name), 0, 0);
  put(*message, IFLA_GROUP, group);
  must_work(message, "moving " + name + " to another group");
}

void set_controller(const std::string& name, const std::string& controller) {
  auto message = link_message(RTM_NEWLINK, 0, index_of(name), 0, 0);
  put(*message, IFLA_MASTER, controller.empty() ? 0 : index_of(controller));
  must_work(message, "joining " + name);
}

std::optional<std::string> sysfs(const std::string& path) {
  std::ifstream file("/sys/class/net/" + path);
  std::string line;
  if (!file || !std::getline(file, line)) return {};
  return line;
}

LinkName name(std::string_view text) {
  return LinkName::parse(text).value();
}
Mac mac(std::string_view text) {
  return Mac::parse(text).value();
}
VlanId vid(int number) {
  return VlanId::from(number).value();
}
IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

Link read(Kernel& kernel, const std::string& link) {
  const auto links = kernel.snapshot(
      {{.name = name(link), .addresses = true, .vlans = true, .fdb = true, .apart = true}});
  if (links.empty()) throw std::runtime_error("no link " + link);
  return links.begin()->second;
}

Op up(std::string_view link) {
  return SetUp{name(link)};
}

void perform(Kernel& kernel, std::vector<Op> ops) {
  std::vector<Step> steps;
  steps.reserve(ops.size());
  for (Op& op : ops) steps.push_back({std::move(op), "test"});
  kernel.perform(steps);
}

Refusal refusal_of(Kernel& kernel, std::vector<Op> ops) {
  try {
    perform(kernel, std::move(ops));
  } catch (const Error& error) {
    return {error.code().value(), error.what()};
  }
  return {};
}

}  // namespace vifchain::test
