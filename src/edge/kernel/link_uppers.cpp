// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/link_uppers.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "edge/kernel/links.hpp"
#include "edge/netlink/new_message.hpp"

namespace vifchain::inline edge::inline kernel {
namespace {

using LinkAttributes = Attributes<IFLA_MAX>;

// Of other kinds IFLA_LINK is something else: a veth's peer, a tunnel's way out.
bool takes_frames_from_its_link(const std::string& kind) {
  constexpr std::array<std::string_view, 7> kinds{"vlan",   "macvlan", "macvtap", "ipvlan",
                                                  "ipvtap", "macsec",  "rmnet"};
  return std::ranges::find(kinds, kind) != kinds.end();
}

Message ask_links(std::optional<int> nsid) {
  auto message = new_message(RTM_GETLINK, NLM_F_DUMP, link_body(0), 256);
  put(*message, IFLA_EXT_MASK, std::uint32_t{RTEXT_FILTER_SKIP_STATS});
  if (nsid) put(*message, IFLA_TARGET_NETNSID, *nsid);
  return message;
}

// Ids that network namespaces have in this one (ip-netns(8), list-id).
class NamespaceIds {
 public:
  explicit NamespaceIds(Rtnl& rtnl) : rtnl_(rtnl) {}

  std::vector<int> all() {
    std::vector<int> ids;
    const Answer answer = rtnl_.exchange(new_message(RTM_GETNSID, NLM_F_DUMP, rtgenmsg{}, 256));
    for (const auto* message : messages_of(answer))
      if (const auto id = id_in(*message)) ids.push_back(*id);
    return ids;
  }

  // That of the namespace at this path; nothing when it has none.
  std::optional<int> of(const std::string& path) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return {};
    auto question = new_message(RTM_GETNSID, 0, rtgenmsg{}, 256);
    put(*question, NETNSA_FD, static_cast<std::uint32_t>(file));
    const Answer answer = rtnl_.exchange(question);
    close(file);
    if (answer.error != 0 || messages_of(answer).empty()) return {};
    return id_in(*messages_of(answer).front());
  }

  // As people find it again.
  std::string in_words(int id) {
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator("/run/netns", none))
      if (of(entry.path()) == id)
        return "the network namespace " + entry.path().filename().string();
    return "another network namespace (NETNSID " + std::to_string(id) + " of \"lsns -t net\")";
  }

 private:
  static std::optional<int> id_in(const nlmsghdr& message) {
    const Attributes<NETNSA_MAX> all(message, sizeof(rtgenmsg));
    const auto id = get<int>(all[NETNSA_NSID]);
    return id && *id >= 0 ? id : std::nullopt;  // NETNSA_NSID_NOT_ASSIGNED
  }

  Rtnl& rtnl_;
};

// A link that is stacked on another, before that has a name.
struct Stacked {
  Upper upper;  // all but `below`
  unsigned below = 0;
  std::optional<int> below_in = {};  // the namespace of that; absent: the same
};

std::optional<Stacked> stacked_in(const nlmsghdr& link_message, const LinkName& nobody) {
  const LinkAttributes all(link_message, sizeof(ifinfomsg));
  const Attributes<IFLA_INFO_MAX> info(all[IFLA_LINKINFO]);
  const auto kind = get_text(info[IFLA_INFO_KIND]);
  const auto below = get<std::uint32_t>(all[IFLA_LINK]);
  if (!below || !takes_frames_from_its_link(kind)) return {};
  Stacked link{{.below = nobody, .name = get_text(all[IFLA_IFNAME]), .kind = kind},
               *below,
               get<int>(all[IFLA_LINK_NETNSID])};
  if (kind != "vlan") return link;
  const Attributes<IFLA_VLAN_MAX> vlan(info[IFLA_INFO_DATA]);
  link.upper.vlan = VlanId::from(get<std::uint16_t>(vlan[IFLA_VLAN_ID]).value_or(0));
  link.upper.protocol =
      static_cast<VlanProtocol>(ntohs(get<std::uint16_t>(vlan[IFLA_VLAN_PROTOCOL]).value_or(0)));
  return link;
}

class Reader {
 public:
  explicit Reader(const Patience& patience) : rtnl_(patience), ids_(rtnl_) {}

  LinkUppers read() {
    const Answer here = rtnl_.exchange(ask_links({}));
    if (here.error != 0) throw Error(here.error, "reading all links", here.words);
    for (const auto* message : messages_of(here)) learn(*message);
    for (const auto* message : messages_of(here)) add_here(*message);
    for (const int id : ids_.all()) add_from(id);
    return std::move(found_);
  }

 private:
  void learn(const nlmsghdr& message) {
    const auto& body = *static_cast<const ifinfomsg*>(nlmsg_data(&message));
    const LinkAttributes all(message, sizeof body);
    const auto name = LinkName::parse(get_text(all[IFLA_IFNAME]));
    if (!name) return;
    const auto index = static_cast<unsigned>(body.ifi_index);
    names_.emplace(index, *name);
    found_.indices.emplace(*name, index);
    for (const auto& other : other_names_in(all[IFLA_PROP_LIST]))
      found_.other_names.emplace(other, *name);
  }

  void add(Stacked link) {
    const auto below = names_.find(link.below);
    if (below == names_.end()) return;
    link.upper.below = below->second;
    found_.uppers.push_back(std::move(link.upper));
  }

  void add_here(const nlmsghdr& message) {
    auto link = stacked_in(message, names_.begin()->second);
    if (link && !link->below_in) add(std::move(*link));
  }

  // The kernel gives this namespace an id in itself when it first has to name it.
  void add_from(int id) {
    const Answer there = rtnl_.exchange(ask_links(id));
    if (there.error != 0) return;  // none that this process may look at, or it has gone
    for (const auto* message : messages_of(there)) {
      auto link = stacked_in(*message, names_.begin()->second);
      if (!link || !link->below_in || link->below_in == id || link->below_in != own_id()) continue;
      link->upper.elsewhere = in_words(id);
      add(std::move(*link));
    }
  }

  std::optional<int> own_id() {
    if (!own_id_) own_id_ = ids_.of("/proc/thread-self/ns/net");
    return own_id_;
  }

  const std::string& in_words(int id) {
    auto& words = words_[id];
    if (words.empty()) words = ids_.in_words(id);
    return words;
  }

  Rtnl rtnl_;
  NamespaceIds ids_;
  LinkUppers found_;
  std::map<unsigned, LinkName> names_;
  std::map<int, std::string> words_;
  std::optional<int> own_id_;
};

}  // namespace

std::optional<unsigned> carrier_of(const nlmsghdr& link_message) {
  const LinkAttributes all(link_message, sizeof(ifinfomsg));
  const Attributes<IFLA_INFO_MAX> info(all[IFLA_LINKINFO]);
  const auto kind = get_text(info[IFLA_INFO_KIND]);
  if (kind == "vlan" || !takes_frames_from_its_link(kind) || all[IFLA_LINK_NETNSID] != nullptr)
    return std::nullopt;
  return get<std::uint32_t>(all[IFLA_LINK]);
}

LinkUppers read_link_uppers(const Patience& patience) {
  return Reader(patience).read();
}

}  // namespace vifchain::inline edge::inline kernel
