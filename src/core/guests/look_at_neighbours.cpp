// SPDX-License-Identifier: Apache-2.0
// What only one of all vifs can have: a name, a MAC, a number.
#include <algorithm>

#include "core/guests/context.hpp"
#include "core/text/find.hpp"
#include "core/vif/vif_name.hpp"

namespace vifchain::inline core::inline guests {
namespace {

std::string place_of(const WantedVif& vif) {
  std::string text = vif.guest.empty() ? "a guest" : vif.guest;
  text += ", vif " + std::to_string(vif.number);
  if (vif.file.empty()) return text;
  return text + " (" + vif.file + (vif.line == 0 ? "" : ":" + std::to_string(vif.line)) + ")";
}

std::string place_of(const GuestVif& vif) {
  return (vif.guest.empty() ? "domain " + std::to_string(vif.vif.domid) : vif.guest) +
         ", which runs (" + vif.vif.str() + ")";
}

bool is_of(const GuestVif& running, const WantedVif& vif) {
  return !vif.guest.empty() && running.guest == vif.guest;
}

class Neighbours {
 public:
  Neighbours(const std::vector<WantedVif>& vifs, const GuestsHost& host, CheckedVifs& checked)
      : vifs_(vifs), host_(host), checked_(checked) {}

  void run() {
    for (std::size_t i = 0; i < vifs_.size(); ++i) {
      look_at_number(i);
      look_at_name(i);
      look_at_mac(i);
    }
  }

 private:
  void say(std::size_t vif, Weight weight, std::string text) {
    checked_.findings.push_back({vif, weight, std::move(text)});
  }

  [[nodiscard]] std::string node(std::size_t vif, const std::string& name) const {
    return value_in(vifs_[vif].nodes, name);
  }

  // The first vif before this one that has the same, and that it can meet.
  template <class Same>
  const WantedVif* earlier(std::size_t vif, const Same& same) const {
    for (std::size_t i = 0; i < vif; ++i)
      if (can_meet(vifs_[i], vifs_[vif]) && same(i)) return &vifs_[i];
    return nullptr;
  }

  void look_at_number(std::size_t vif) {
    const auto& own = vifs_[vif];
    const auto* other = earlier(vif, [&](std::size_t i) {
      return own.devid && vifs_[i].devid == own.devid && vifs_[i].file == own.file &&
             vifs_[i].guest == own.guest;
    });
    if (other != nullptr)
      say(vif, Weight::obstacle,
          "devid=" + std::to_string(*own.devid) + " is also that of vif " +
              std::to_string(other->number) + "; libxl refuses the second");
  }

  void look_at_name(std::size_t vif) {
    const auto name = LinkName::parse(node(vif, "vifname"));
    if (!name || is_elsewhere(vifs_[vif])) return;
    const auto* other = earlier(vif, [&](std::size_t i) {
      return node(i, "vifname") == name->str() && !is_elsewhere(vifs_[i]);
    });
    const std::string what = "vifname=" + name->str();
    if (other != nullptr)
      return say(
          vif, Weight::obstacle,
          what + " is also that of " + place_of(*other) + "; the second to start is refused");
    if (vif_of_port_name(name->str()))
      say(vif, Weight::warning,
          what + " is a name that the kernel gives vifs, refused to all others");
    look_at_host_name(vif, *name, what);
  }

  void look_at_host_name(std::size_t vif, const LinkName& name, const std::string& what) {
    const auto running = std::ranges::find(host_.running, std::optional(name), &GuestVif::link);
    if (running != host_.running.end()) {
      if (!is_of(*running, vifs_[vif]))
        say(vif, Weight::obstacle, what + " is also that of " + place_of(*running));
    } else if (host_.topology.links.contains(name)) {
      say(vif, Weight::obstacle, what + " is also a link of " + host_.config);
    } else if (host_.links.contains(name)) {
      say(vif, Weight::obstacle, what + " is also a link of this host");
    } else if (const auto why = why_it_is_the_files(name, host_.topology); !why.empty()) {
      say(vif, Weight::obstacle, what + " " + why + ", " + host_.config);
    }
  }

  void look_at_mac(std::size_t vif) {
    const auto mac = Mac::parse(node(vif, "mac"));
    if (!mac) return say_made_up(vif);
    const auto* other =
        earlier(vif, [&](std::size_t i) { return Mac::parse(node(i, "mac")) == mac; });
    if (other != nullptr)
      return say_double(vif, *mac, place_of(*other),
                        checked_.bridges[static_cast<std::size_t>(other - vifs_.data())]);
    for (const auto& running : host_.running)
      if (running.mac == mac && !is_of(running, vifs_[vif]))
        return say_double(vif, *mac, place_of(running), running.bridge);
    look_at_host_mac(vif, *mac);
  }

  // One that runs has its own.
  void say_made_up(std::size_t vif) {
    const bool said = std::ranges::any_of(vifs_[vif].remarks, [](const GuestRemark& remark) {
      return remark.text.find("libxl makes one up") != std::string::npos ||
             remark.text.find(" is no MAC") != std::string::npos;
    });
    if (!said && !vifs_[vif].file.empty())
      say(vif, Weight::note, "no mac= given: one is made up at every start");
  }

  void say_double(std::size_t vif, const Mac& mac, const std::string& whose,
                  const std::string& bridge) {
    const bool together = !bridge.empty() && bridge == checked_.bridges[vif];
    say(vif, together ? Weight::obstacle : Weight::warning,
        "mac=" + mac.str() + " is also that of " + whose +
            (together ? ", on the same bridge: neither would get all of its frames" : ""));
  }

  void look_at_host_mac(std::size_t vif, const Mac& mac) {
    const auto bridge = LinkName::parse(checked_.bridges[vif]);
    if (!bridge) return;
    for (const auto& [name, link] : host_.links)
      if (link.mac == mac && (name == *bridge || link.controller == bridge))
        return say(vif, Weight::obstacle,
                   "mac=" + mac.str() + " is also that of " + name.str() +
                       ", on the same bridge: the host would take the guest's frames");
  }

  const std::vector<WantedVif>& vifs_;
  const GuestsHost& host_;
  CheckedVifs& checked_;
};

}  // namespace

bool can_meet(const WantedVif& a, const WantedVif& b) {
  return a.guest != b.guest || a.guest.empty() || a.file == b.file;
}

void look_at_neighbours(const std::vector<WantedVif>& vifs, const GuestsHost& host,
                        CheckedVifs& checked) {
  Neighbours(vifs, host, checked).run();
}

}  // namespace vifchain::inline core::inline guests
