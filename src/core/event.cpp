#include "core/event.hpp"

#include <charconv>

namespace vifchain {
namespace {

std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

std::optional<VifId> vif_of(std::string_view domid, std::string_view devid) {
  const auto domain = number(domid), device = number(devid);
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

// "vif5.0"
std::optional<VifId> vif_of_name(std::string_view name) {
  const auto dot = name.find('.');
  if (!name.starts_with("vif") || dot == std::string_view::npos) return std::nullopt;
  return vif_of(name.substr(3, dot - 3), name.substr(dot + 1));
}

std::optional<Action> action_of(std::string_view word) {
  if (word == "online") return Action::online;
  if (word == "offline") return Action::offline;
  if (word == "add") return Action::add;
  if (word == "remove") return Action::remove;
  return std::nullopt;
}

// Where a reason can be written even if the call is wrong otherwise.
std::optional<std::string> backend_of(const Environment& environment) {
  if (auto path = environment("XENBUS_PATH"); path && vif_of_path(*path)) return path;
  if (const auto name = environment("vif"))
    if (const auto vif = vif_of_name(*name))
      return "backend/vif/" + std::to_string(vif->domid) + "/" + std::to_string(vif->devid);
  return std::nullopt;
}

struct Words {
  std::string_view command;
  std::string_view type = "vif";
};

Words words_of(const std::vector<std::string_view>& arguments) {
  Words words;
  for (const auto argument : arguments) {
    if (argument.starts_with("type_if="))
      words.type = argument.substr(8);
    else if (words.command.empty() && argument.find('=') == std::string_view::npos)
      words.command = argument;
  }
  return words;
}

std::string wrong_command(std::string_view command) {
  if (command.empty()) return "no command; wanted online, offline, add or remove";
  return "unknown command \"" + std::string(command) + "\"; wanted online, offline, add or remove";
}

}  // namespace

std::string VifId::str() const {
  return "vif" + std::to_string(domid) + "." + std::to_string(devid);
}

std::variant<VifEvent, NothingAsked, BadCall> read_event(
    const std::vector<std::string_view>& arguments, const Environment& environment) {
  const auto backend = backend_of(environment);
  const Words words = words_of(arguments);
  const auto action = action_of(words.command);
  if (!action) return BadCall{wrong_command(words.command), backend};
  if (words.type != "vif" && words.type != "tap")
    return BadCall{"unknown type_if \"" + std::string(words.type) + "\"; wanted vif or tap",
                   backend};
  const bool for_tap = *action == Action::add || *action == Action::remove;
  if (for_tap != (words.type == "tap")) return NothingAsked{};
  const auto path = environment("XENBUS_PATH");
  if (!path)
    return BadCall{"XENBUS_PATH is not in the environment; wanted backend/vif/DOMID/DEVID",
                   backend};
  const auto vif = vif_of_path(*path);
  if (!vif)
    return BadCall{"XENBUS_PATH is \"" + *path + "\"; wanted backend/vif/DOMID/DEVID", backend};
  return VifEvent{*action, *vif, *path, environment("script").value_or("vif-chain")};
}

}  // namespace vifchain
