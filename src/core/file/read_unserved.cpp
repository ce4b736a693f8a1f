// What the file may say but nothing serves yet: dom0's own addresses.
#include <algorithm>

#include "core/file/complain.hpp"
#include "core/file/read_tables.hpp"
#include "core/file/read_value.hpp"

namespace vifchain {
namespace {

constexpr Choice dhcp[] = {{"ipv4", 4}, {"ipv6", 6}, {"both", 10}};

constexpr Bounds metric_range{0, 4294967295};

bool is_address(std::string_view text) {
  return IpAddress::parse(text).has_value();
}

bool is_prefix(std::string_view text) {
  return LinkAddress::parse(text).has_value();
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

// True when the value is right.
bool unserved(const Entry& entry, Diagnostics& wrong) {
  if (entry.key == "addresses") return right_texts(entry, is_prefix, prefix_form, wrong);
  if (entry.key == "gateway") return right_texts(entry, is_address, address_form, wrong);
  if (entry.key == "routes") return right_routes(entry, wrong);
  return !!read_choice("dhcp", dhcp, entry.node, wrong);
}

constexpr std::string_view unserved_keys[] = {"addresses", "gateway", "routes", "dhcp"};

}  // namespace

std::span<const std::string_view> unserved_bridge_keys() {
  return unserved_keys;
}

bool read_unserved_bridge_key(const Entry& entry, Diagnostics& wrong) {
  if (std::find(std::begin(unserved_keys), std::end(unserved_keys), entry.key) ==
      std::end(unserved_keys))
    return false;
  if (unserved(entry, wrong)) not_supported_yet(entry, wrong);
  return true;
}

}  // namespace vifchain
