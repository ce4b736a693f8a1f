// SPDX-License-Identifier: Apache-2.0
#include "core/plan/dhcp.hpp"

#include <algorithm>

#include "core/model/links.hpp"
#include "core/plan/obstacles.hpp"
#include "core/text/find.hpp"
#include "core/text/list.hpp"
#include "core/text/problem.hpp"

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
  return std::string("dhcp = ") + (dhcp == Dhcp::both   ? "\"both\""
                                   : dhcp == Dhcp::ipv6 ? "\"ipv6\""
                                                        : "\"ipv4\"");
}

bool is_to_be_port(const std::optional<Link>& want) {
  return want && want->controller && !want->keep_controller;
}

class DhcpPlanner {
 public:
  DhcpPlanner(const Desired& desired, const Actual& actual,
              const std::map<LinkName, Hosting>& hosting, const std::vector<DhcpClient>& running)
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
    const Hosting* hosting = find_in(hosting_, name);
    const bool is_wanted = hosting != nullptr && link_in(desired_, name) != nullptr;
    return is_wanted && wants(hosting->dhcp, v6) ? hosting : nullptr;
  }

  void look_at(const DhcpClient& client) {
    const LinkName& name = *client.link;
    const Hosting* hosting = wanted(name, client.v6);
    if (!actual_.contains(name))
      return stop(client, name.str() + " no longer exists", hosting != nullptr);
    const auto link = desired_.find(name);
    if (link == desired_.end()) return;
    if (!link->second) return stop(client, name.str() + " is deleted", false);
    if (hosting == nullptr) return stop(client, "no longer in the file", false);
    if (hosting->dhcp_client.value_or(client.program) != client.program)
      return stop(client, "replaced by " + name_of(*hosting->dhcp_client), true);
    if (going_.contains(name)) stop(client, name.str() + " is recreated", true);
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
        plan_.notes.push_back(name.str() + ": " + family_in_words(v6) + " already comes from " +
                              in_words(client) + ", not started by vifchain");
      return;
    }
    plan_.starts.push_back({name, v6, hosting.dhcp_client, "file has " + as_in_file(hosting.dhcp)});
  }

  void note_clients_of_port(const Link& port) {
    int noted = 0;
    for (const auto& client : running_) {
      if (client.ours || client.link != port.name || client.pid == noted) continue;
      noted = client.pid;
      plan_.notes.push_back(problem(port.name.str() + ": " + in_words(client) +
                                        " still runs on this port of " + port.controller->str() +
                                        " and would give it addresses again",
                                    client.pid == 0 ? "" : "kill " + std::to_string(client.pid)));
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
  for (const auto& address : addresses_of(have))
    (is_left_by(client, address) ? left : staying).push_back(address);
  for (const auto& route : routes_of(have))
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
    return name_of(program) + " is not " +
           (program == DhcpProgram::networkd ? "running" : "installed");
  if (program == DhcpProgram::udhcpc && v6 && !programs.udhcpc6)
    return "udhcpc serves IPv4 alone, and udhcpc6 is not installed";
  if (program == DhcpProgram::dhclient && fixed)
    return "dhclient would delete the other " + family_in_words(v6) + " addresses of the link";
  return {};
}

constexpr const char* what_to_do =
    "install dhcpcd, dhclient or udhcpc, and set dhcp_client in [host]";

}  // namespace

bool leads_through(const std::vector<LinkAddress>& addresses, const IpAddress& gateway) {
  return std::ranges::any_of(addresses, [&](const LinkAddress& own) {
    return own.address.v6 == gateway.v6 && contains(own, {gateway, gateway.bits()});
  });
}

DhcpPlan plan_dhcp(const Desired& desired, const Actual& actual,
                   const std::map<LinkName, Hosting>& hosting,
                   const std::vector<DhcpClient>& running) {
  return DhcpPlanner(desired, actual, hosting, running).run();
}

std::map<LinkName, DhcpLeavings> leavings(const DhcpPlan& plan, const Desired& desired,
                                          const Actual& actual) {
  std::map<LinkName, DhcpLeavings> all;
  for (const auto& stop : plan.stops) {
    const LinkName& name = *stop.client.link;
    const Link* have = link_in(actual, name);
    const auto* want = find_in(desired, name);
    if (stop.starts_again || have == nullptr || want == nullptr) continue;
    if (!is_to_be_port(*want)) add_leavings(stop.client, *have, all[name]);
  }
  return all;
}

std::variant<DhcpProgram, std::string> choose_program(const DhcpStart& start,
                                                      const DhcpPrograms& programs, bool fixed,
                                                      const std::vector<DhcpClient>& running) {
  const std::string what = "no DHCP client for " + family_in_words(start.v6) + ": ";
  const auto* everywhere = client_of_all_links(running);
  if (everywhere != nullptr && start.program.value_or(DhcpProgram::dhcpcd) == DhcpProgram::dhcpcd)
    return problem(what + in_words(*everywhere) + " already serves every link",
                   "kill " + std::to_string(everywhere->pid));
  std::vector<std::string> reasons;
  for (const auto program : all_programs) {
    if (start.program.value_or(program) != program) continue;
    auto reason = why_not(program, start.v6, programs, fixed);
    if (reason.empty()) return program;
    if (start.program || programs.there.contains(program)) reasons.push_back(std::move(reason));
  }
  return problem(what + (reasons.empty() ? "none is installed" : listed(reasons)), what_to_do);
}

std::vector<std::string> dhcp_differences(const Hosting* hosting,
                                          const std::vector<DhcpClient>& on_link) {
  std::vector<std::string> all;
  for (const bool v6 : {false, true}) {
    const bool wanted = hosting != nullptr && wants(hosting->dhcp, v6);
    const std::string client_of = family_in_words(v6) + " client, found ";
    bool served = false;
    for (const auto& client : on_link) {
      if (client.v6 != v6) continue;
      served = true;
      if (client.ours && !wanted)
        all.push_back("dhcp: expected no " + client_of + in_words(client));
    }
    if (wanted && !served) all.push_back("dhcp: expected an " + client_of + "none");
  }
  return all;
}

std::string family_in_words(bool v6) {
  return v6 ? "IPv6" : "IPv4";
}

std::string name_of(DhcpProgram program) {
  constexpr const char* names[] = {"networkd", "dhcpcd", "dhclient", "udhcpc"};
  return names[static_cast<std::size_t>(program)];
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
