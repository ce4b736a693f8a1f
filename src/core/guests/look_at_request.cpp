// SPDX-License-Identifier: Apache-2.0
// What a vif says that is right or wrong on any host.
#include "core/guests/context.hpp"

namespace vifchain::inline core::inline guests {
namespace {

constexpr std::string_view trailing_blanks = " \t";

std::string without_end_blanks(const std::string& text) {
  return text.substr(0, text.find_last_not_of(trailing_blanks) + 1);
}

// A blank behind a value has been named already.
std::map<std::string, std::string> without_blanks(std::map<std::string, std::string> nodes) {
  for (const char* name : {"bridge", "vlan", "vifname"})
    if (const auto node = nodes.find(name); node != nodes.end())
      node->second = without_end_blanks(node->second);
  return nodes;
}

void look_at_mac(const VifContext& context, const Mac& mac) {
  if ((mac.bytes[0] & 1) != 0)
    context.say(Weight::obstacle,
                "mac=" + mac.str() + " is a multicast address, from which bridges take no frame");
  else if (mac == vif_mac)
    context.say(Weight::obstacle, "mac=" + mac.str() + " is what every vif has on the host's side");
}

}  // namespace

std::optional<VifRequest> look_at_request(const VifContext& context) {
  auto request = read_request(without_blanks(context.vif.nodes));
  if (const auto* bad = std::get_if<BadRequest>(&request)) {
    context.say(Weight::obstacle, bad->reason);
    return std::nullopt;
  }
  auto& read = std::get<VifRequest>(request);
  for (const auto& warning : read.warnings) context.say(Weight::warning, warning);
  if (!read.wrong_addresses.empty()) context.say(Weight::warning, read.wrong_addresses);
  if (read.mac) look_at_mac(context, *read.mac);
  return std::move(read);
}

}  // namespace vifchain::inline core::inline guests
