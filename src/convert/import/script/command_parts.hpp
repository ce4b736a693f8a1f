// SPDX-License-Identifier: Apache-2.0
// The programs that convert/import/script/command.hpp knows, one function each.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "convert/import/script/command.hpp"

namespace vifchain::inline convert {

// The words of a command from left to right.
class Words {
 public:
  explicit Words(const std::vector<std::string>& words, std::size_t first = 1)
      : words_(words), at_(first) {}

  [[nodiscard]] bool at_end() const { return at_ >= words_.size(); }
  // The next word; empty at the end.
  [[nodiscard]] std::string_view peek() const {
    return at_end() ? std::string_view() : std::string_view(words_[at_]);
  }
  std::string_view next() {
    const auto word = peek();
    ++at_;
    return word;
  }
  // Goes past the word when it is the next one.
  bool take(std::string_view word) {
    if (at_end() || words_[at_] != word) return false;
    ++at_;
    return true;
  }
  [[nodiscard]] std::vector<std::string> rest() const {
    if (at_end()) return {};
    return {words_.begin() + static_cast<std::ptrdiff_t>(at_), words_.end()};
  }

 private:
  const std::vector<std::string>& words_;
  std::size_t at_;
};

void tell_ip(const ScriptCommand& command, Telling& telling);
void tell_ip_link(Words words, const Said& at, Telling& telling);
void tell_ip_route(Words words, bool v6, const Said& at, Telling& telling);
void tell_bridge(const ScriptCommand& command, Telling& telling);
void tell_brctl(const ScriptCommand& command, Telling& telling);
void tell_ifconfig(const ScriptCommand& command, Telling& telling);
void tell_route(const ScriptCommand& command, Telling& telling);
void tell_ifenslave(const ScriptCommand& command, Telling& telling);
void tell_vconfig(const ScriptCommand& command, Telling& telling);
void tell_modprobe(const ScriptCommand& command, Telling& telling);
void tell_echo(const ScriptCommand& command, Telling& telling);
void tell_network_bridge(const ScriptCommand& command, Telling& telling);

// The link of that name as a bond or bridge; one that nobody has told the kind of is a bond when it
// is called like one, else a bridge.
DraftLink& controller_named(std::string_view name, const Said& at, Telling& telling);

// Makes the port one of its ports, by the name that it has on this host. Links that only stand for
// something (dummy0, a guest's vif) become a remark.
void join(DraftLink& controller, std::string_view port, const Said& at, Telling& telling);
void leave(std::string_view port, Telling& telling);

// The link that an address label belongs to: "eth0" of "eth0:1".
std::string_view link_of_label(std::string_view label);

// The link over which a neighbour is reached, by the addresses that have been told; null when it is
// none of them.
DraftLink* link_towards(std::string_view address, DraftConfig& draft);

// Options of the bonding module, "mode=4": those of one bond, or of all that have none of their own
// (DraftConfig::every_bond).
void set_module_option(std::string_view word, DraftLink& bond, const Said& at, DraftConfig& draft);

// The name of a VLAN link as vconfig makes it (set_name_type).
std::string vlan_link_name(std::string_view names, std::string_view parent, std::string_view vid);

}  // namespace vifchain::inline convert
