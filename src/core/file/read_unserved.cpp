// What the file may say but nothing serves yet: guest policies, dom0's own addresses, teardown.
#include <algorithm>
#include <charconv>

#include "core/file/complain.hpp"
#include "core/file/nearest.hpp"
#include "core/file/read_tables.hpp"
#include "core/file/read_value.hpp"

namespace vifchain {
namespace {

constexpr Choice antispoof[] = {{"off", 0}, {"mac", 1}, {"mac-ip", 2}, {"closed", 3}};
constexpr Choice dhcp[] = {{"ipv4", 4}, {"ipv6", 6}, {"both", 10}};
constexpr Choice teardown[] = {{"never", 0}, {"last-vif", 1}};

// An `online` must have answered when libxl gives up on its script.
constexpr Bounds wait_seconds{0, 30};
constexpr Bounds linger_seconds{0, 31536000};
constexpr Bounds metric_range{0, 4294967295};

bool read_vif_value(const Entry& entry, Diagnostics& wrong) {
  if (entry.key == "antispoof") return !!read_choice("antispoof", antispoof, entry.node, wrong);
  if (entry.key == "wait") return !!read_number("wait", wait_seconds, entry.node, wrong);
  if (entry.key != "bridge") return !!read_flag(entry.key, entry.node, wrong);
  const auto name = read_string("bridge", entry.node, wrong);
  const auto why_not = name ? why_no_link_name(*name) : "";
  if (!why_not.empty()) complain(wrong, entry.node, "as the name of a bridge, " + why_not);
  return name && why_not.empty();
}

constexpr std::string_view vif_keys[] = {"bridge",   "antispoof",      "isolated",
                                         "learning", "bpdu_guard",     "mcast_flood",
                                         "wait",     "ipv6_link_local"};

void read_vif_key(const Entry& entry, Diagnostics& wrong) {
  const std::vector<std::string_view> keys(std::begin(vif_keys), std::end(vif_keys));
  if (std::find(keys.begin(), keys.end(), entry.key) == keys.end())
    unknown_key(entry, {"[vif]", keys, {}}, wrong);
  else if (read_vif_value(entry, wrong))
    not_supported_yet(entry, wrong);
}

bool is_address(std::string_view text) {
  return IpAddress::parse(text).has_value();
}

// ADDRESS/LENGTH
bool is_prefix(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address || slash == std::string_view::npos) return false;
  unsigned length = 0;
  const auto [stop, error] =
      std::from_chars(text.data() + slash + 1, text.data() + text.size(), length);
  return error == std::errc{} && stop == text.data() + text.size() &&
         length <= (address->v6 ? 128U : 32U);
}

using Test = bool (*)(std::string_view);

bool right_text(const Node& node, Test test, std::string_view form, Diagnostics& wrong) {
  const auto* text = std::get_if<std::string>(&node.value);
  if (text != nullptr && test(*text)) return true;
  complain(wrong, node, "must be " + std::string(form));
  return false;
}

constexpr std::string_view prefix_form = "an address with its prefix length, \"192.0.2.5/24\"";
constexpr std::string_view address_form = "an IP address, \"192.0.2.1\"";

bool right_texts(const Entry& entry, Test test, std::string_view form, Diagnostics& wrong) {
  const auto* list = std::get_if<Array>(&entry.node.value);
  if (list == nullptr) return right_text(entry.node, test, form, wrong);
  bool right = true;
  for (const auto& element : *list) right = right_text(element, test, form, wrong) && right;
  return right;
}

bool right_route_key(const Entry& entry, Diagnostics& wrong) {
  if (entry.key == "to")
    return right_text(
        entry.node, [](std::string_view t) { return t == "default" || is_prefix(t); },
        "a destination, \"198.51.100.0/24\" or \"default\"", wrong);
  if (entry.key == "via") return right_text(entry.node, is_address, address_form, wrong);
  if (entry.key == "metric") return !!read_number("metric", metric_range, entry.node, wrong);
  unknown_key(entry, {"a route", {"to", "via", "metric"}, {}}, wrong);
  return false;
}

bool right_route(const Node& node, Diagnostics& wrong) {
  const auto* route = std::get_if<Table>(&node.value);
  const auto is_to = [](const Entry& entry) { return entry.key == "to"; };
  if (route == nullptr || std::none_of(route->begin(), route->end(), is_to)) {
    complain(wrong, node, "must be a route, { to = \"198.51.100.0/24\", via = \"192.0.2.1\" }");
    return false;
  }
  bool right = true;
  for (const auto& entry : *route) right = right_route_key(entry, wrong) && right;
  return right;
}

bool right_routes(const Entry& entry, Diagnostics& wrong) {
  const auto* list = std::get_if<Array>(&entry.node.value);
  if (list == nullptr) {
    complain(wrong, entry.node,
             "must be a list of routes, [{ to = \"198.51.100.0/24\", via = \"192.0.2.1\" }]");
    return false;
  }
  bool right = true;
  for (const auto& route : *list) right = right_route(route, wrong) && right;
  return right;
}

// "never" is what happens today.
bool unserved_teardown(const Entry& entry, Diagnostics& wrong) {
  return read_choice("teardown", teardown, entry.node, wrong) == 1;
}

// True when the value is right, and not what happens anyway.
bool unserved(const Entry& entry, Diagnostics& wrong) {
  if (entry.key == "addresses") return right_texts(entry, is_prefix, prefix_form, wrong);
  if (entry.key == "gateway") return right_texts(entry, is_address, address_form, wrong);
  if (entry.key == "routes") return right_routes(entry, wrong);
  if (entry.key == "dhcp") return !!read_choice("dhcp", dhcp, entry.node, wrong);
  if (entry.key == "teardown") return unserved_teardown(entry, wrong);
  return !!read_number("linger", linger_seconds, entry.node, wrong);
}

constexpr std::string_view unserved_keys[] = {"addresses", "gateway", "routes", "dhcp",
                                              "teardown",  "linger",  "vif"};

}  // namespace

std::span<const std::string_view> unserved_bridge_keys() {
  return unserved_keys;
}

bool read_unserved_bridge_key(const Entry& entry, Diagnostics& wrong) {
  if (std::find(std::begin(unserved_keys), std::end(unserved_keys), entry.key) ==
      std::end(unserved_keys))
    return false;
  if (entry.key == "vif")
    read_vif(entry, wrong);
  else if (unserved(entry, wrong))
    not_supported_yet(entry, wrong);
  return true;
}

void read_vif(const Entry& entry, Diagnostics& wrong) {
  const auto* keys = std::get_if<Table>(&entry.node.value);
  if (keys == nullptr) return complain(wrong, entry, "must be a table, [vif]");
  for (const auto& key : *keys) read_vif_key(key, wrong);
}

}  // namespace vifchain
