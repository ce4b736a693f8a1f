// SPDX-License-Identifier: Apache-2.0
// xl.conf(5): KEY = "VALUE" a line.
#include <utility>

#include "convert/import/readers.hpp"
#include "core/model/name.hpp"
#include "core/text/lines.hpp"

namespace vifchain::inline convert {
namespace {

std::string_view unquoted(std::string_view value) {
  value = trimmed(value);
  const char quote = value.empty() ? '\0' : value.front();
  if (quote == '"' || quote == '\'') {
    const auto end = value.find(quote, 1);
    return end == value.npos ? value.substr(1) : value.substr(1, end - 1);
  }
  return trimmed(value.substr(0, value.find_first_of("#;")));
}

void set_default_bridge(std::string_view name, const Said& at, DraftConfig& draft) {
  if (const auto why_not = why_no_link_name(name); !why_not.empty())
    return draft.lose(at, "no bridge can be called so: \"" + std::string(name) + "\" " + why_not);
  draft.default_bridge = std::string(name);
}

void tell_key(std::string_view key, std::string_view value, const Said& at, DraftConfig& draft) {
  if (key == "vif.default.bridge" || key == "defaultbridge")
    return set_default_bridge(value, at, draft);
  if (key == "vif.default.script" || key == "vifscript") {
    const auto script = last_part(value);
    if (script == "vif-bridge" || script == "vif-chain") return;
    return draft.lose(at, "vif-chain takes the place of vif-bridge alone: what else " +
                              std::string(script) + " does goes into vif-post.d");
  }
  if (key == "vif.default.gatewaydev")
    return draft.lose(at, "vif-chain has no routed guests, and needs no gateway device");
  if (key == "vif.default.backend")
    return draft.lose(at,
                      "the bridges that guests name are those of the backend's domain: its "
                      "vifchain.toml belongs there");
  if (key == "run_hotplug_scripts")
    draft.warn(at, "nothing has read it since Xen 4.6: the script runs always");
}

// The value of a list may go on over lines.
bool goes_on(std::string_view value) {
  return value.starts_with('[') && value.find(']') == value.npos;
}

}  // namespace

void read_xl_conf(const std::vector<SourceFile>& files, DraftConfig& draft) {
  for (const auto& file : files) {
    if (file.text.find('\0') != std::string::npos) {
      draft.lose({file.name}, "is no text, and is not read");
      continue;
    }
    bool in_list = false;
    for (const auto& line : logical_lines(file.text)) {
      const auto at = said_in(file.name, line.number, line.text);
      if (std::exchange(in_list, in_list && line.text.find(']') == std::string::npos)) continue;
      const std::string_view text = line.text;
      const auto equals = text.find('=');
      if (equals == text.npos) {
        draft.lose(at, "is no line of xl.conf: KEY=VALUE is wanted, and xl ignores the file");
        continue;
      }
      const auto value = trimmed(text.substr(equals + 1));
      in_list = goes_on(value);
      tell_key(trimmed(text.substr(0, equals)), unquoted(value), at, draft);
    }
  }
}

}  // namespace vifchain::inline convert
