// SPDX-License-Identifier: Apache-2.0
// A desired state with the host's own addresses and routes where they are to live, for tests of
// that.
#pragma once

#include "core/plan/rehome.hpp"
#include "link_text.hpp"
#include "names.hpp"

namespace vifchain {

inline LinkAddress labelled(const char* text, const std::string& label) {
  auto address = LinkAddress::parse(text).value();
  address.traits.label = label;
  return address;
}

inline Desired rehomed(const std::string& wanted, const Actual& there,
                       const std::map<LinkName, Hosting>& hosting = {}) {
  Desired desired = parse_desired(wanted);
  rehome(desired, there, hosting);
  return desired;
}

inline Hosting hosting_of(std::vector<LinkAddress> addresses, std::vector<Route> routes) {
  Hosting hosting;
  hosting.addresses = std::move(addresses);
  hosting.routes = std::move(routes);
  return hosting;
}

// The addresses that a link of the desired state is to have, as text.
inline std::string addresses(const Desired& desired, const char* link) {
  std::string all;
  for (const auto& address : desired.at(name(link))->addresses.value_or(std::vector<LinkAddress>{}))
    all += (all.empty() ? "" : " ") + address.str();
  return all;
}

// A NIC with an address by router advertisements, and the router's route.
inline Actual nic_with_ra() {
  auto there = parse_actual("eth0 given up mac=02:00:00:00:00:01 ra=1 addr_gen=eui64\n");
  auto address = LinkAddress::parse("2001:db8::1/64").value();
  address.traits = {.valid = 3600, .preferred = 1800, .protocol = ra_address_protocol};
  Route route = default_route(IpAddress::parse("fe80::1").value());
  route.protocol = ra_protocol;
  there.at(name("eth0")).addresses = {address};
  there.at(name("eth0")).routes = {route};
  return there;
}

}  // namespace vifchain
