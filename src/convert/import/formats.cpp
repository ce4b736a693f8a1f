// SPDX-License-Identifier: Apache-2.0
#include "convert/import/formats.hpp"

#include "convert/import/readers.hpp"
#include "core/text/lines.hpp"
#include "core/text/list.hpp"

namespace vifchain::inline convert {
namespace {

bool is_in(std::string_view path, std::string_view folder) {
  return path.find(folder) != std::string_view::npos;
}

std::optional<Format> by_name(std::string_view path) {
  const auto base = last_part(path);
  if (base == "interfaces" || is_in(path, "interfaces.d/")) return Format::ifupdown;
  if (is_one_of(base, "ifcfg-* route-* route6-*") || is_in(path, "sysconfig/network"))
    return Format::ifcfg;
  if (base.ends_with(".netdev") || base.ends_with(".network") || base.ends_with(".link") ||
      is_in(path, ".netdev.d/") || is_in(path, ".network.d/"))
    return Format::networkd;
  if (base.ends_with(".yaml") || base.ends_with(".yml")) return Format::netplan;
  if (base.ends_with(".sxp")) return Format::xend;
  if (base == "xl.conf") return Format::xl_conf;
  if (is_in(path, "modprobe.d/") || is_one_of(base, "modprobe.conf modules.conf"))
    return Format::modprobe;
  return std::nullopt;
}

// The first word of a line tells a language that has no other mark.
std::optional<Format> by_line(std::string_view line) {
  const auto word = first_word(line);
  if (is_one_of(word, "iface auto source mapping allow-*")) return Format::ifupdown;
  if (is_one_of(word, "options alias install")) return Format::modprobe;
  if (word == "network:") return Format::netplan;
  if (line.starts_with("[") && line.ends_with("]")) return Format::networkd;
  if (line.starts_with("(")) return Format::xend;
  if (line.starts_with("vif.default.")) return Format::xl_conf;
  if (is_one_of(word, "DEVICE=* TYPE=* BOOTPROTO=* ONBOOT=* NAME=*")) return Format::ifcfg;
  return std::nullopt;
}

std::optional<Format> by_content(const std::string& text) {
  if (text.starts_with("#!")) return Format::script;
  for (const auto& line : logical_lines(text))
    if (const auto format = by_line(line.text)) return format;
  return std::nullopt;
}

}  // namespace

std::optional<Format> format_of(const SourceFile& file) {
  const auto named = by_name(file.name);
  if (named) return named;
  return by_content(file.text);
}

DraftConfig read_sources(const Sources& sources, const Include& include) {
  DraftConfig draft;
  for (const auto& [format, files] : sources.files) {
    if (format == Format::modprobe) read_modprobe(files, draft);
    if (format == Format::ifupdown) read_ifupdown(files, include, draft);
    if (format == Format::ifcfg) read_ifcfg(files, draft);
    if (format == Format::networkd) read_networkd(files, draft);
    if (format == Format::netplan) read_netplan(sources.netplan, draft);
    if (format == Format::script) read_script(files, draft);
    if (format == Format::xend) read_xend(files, include, draft);
    if (format == Format::xl_conf) read_xl_conf(files, draft);
  }
  return draft;
}

}  // namespace vifchain::inline convert
