// SPDX-License-Identifier: Apache-2.0
// addresses, gateway, routes, dhcp and ra: dom0's own place on a link
#include <array>
#include <charconv>

#include "core/config/complain.hpp"
#include "core/config/read_tables.hpp"
#include "core/config/read_value.hpp"

namespace vifchain::inline core::inline config {
namespace {

constexpr Choice dhcp[] = {{"ipv4", static_cast<std::int64_t>(Dhcp::ipv4)},
                           {"ipv6", static_cast<std::int64_t>(Dhcp::ipv6)},
                           {"both", static_cast<std::int64_t>(Dhcp::both)}};

constexpr Bounds metric_range{0, 4294967295};

constexpr std::string_view prefix_form = "an address with its prefix length, \"192.0.2.5/24\"";
constexpr std::string_view address_form = "an IP address, \"192.0.2.1\"";
constexpr std::string_view destination_form = "a destination, \"198.51.100.0/24\" or \"default\"";
constexpr std::string_view route_form =
    "a route, { to = \"198.51.100.0/24\", via = \"192.0.2.1\" }";

// The value that `parse` makes of a text.
template <typename Parse>
auto read_text(std::string_view key, const Node& node, const Parse& parse, std::string_view form,
               Diagnostics& wrong) -> decltype(parse(std::string_view())) {
  if (const auto* text = std::get_if<std::string>(&node.value))
    if (auto value = parse(*text)) return value;
  complain_unexpected(wrong, node, key, form);
  return std::nullopt;
}

// One text, or a list of them.
template <typename Parse, typename Value>
void read_texts(const Entry& entry, const Parse& parse, std::string_view form,
                std::vector<Written<Value>>& values, Diagnostics& wrong) {
  const auto take = [&](const Node& node) {
    if (auto value = read_text(entry.key, node, parse, form, wrong))
      values.push_back(as_written(std::move(*value), node));
  };
  const auto* list = std::get_if<Array>(&entry.node.value);
  if (list == nullptr) return take(entry.node);
  for (const auto& node : *list) take(node);
}

// A route as far as it has been read.
struct RouteDraft {
  std::optional<LinkAddress> to;
  bool to_default = false;
  std::optional<IpAddress> via;
  std::uint32_t metric = 0;
  bool onlink = false;
};

bool read_to(const Node& node, RouteDraft& route, Diagnostics& wrong) {
  const auto* text = std::get_if<std::string>(&node.value);
  route.to_default = text != nullptr && *text == "default";
  if (!route.to_default)
    route.to = read_text("to", node, LinkAddress::parse, destination_form, wrong);
  return route.to_default || route.to;
}

bool read_route_key(const Entry& entry, RouteDraft& route, Diagnostics& wrong) {
  if (entry.key == "to") return read_to(entry.node, route, wrong);
  if (entry.key == "via") {
    route.via = read_text("via", entry.node, IpAddress::parse, address_form, wrong);
    return route.via.has_value();
  }
  if (entry.key == "metric") {
    const auto metric = read_number("metric", metric_range, entry.node, wrong);
    route.metric = static_cast<std::uint32_t>(metric.value_or(0));
    return metric.has_value();
  }
  if (entry.key == "onlink") {
    const auto onlink = read_flag("onlink", entry.node, wrong);
    route.onlink = onlink.value_or(false);
    return onlink.has_value();
  }
  unknown_key(entry, {"a route", {"to", "via", "metric", "onlink"}, {}}, wrong);
  return false;
}

std::string why_no_route(const RouteDraft& draft) {
  if (!draft.to && !draft.to_default) return "expected " + std::string(route_form);
  if (draft.to_default && !draft.via) return "a default route needs via, the gateway's address";
  if (draft.onlink && !draft.via) return "onlink needs via, the gateway's address";
  if (draft.to && draft.via && draft.via->v6 != draft.to->address.v6)
    return "to and via must be of the same family, IPv4 or IPv6";
  return {};
}

// "default" is of its gateway's family.
Route finish(const RouteDraft& draft) {
  Route route = default_route(draft.via.value_or(IpAddress{}));
  if (draft.to) {
    route.to = *draft.to;
    route.to.address = network_of(*draft.to);
  }
  route.via = draft.via;
  route.onlink = draft.onlink;
  route.scope = scope_of(route);
  route.metric = draft.metric != 0 || !route.to.address.v6 ? draft.metric : usual_metric6;
  return route;
}

void read_route(const Node& node, HostingDraft& hosting, Diagnostics& wrong) {
  const auto* table = std::get_if<Table>(&node.value);
  if (table == nullptr) return complain_unexpected(wrong, node, "routes", route_form);
  RouteDraft draft;
  bool right = true;
  for (const auto& entry : *table) right = read_route_key(entry, draft, wrong) && right;
  if (!right) return;
  if (const auto why_not = why_no_route(draft); !why_not.empty())
    return complain(wrong, node, why_not);
  hosting.routes.push_back(as_written(finish(draft), node));
}

void read_routes(const Entry& entry, HostingDraft& hosting, Diagnostics& wrong) {
  const auto* list = std::get_if<Array>(&entry.node.value);
  if (list == nullptr)
    return complain_unexpected(
        wrong, entry.node, "routes",
        "a list of routes, [" + std::string(route_form.substr(sizeof "a route," - 1)) + " ]");
  for (const auto& node : *list) read_route(node, hosting, wrong);
}

constexpr std::array<std::string_view, 6> keys{"addresses", "gateway", "onlink",
                                               "routes",    "dhcp",    "ra"};

}  // namespace

std::span<const std::string_view> hosting_keys() {
  return keys;
}

bool read_hosting_key(const Entry& entry, HostingDraft& hosting, Diagnostics& wrong) {
  if (std::find(keys.begin(), keys.end(), entry.key) == keys.end()) return false;
  if (!hosting.place) hosting.place = entry.place;
  if (entry.key == "addresses")
    read_texts(entry, LinkAddress::parse, prefix_form, hosting.addresses, wrong);
  if (entry.key == "gateway")
    read_texts(entry, IpAddress::parse, address_form, hosting.gateways, wrong);
  take_key(entry, "onlink", read_flag, hosting.onlink, wrong);
  take_key(entry, "ra", read_flag, hosting.ra, wrong);
  if (entry.key == "routes") read_routes(entry, hosting, wrong);
  if (entry.key == "dhcp")
    if (const auto number = read_choice("dhcp", dhcp, entry.node, wrong))
      hosting.dhcp = static_cast<Dhcp>(*number);
  return true;
}

}  // namespace vifchain::inline core::inline config
