// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/link_names.hpp"

#include <linux/if_link.h>

#include <algorithm>
#include <cerrno>

#include "edge/base/error.hpp"
#include "edge/kernel/links.hpp"
#include "edge/kernel/requests.hpp"
#include "edge/netlink/new_message.hpp"

namespace vifchain::inline edge::inline kernel {
namespace {

// A link as far as its names go.
struct Named {
  unsigned index = 0;
  bool up = false;
  LinkName name;
  std::vector<LinkName> others;
};

Named read_names(const nlmsghdr& message) {
  const auto& body = *static_cast<const ifinfomsg*>(nlmsg_data(&message));
  const Attributes<IFLA_MAX> all(message, sizeof body);
  return {static_cast<unsigned>(body.ifi_index), (body.ifi_flags & IFF_UP) != 0,
          LinkName::parse(get_text(all[IFLA_IFNAME])).value(), other_names_in(all[IFLA_PROP_LIST])};
}

constexpr std::size_t size_of_names = 256;

Message set_up(unsigned index, bool up) {
  return new_message(RTM_NEWLINK, NLM_F_ACK, flags_body(index, up), size_of_names);
}

Message set_name(unsigned index, const LinkName& name) {
  auto message = new_message(RTM_NEWLINK, NLM_F_ACK, link_body(index), size_of_names);
  put_text(*message, IFLA_IFNAME, name.str());
  return message;
}

// type: RTM_NEWLINKPROP or RTM_DELLINKPROP. The kernel wants NLM_F_EXCL and its like on none.
Message other_name(int type, unsigned index, const LinkName& name) {
  const int flags = NLM_F_ACK | (type == RTM_NEWLINKPROP ? NLM_F_APPEND : 0);
  auto message = new_message(type, flags, link_body(index), size_of_names);
  const Nest list(*message, IFLA_PROP_LIST | NLA_F_NESTED);
  put_text(*message, IFLA_ALT_IFNAME, name.str());
  return message;
}

class RtnlNames final : public LinkNames {
 public:
  std::optional<LinkName> present(const LinkName& name) override {
    const auto link = find(name);
    if (!link) return std::nullopt;
    return link->name;
  }

  std::vector<LinkName> others(const LinkName& name) override {
    const auto link = find(name);
    if (!link || link->name != name) return {};
    return link->others;
  }

  void rename(const LinkName& from, const LinkName& to) override {
    const std::string doing = "renaming " + from.str() + " to " + to.str();
    const auto link = find(from);
    if (!link || link->name != from) throw Error(ENODEV, doing);
    const bool back = std::ranges::find(link->others, to) != link->others.end();
    if (back) must(other_name(RTM_DELLINKPROP, link->index, to), doing);
    try {
      set_name_of(*link, to, doing);
    } catch (...) {
      if (back) rtnl_.exchange(other_name(RTM_NEWLINKPROP, link->index, to));
      throw;
    }
    if (back) return;
    const Answer kept = rtnl_.exchange(other_name(RTM_NEWLINKPROP, link->index, from));
    if (kept.error == 0) return;
    set_name_of({link->index, link->up, to, {}}, from, doing);
    throw Error(kept.error, doing + ", keeping the old name as an alternative one", kept.words);
  }

 private:
  std::optional<Named> find(const LinkName& name) {
    const Answer answer = rtnl_.exchange(ask_link(name));
    if (answer.error == ENODEV) return std::nullopt;
    if (answer.error != 0)
      throw Error(answer.error, "reading the link " + name.str(), answer.words);
    return read_names(*messages_of(answer).at(0));
  }

  void must(const Message& message, const std::string& doing) {
    const Answer answer = rtnl_.exchange(message);
    if (answer.error != 0) throw Error(answer.error, doing, answer.words);
  }

  void set_name_of(const Named& link, const LinkName& to, const std::string& doing) {
    const Answer answer = rtnl_.exchange(set_name(link.index, to));
    if (answer.error == 0) return;
    if (answer.error != EBUSY || !link.up) throw Error(answer.error, doing, answer.words);
    must(set_up(link.index, false), doing);
    const Answer again = rtnl_.exchange(set_name(link.index, to));
    must(set_up(link.index, true), doing);
    if (again.error != 0) throw Error(again.error, doing, again.words);
  }

  Rtnl rtnl_{Patience{}};
};

// Its socket is opened when it is first needed: most events rename nothing.
class LazyNames final : public LinkNames {
 public:
  std::optional<LinkName> present(const LinkName& name) override { return real().present(name); }
  std::vector<LinkName> others(const LinkName& name) override { return real().others(name); }
  void rename(const LinkName& from, const LinkName& to) override { real().rename(from, to); }

 private:
  RtnlNames& real() {
    if (!names_) names_ = std::make_unique<RtnlNames>();
    return *names_;
  }

  std::unique_ptr<RtnlNames> names_;
};

}  // namespace

std::unique_ptr<LinkNames> open_link_names() {
  return std::make_unique<LazyNames>();
}

}  // namespace vifchain::inline edge::inline kernel
