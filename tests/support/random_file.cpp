// SPDX-License-Identifier: Apache-2.0
#include "random_file.hpp"

#include <algorithm>
#include <set>

#include "edge/parse/toml.hpp"

namespace vifchain {
namespace {

std::string in_quotes(const std::string& text) {
  return "\"" + text + "\"";
}

std::string list(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& text : texts) all += (all.empty() ? "" : ", ") + in_quotes(text);
  return "[" + all + "]";
}

class Author {
 public:
  explicit Author(std::uint64_t seed) : dice_(seed) {}

  Lines write() && {
    nics_ = {"eth0", "eth1", "eth2", "eth3", "enp3s0f1np1", "eno1", "lan", "zz9"};
    for (const char* name : {"bond1", "abond"})
      if (dice_.chance(50)) add_bond(name);
    carriers_.insert(carriers_.end(), nics_.begin(), nics_.end());
    for (const char* name : {"storage", "vlan7", "eth9.5", "bond1.30", "qq"})
      if (dice_.chance(25)) add_vlan(name);
    for (const char* name : {"xenbr0", "br-dmz", "zbr", "b"})
      if (dice_.chance(45)) add_bridge(name);
    for (const auto& [port, controller] : joined_)
      if (dice_.chance(40)) add_port(port, controller);
    return std::move(lines_);
  }

 private:
  enum class Controller { bond, bridge, filtering };

  void say(const std::string& key, const std::string& value) {
    lines_.push_back(key + " = " + value);
  }
  void head(const std::string& kind, const std::string& name) {
    lines_.push_back("[" + kind + "." + in_quotes(name) + "]");
  }

  // Takes it out of the pool.
  std::string take(std::vector<std::string>& pool) {
    const auto at = dice_.roll(pool.size());
    auto taken = pool[at];
    pool.erase(pool.begin() + static_cast<std::ptrdiff_t>(at));
    return taken;
  }

  void add_bond(const std::string& name) {
    head("bond", name);
    std::vector<std::string> ports;
    for (auto count = 1 + dice_.roll(3); count > 0 && !nics_.empty(); --count)
      ports.push_back(take(nics_));
    say("ports", list(ports));
    for (const auto& port : ports) joined_.emplace_back(port, Controller::bond);
    const auto mode = dice_.roll(8);
    if (mode == 7)
      say("mode", "\"balance-slb\"");
    else if (mode != 0 || dice_.chance(50))
      say("mode", in_quotes(std::string(spec(Option::bond_mode).choices[mode].name)));
    add_monitor();
    add_options(Owner::bond, 25, ports);
    add_common();
    add_hosting();
    carriers_.push_back(name);
    free_.push_back(name);
  }

  void add_monitor() {
    const auto kind = dice_.roll(3);
    if (kind == 0) {
      say("miimon", "50");
      if (dice_.chance(50)) say("updelay", "200");
      if (dice_.chance(50)) say("downdelay", "50");
    } else if (kind == 1) {
      say("arp_interval", "1500");
      say("arp_ip_target", "[\"192.0.2.1\", \"192.0.2.9\"]");
    }
  }

  void add_vlan(const std::string& name) {
    head("vlan", name);
    ++vlans_;
    const bool tells = name.find('.') != name.npos;
    auto parent = tells ? name.substr(0, name.find('.')) : dice_.pick(carriers_);
    if (!tells) {
      say("link", in_quotes(parent));
      say("id", std::to_string(vlans_ == 3 ? 4094 : 30 + vlans_));  // none twice
    }
    if (dice_.chance(20)) say("protocol", "\"802.1ad\"");
    add_options(Owner::vlan, 20, {});
    if (dice_.chance(20)) say("mtu", std::to_string(dice_.one_of({1400, 1500})));
    add_hosting();
    carriers_.push_back(name);
    free_.push_back(name);
  }

  void add_bridge(const std::string& name) {
    head("bridge", name);
    const auto ports = bridge_ports();
    if (!ports.empty() || dice_.chance(50)) say("ports", list(ports));
    const bool filtering = dice_.chance(30);
    if (filtering) say("vlan_filtering", "true");
    for (const auto& port : ports)
      joined_.emplace_back(port, filtering ? Controller::filtering : Controller::bridge);
    add_options(Owner::bridge, 8, {});
    add_common();
    add_hosting();
  }

  std::vector<std::string> bridge_ports() {
    std::vector<std::string> ports;
    for (auto count = dice_.roll(4); count > 0; --count) {
      if (dice_.chance(40) && !free_.empty())
        ports.push_back(take(free_));
      else if (dice_.chance(60) && !carriers_.empty())
        ports.push_back(dice_.pick(carriers_) + "." + std::to_string(1 + dice_.roll(20)));
      else if (!nics_.empty())
        ports.push_back(take(nics_));
    }
    return ports;
  }

  void add_port(const std::string& name, Controller controller) {
    head("port", name);
    if (controller == Controller::bond) return add_options(Owner::bond_port, 30, {});
    if (dice_.chance(20)) say("mtu", "1600");
    add_options(Owner::bridge_port, 15, {});
    if (controller != Controller::filtering) return;
    if (dice_.chance(60)) say("vlans", dice_.chance(50) ? "\"10-12,30\"" : "[5, \"7-9\"]");
    if (dice_.chance(50)) say("pvid", "20");
  }

  void add_options(Owner owner, unsigned percent, const std::vector<std::string>& ports) {
    static const std::set<Option> said_already{Option::bond_mode,
                                               Option::bond_miimon,
                                               Option::bond_updelay,
                                               Option::bond_downdelay,
                                               Option::bond_arp_interval,
                                               Option::bond_arp_ip_target,
                                               Option::bond_peer_notif_delay,
                                               Option::bridge_vlan_filtering};
    for (const auto& row : all_options())
      if (row.owner == owner && !said_already.contains(row.id) && dice_.chance(percent))
        if (const auto value = random_value(row, ports); !value.empty())
          say(std::string(row.key), value);
  }

  std::string random_value(const OptionSpec& row, const std::vector<std::string>& ports) {
    switch (row.form) {
      case Form::flag:
        return dice_.chance(50) ? "true" : "false";
      case Form::number:
        return std::to_string(
            dice_.one_of<std::int64_t>({row.min, std::min<std::int64_t>(row.max, 8),
                                        std::min<std::int64_t>(row.max, 200), row.max}));
      case Form::choice: {
        const auto& choice = row.choices[dice_.roll(row.choices.size())];
        return in_quotes(std::string(choice.name));
      }
      case Form::seconds:
        return std::string(dice_.pick(std::vector<std::string>{"0", "2", "2.5", "9.99", "20"}));
      case Form::mac:
        return row.owner == Owner::bridge ? "\"01:80:c2:00:00:0a\"" : "\"02:00:00:00:00:77\"";
      case Form::port:
        return ports.empty() ? "" : in_quotes(dice_.pick(ports));
      case Form::addresses:
        return "[\"2001:db8::1\"]";
      case Form::qos_map:
        return dice_.pick(
            std::vector<std::string>{"[\"5:4\"]", "[\"0:1\", \"5:4\"]", "[\"1:1\", \"7:2\"]"});
    }
    return {};
  }

  void add_common() {
    if (dice_.chance(25)) say("mtu", std::to_string(dice_.one_of({1400, 1500, 9000})));
    if (dice_.chance(25))
      say("mac", in_quotes("02:00:00:00:01:" + std::to_string(10 + dice_.roll(80))));
  }

  void add_hosting() {
    if (!dice_.chance(25)) return;
    const auto net = std::to_string(++nets_);
    if (dice_.chance(25))
      say("dhcp", dice_.pick(std::vector<std::string>{"\"ipv4\"", "\"ipv6\"", "\"both\""}));
    if (dice_.chance(25)) return;
    say("addresses", "[\"198.51." + net + ".5/24\", \"198.51." + net +
                         ".6/32\", \"2001:db8:" + net + "::5/64\"]");
    if (dice_.chance(40))
      say("gateway", dice_.chance(50) ? "\"198.51." + net + ".1\""
                                      : "[\"198.51." + net + ".1\", \"fe80::1\"]");
    if (dice_.chance(40))
      say("routes", "[{ to = \"203.0." + net + ".0/24\", via = \"198.51." + net +
                        ".9\" }, { to = \"192.168." + net +
                        ".0/24\" }, { to = \"default\", via = \"2001:db8:" + net +
                        "::9\", metric = " + net + "7 }]");
  }

  Dice dice_;
  Lines lines_;
  std::vector<std::string> nics_, carriers_, free_;
  std::vector<std::pair<std::string, Controller>> joined_;
  unsigned nets_ = 0, vlans_ = 0;
};

}  // namespace

std::string text_of(const Lines& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

Lines random_file(std::uint64_t seed) {
  Lines lines = Author(seed).write();
  for (;;) {
    const auto read = parse_topology(text_of(lines));
    const auto* wrong = std::get_if<Diagnostics>(&read);
    if (wrong == nullptr) return lines;
    std::set<unsigned, std::greater<>> bad;
    for (const auto& mistake : *wrong) bad.insert(mistake.place.line);
    for (const auto number : bad)
      lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(number) - 1);
  }
}

}  // namespace vifchain
