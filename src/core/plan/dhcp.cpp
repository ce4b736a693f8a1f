// SPDX-License-Identifier: Apache-2.0
#include "core/plan/dhcp.hpp"

#include <algorithm>

#include "core/plan/obstacles.hpp"
#include "core/text/list.hpp"

namespace vifchain::inline core::inline plan {
namespace {

// As the kernel numbers them (rtnetlink(7), IFAPROT_KERNEL_RA in if_addr.h).
constexpr std::uint8_t address_by_router = 2, route_by_router = 9, route_by_dhcp = 16;

constexpr DhcpProgram all_programs[] = {DhcpProgram::networkd, DhcpProgram::dhcpcd,
                                        DhcpProgram::dhclient, DhcpProgram::udhcpc};

bool is_on(const DhcpClient& client, const LinkName& link, bool v6) {
  return client.link == link && client.v6 == v6;
}

std::string as_in_file(Dhcp dhcp) {
  return dhcp == Dhcp::both   ? "dhcp = \"both\""
         : dhcp == Dhcp::ipv6 ? "dhcp = \"ipv6\""
                              : "dhcp = \"ipv4\"";
}

bool is_to_be_port(const std::optional<Link>& want) {
  return want && want->controller && !want->keep_controller;
}

class Planner {
 public:
  Planner(const Desired& desired, const Actual& actual, const std::map<LinkName, Hosting>& hosting,
          const std::vector<DhcpClient>& running)
      : desired_(desired),
        actual_(actual),
        hosting_(hosting),
        running_(running),
        going_(links_to_delete(desired, actual)) {}

  DhcpPlan run() {
    for (const auto& client : running_)
      if (client.ours && client.link) look_at(client);
    for (const auto& [name, hosting] : hosting_)
      for (const bool v6 : {false, true})
        if (wanted(name, v6) != nullptr) want(name, hosting, v6);
    for (const auto& [name, link] : desired_)
      if (is_to_be_port(link)) note_clients_of_port(*link);
    return std::move(plan_);
  }

 private:
  // What the link is to have there; null when no client is wanted.
  [[nodiscard]] const Hosting* wanted(const LinkName& name, bool v6) const {
    const auto hosting = hosting_.find(name);
    const auto link = desired_.find(name);
    if (hosting == hosting_.end() || link == desired_.end() || !link->second) return nullptr;
    return wants(hosting->second.dhcp, v6) ? &hosting->second : nullptr;
  }

  void look_at(const DhcpClient& client) {
    const LinkName& name = *client.link;
    const Hosting* hosting = wanted(name, client.v6);
    if (!actual_.contains(name))
      return stop(client, name.str() + " is not there any more", hosting != nullptr);
    const auto link = desired_.find(name);
    if (link == desired_.end()) return;
    if (!link->second) return stop(client, name.str() + " goes", false);
    if (hosting == nullptr) return stop(client, "it is not wanted any more", false);
    if (hosting->dhcp_client.value_or(client.program) != client.program)
      return stop(client, name_of(*hosting->dhcp_client) + " is wanted in its place", true);
    if (going_.contains(name)) stop(client, name.str() + " is made anew", true);
  }

  void stop(const DhcpClient& client, std::string because, bool starts_again) {
    plan_.stops.push_back({client, std::move(because), starts_again});
  }

  [[nodiscard]] bool is_stopped(const DhcpClient& client) const {
    return std::ranges::any_of(plan_.stops,
                               [&](const DhcpStop& stop) { return stop.client == client; });
  }

  void want(const LinkName& name, const Hosting& hosting, bool v6) {
    for (const auto& client : running_) {
      if (!is_on(client, name, v6) || is_stopped(client)) continue;
      if (!client.ours)
        plan_.notes.push_back(in_words(client) + ", which vifchain did not start, serves " +
                              name.str() + " already, " + family_in_words(v6));
      return;
    }
    plan_.starts.push_back({name, v6, hosting.dhcp_client, "it has " + as_in_file(hosting.dhcp)});
  }

  void note_clients_of_port(const Link& port) {
    int noted = 0;
    for (const auto& client : running_) {
      if (client.ours || client.link != port.name || client.pid == noted) continue;
      noted = client.pid;
      plan_.notes.push_back(in_words(client) + " still looks after " + port.name.str() +
                            ", which is a port of " + port.controller->str() +
                            ": stop it, or it gives " + port.name.str() + " addresses again");
    }
  }

  const Desired& desired_;
  const Actual& actual_;
  const std::map<LinkName, Hosting>& hosting_;
  const std::vector<DhcpClient>& running_;
  std::set<LinkName> going_;
  DhcpPlan plan_;
};

bool is_link_local4(const IpAddress& address) {
  return !address.v6 && address.bytes[0] == 169 && address.bytes[1] == 254;
}

bool is_left_by(const DhcpClient& client, const LinkAddress& address) {
  return address.address.v6 == client.v6 && !is_ours(address) &&
         (address.traits.valid || is_link_local4(address.address)) &&
         address.traits.protocol != address_by_router &&
         std::ranges::find(client.found, address) == client.found.end();
}

// Only these look after router advertisements themselves.
bool takes_routers_word(DhcpProgram program) {
  return program == DhcpProgram::dhcpcd || program == DhcpProgram::networkd;
}

bool is_left_by(const DhcpClient& client, const Route& route, const std::vector<LinkAddress>& left,
                const std::vector<LinkAddress>& staying) {
  if (route.to.address.v6 != client.v6 || is_ours(route)) return false;
  if (route.protocol == route_by_dhcp) return true;
  if (client.v6 && route.protocol == route_by_router) return takes_routers_word(client.program);
  const auto is_source = [&](const LinkAddress& own) { return own.address == route.source; };
  if (std::ranges::any_of(left, is_source)) return true;
  return route.via && leads_through(left, *route.via) && !leads_through(staying, *route.via);
}

void add_leavings(const DhcpClient& client, const Link& have, DhcpLeavings& all) {
  std::vector<LinkAddress> left, staying;
  for (const auto& address : have.addresses.value_or(std::vector<LinkAddress>{}))
    (is_left_by(client, address) ? left : staying).push_back(address);
  for (const auto& route : have.routes.value_or(std::vector<Route>{}))
    if (is_left_by(client, route, left, staying)) all.routes.push_back(route);
  all.addresses.insert(all.addresses.end(), left.begin(), left.end());
}

const DhcpClient* client_of_all_links(const std::vector<DhcpClient>& running) {
  const auto found = std::ranges::find_if(running, [](const DhcpClient& client) {
    return client.program == DhcpProgram::dhcpcd && !client.link;
  });
  return found == running.end() ? nullptr : &*found;
}

// Empty where it can.
std::string why_not(DhcpProgram program, bool v6, const DhcpPrograms& programs, bool fixed) {
  if (!programs.there.contains(program))
    return "found no " + name_of(program) +
           (program == DhcpProgram::networkd ? " that runs" : " on this host");
  if (program == DhcpProgram::udhcpc && v6 && !programs.udhcpc6)
    return "found udhcpc, which knows IPv4 alone, and no udhcpc6";
  if (program == DhcpProgram::dhclient && fixed)
    return "found dhclient, whose script takes the other " + family_in_words(v6) +
           " addresses of the link away";
  return {};
}

constexpr const char* what_to_do = ": install another, or name it as dhcp_client in [host]";

}  // namespace

bool leads_through(const std::vector<LinkAddress>& addresses, const IpAddress& gateway) {
  return std::ranges::any_of(addresses, [&](const LinkAddress& own) {
    return own.address.v6 == gateway.v6 && contains(own, {gateway, gateway.bits()});
  });
}

DhcpPlan plan_dhcp(const Desired& desired, const Actual& actual,
                   const std::map<LinkName, Hosting>& hosting,
                   const std::vector<DhcpClient>& running) {
  return Planner(desired, actual, hosting, running).run();
}

std::map<LinkName, DhcpLeavings> leavings(const DhcpPlan& plan, const Desired& desired,
                                          const Actual& actual) {
  std::map<LinkName, DhcpLeavings> all;
  for (const auto& stop : plan.stops) {
    const LinkName& name = *stop.client.link;
    const auto have = actual.find(name);
    const auto want = desired.find(name);
    if (stop.starts_again || have == actual.end() || want == desired.end()) continue;
    if (!is_to_be_port(want->second)) add_leavings(stop.client, have->second, all[name]);
  }
  return all;
}

std::variant<DhcpProgram, std::string> choose_program(const DhcpStart& start,
                                                      const DhcpPrograms& programs, bool fixed,
                                                      const std::vector<DhcpClient>& running) {
  const std::string wanted = "wanted DHCP, " + family_in_words(start.v6) + ": ";
  const auto* everywhere = client_of_all_links(running);
  if (everywhere != nullptr && start.program.value_or(DhcpProgram::dhcpcd) == DhcpProgram::dhcpcd)
    return wanted + "found " + in_words(*everywhere) +
           ", which looks after every link, this one too: stop it, or name another dhcp_client in "
           "[host]";
  if (start.program) {
    const auto reason = why_not(*start.program, start.v6, programs, fixed);
    if (reason.empty()) return *start.program;
    return wanted + reason + what_to_do;
  }
  std::vector<std::string> reasons;
  for (const auto program : all_programs) {
    const auto reason = why_not(program, start.v6, programs, fixed);
    if (reason.empty()) return program;
    if (programs.there.contains(program)) reasons.push_back(reason);
  }
  if (reasons.empty())
    return wanted + "found no client on this host: install dhcpcd, dhclient or udhcpc";
  return wanted + listed(reasons) + what_to_do;
}

std::vector<std::string> dhcp_differences(const Hosting* hosting,
                                          const std::vector<DhcpClient>& on_link) {
  std::vector<std::string> all;
  for (const bool v6 : {false, true}) {
    const bool wanted = hosting != nullptr && wants(hosting->dhcp, v6);
    bool served = false;
    for (const auto& client : on_link) {
      if (client.v6 != v6) continue;
      served = true;
      if (client.ours && !wanted)
        all.push_back(in_words(client) + " serves " + family_in_words(v6) +
                      ", and the file does not say so");
    }
    if (wanted && !served)
      all.push_back("no DHCP client runs for " + family_in_words(v6) + ", wanted " +
                    as_in_file(hosting->dhcp));
  }
  return all;
}

std::string family_in_words(bool v6) {
  return v6 ? "IPv6" : "IPv4";
}

std::string name_of(DhcpProgram program) {
  switch (program) {
    case DhcpProgram::networkd:
      return "networkd";
    case DhcpProgram::dhcpcd:
      return "dhcpcd";
    case DhcpProgram::dhclient:
      return "dhclient";
    case DhcpProgram::udhcpc:
      return "udhcpc";
  }
  return {};
}

std::string in_words(const DhcpClient& client) {
  return name_of(client.program) +
         (client.pid == 0 ? "" : " (pid " + std::to_string(client.pid) + ")");
}

std::string describe(const DhcpStop& stop) {
  return "stop " + in_words(stop.client) + " on " + stop.client.link.value().str() + ", " +
         family_in_words(stop.client.v6);
}

std::string describe(const DhcpStart& start) {
  return "start " + (start.program ? name_of(*start.program) : "a DHCP client") + " on " +
         start.link.str() + ", " + family_in_words(start.v6);
}

}  // namespace vifchain::inline core::inline plan
