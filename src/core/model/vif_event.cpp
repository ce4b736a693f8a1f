// SPDX-License-Identifier: Apache-2.0
#include "core/model/vif_event.hpp"

#include <algorithm>

#include "core/text/decimal.hpp"
#include "core/text/escape.hpp"

namespace vifchain::inline core::inline model {
namespace {

std::optional<VifId> vif_of(std::string_view domid, std::string_view devid) {
  const auto domain = decimal(domid), device = decimal(devid);
  if (!domain || !device) return std::nullopt;
  return VifId{*domain, *device};
}

// "backend/vif/5/0", or the same below "/local/domain/N/".
std::optional<VifId> vif_of_path(std::string_view path) {
  const auto slash = path.rfind('/');
  if (slash == std::string_view::npos || slash == 0) return std::nullopt;
  const auto before = path.rfind('/', slash - 1);
  if (before == std::string_view::npos) return std::nullopt;
  const auto kind = path.substr(0, before);
  if (!kind.ends_with("backend/vif")) return std::nullopt;
  return vif_of(path.substr(before + 1, slash - before - 1), path.substr(slash + 1));
}

std::optional<Action> action_of(std::string_view word) {
  constexpr std::string_view words[] = {"online", "offline", "add", "remove"};
  const auto found = std::ranges::find(words, word);
  if (found == std::end(words)) return std::nullopt;
  return static_cast<Action>(found - std::begin(words));
}

// Where a reason can be written even if the call is wrong otherwise.
std::optional<std::string> backend_of(const Environment& environment) {
  if (auto path = environment("XENBUS_PATH"); path && vif_of_path(*path)) return path;
  for (const char* variable : {"vif", "INTERFACE"})
    if (const auto name = environment(variable))
      if (const auto vif = vif_of_port_name(*name)) return vif->backend();
  return std::nullopt;
}

constexpr std::string_view known_words[] = {"bridge", "ip", "netdev", "vifname", "mtu", "vlan"};

struct Words {
  std::string_view command;
  std::string_view type = "vif";
  std::map<std::string, std::string> rest;
};

void take_word(std::string_view argument, std::size_t equals, Words& words) {
  const auto key = argument.substr(0, equals), value = argument.substr(equals + 1);
  if (key == "type_if") words.type = value;
  for (const auto known : known_words)
    if (key == known) words.rest.insert_or_assign(std::string(key), std::string(value));
}

Words words_of(const std::vector<std::string_view>& arguments, const Environment& environment) {
  Words words;
  for (const auto argument : arguments) {
    const auto equals = argument.find('=');
    if (equals != std::string_view::npos)
      take_word(argument, equals, words);
    else if (words.command.empty())
      words.command = argument;
  }
  if (auto netdev = environment("netdev"); netdev && !netdev->empty())
    words.rest.emplace("netdev", std::move(*netdev));
  return words;
}

std::string wrong_command(std::string_view command) {
  constexpr const char* known = "; expected online, offline, add or remove";
  return (command.empty() ? "no command" : "unknown command " + quoted(command)) + known;
}

}  // namespace

std::string VifId::str() const {
  return "vif" + std::to_string(domid) + "." + std::to_string(devid);
}

std::optional<VifId> vif_of_port_name(std::string_view name) {
  if (name.ends_with("-emu")) name.remove_suffix(4);
  const auto dot = name.find('.');
  if ((!name.starts_with("vif") && !name.starts_with("tap")) || dot == std::string_view::npos)
    return std::nullopt;
  return vif_of(name.substr(3, dot - 3), name.substr(dot + 1));
}

std::string VifId::backend() const {
  return "backend/vif/" + std::to_string(domid) + "/" + std::to_string(devid);
}

std::string VifEvent::key() const {
  return for_tap() ? vif.str() + "-emu" : vif.str();
}

std::variant<VifEvent, NothingAsked, BadCall> read_event(
    const std::vector<std::string_view>& arguments, const Environment& environment) {
  const auto backend = backend_of(environment);
  const Words words = words_of(arguments, environment);
  const auto action = action_of(words.command);
  if (!action) return BadCall{wrong_command(words.command), backend};
  if (words.type != "vif" && words.type != "tap")
    return BadCall{"unknown type_if " + quoted(words.type) + "; expected vif or tap", backend};
  const bool for_tap = *action == Action::add || *action == Action::remove;
  if (for_tap != (words.type == "tap")) return NothingAsked{};
  auto path = environment("XENBUS_PATH");
  const auto tap = for_tap ? environment("INTERFACE") : std::nullopt;
  if (!path && tap && vif_of_port_name(*tap)) path = vif_of_port_name(*tap)->backend();
  if (!path) return BadCall{"XENBUS_PATH is not set; expected backend/vif/DOMID/DEVID", backend};
  const auto vif = vif_of_path(*path);
  if (!vif)
    return BadCall{"XENBUS_PATH: expected backend/vif/DOMID/DEVID, found " + quoted(*path),
                   backend};
  VifEvent event{*action, *vif, *path, environment("script").value_or("vif-chain")};
  event.words = words.rest;
  if (for_tap) event.tap = tap.value_or(event.key());
  return event;
}

}  // namespace vifchain::inline core::inline model
