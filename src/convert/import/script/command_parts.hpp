// SPDX-License-Identifier: Apache-2.0
// The programs that convert/import/script/command.hpp knows, one function each.
#pragma once

#include <string>
#include <string_view>
#include <utility>
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

 private:
  const std::vector<std::string>& words_;
  std::size_t at_;
};

// The words of a command told apart: options, and what has no name of its own.
struct CommandWords {
  std::vector<std::pair<std::string, std::string>> options = {};  // a flag's value is empty
  std::vector<std::string> others = {};

  // The value of the last of the options that are called so; empty when there is none.
  [[nodiscard]] std::string value(std::string_view names) const;
  [[nodiscard]] bool has(std::string_view names) const;
  // The other word of that number, from 0; empty when there are fewer.
  [[nodiscard]] std::string other(std::size_t number) const;
};

// Options are the words of `with_value`, each with the word behind it, those of `flags`, and all
// that begin with a dash.
CommandWords told_apart(Words words, std::string_view with_value, std::string_view flags = {});

// ip and bridge take every beginning of a word.
bool begins(std::string_view whole, std::string_view word);

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

}  // namespace vifchain::inline convert
