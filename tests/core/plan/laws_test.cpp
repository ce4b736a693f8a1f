// SPDX-License-Identifier: Apache-2.0
// The laws of core/plan/plan.hpp over random hosts and requests. VIFCHAIN_LAW_CASES raises the
// number of cases, VIFCHAIN_LAW_SEED sets the first seed, with VIFCHAIN_LAW_CASES=1 for one case
// alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <set>

#include "core/plan/compare.hpp"
#include "edge/base/error.hpp"
#include "flow/run/converge.hpp"
#include "link_text.hpp"
#include "random_links.hpp"

namespace vifchain {
namespace {

// Empty when the law holds, else how it is broken.
using Verdict = std::string;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::string print(const Plan& plan) {
  std::string text;
  for (const auto& [op, because, impact] : plan.steps)
    text += "  " + describe(op) + " (" + because + ")\n";
  for (const auto& [name, reason] : plan.conflicts)
    text += "  ! " + name.str() + " " + reason + "\n";
  return text;
}

bool is_as_wanted(const OptionSpec& row, const Value& want, const Value& have) {
  if (want == have) return true;
  // Times go through the kernel's ticks, and come back a hundredth lower where they do not fit.
  return row.form == Form::seconds &&
         std::get<std::int64_t>(have) + 1 == std::get<std::int64_t>(want);
}

Verdict odd_options(const Options& want, const Options& have) {
  Verdict odd;
  for (const auto& [option, value] : want) {
    const auto is = have.find(option);
    if (is != have.end() && is_as_wanted(spec(option), value, is->second)) continue;
    odd += std::string(spec(option).key) + " is " +
           (is == have.end() ? "unset" : show(option, is->second)) + ", not " +
           show(option, value) + "\n";
  }
  return odd;
}

bool is_another(const Link& want, const Link& have) {
  if (std::holds_alternative<Given>(want.kind)) return false;
  if (want.kind.index() != have.kind.index()) return true;
  const auto *wanted = std::get_if<Vlan>(&want.kind), *found = std::get_if<Vlan>(&have.kind);
  return wanted != nullptr && std::tie(wanted->parent, wanted->id, wanted->protocol) !=
                                  std::tie(found->parent, found->id, found->protocol);
}

bool is_in(const std::vector<PortVlan>& vlans, const FdbEntry& entry) {
  return !entry.vlan ||
         std::ranges::any_of(vlans, [&](const auto& v) { return v.id == entry.vlan; });
}

// All of them, and no others but those that come with one for all VLANs and those that no kernel
// can remove.
bool are_as_wanted(const std::vector<FdbEntry>& want, const Link& have) {
  if (!have.fdb) return false;
  std::set<FdbEntry> wanted(want.begin(), want.end()), missing = wanted;
  bool odd = false;
  for (const auto& entry : *have.fdb) {
    missing.erase(entry);
    const bool may_be = wanted.contains(entry) || wanted.contains({entry.mac});
    odd |= !may_be && is_in(have.vlans.value(), entry);
  }
  return !odd && missing.empty();
}

// All of them, and where others may be, those that carry our mark are not among them.
template <class T>
bool are_as_wanted(const std::vector<T>& want, const std::optional<std::vector<T>>& have,
                   bool others_may_be) {
  if (!have) return false;
  for (const T& one : want)
    if (std::ranges::find(*have, one) == have->end()) return false;
  return std::ranges::all_of(*have, [&](const T& one) {
    return std::ranges::find(want, one) != want.end() || (others_may_be && !is_ours(one));
  });
}

// What `want` names and `have` has otherwise, value by value and not by the planner's own
// differences().
Verdict odd_values(const Link& want, const Link& have) {
  Verdict odd;
  if (is_another(want, have)) return odd + "another link\n";
  odd += odd_options(options_of(want), options_of(have)) + odd_options(want.port, have.port);
  if (!want.keep_controller && want.controller != have.controller) odd += "controller\n";
  if (want.vlans && want.vlans != have.vlans) odd += "VLANs\n";
  if (want.fdb && !are_as_wanted(*want.fdb, have)) odd += "static MACs\n";
  if (want.mtu && want.mtu != have.mtu) odd += "mtu\n";
  if (want.mac && want.mac != have.mac) odd += "MAC\n";
  if (want.up && want.up != have.up) odd += "up or down\n";
  const bool has_ipv6 = !have.mtu || *have.mtu >= least_mtu6;
  if (want.addr_gen && want.addr_gen != have.addr_gen && has_ipv6) odd += "addr_gen\n";
  if (want.ra && want.ra != have.ra && has_ipv6) odd += "router advertisements\n";
  if (want.apart && have.apart && want.apart != have.apart) odd += "apart\n";
  if (want.addresses && !are_as_wanted(*want.addresses, have.addresses, want.keep_addresses))
    odd += "addresses\n";
  if (want.routes && !are_as_wanted(*want.routes, have.routes, want.keep_addresses))
    odd += "routes\n";
  if (want.slb && want.slb != have.slb) odd += "rules\n";
  if (want.filter && want.filter != have.filter) odd += "filter\n";
  if (want.rate && want.rate != have.rate) odd += "rate\n";
  return odd;
}

// differences() sees what there is to see, and nothing else.
Verdict sees_wrongly(const Desired& desired, const Actual& there) {
  for (const auto& [name, want] : desired) {
    const auto found = there.find(name);
    if (!want || found == there.end()) continue;
    const bool seen = !differences(*want, found->second).empty();
    if (seen != !odd_values(*want, found->second).empty())
      return std::string("differences() sees ") + (seen ? "too much of " : "too little of ") +
             print(found->second);
  }
  return {};
}

// Everything that the desired state names is so.
Verdict fulfilled(const Desired& desired, const Actual& there) {
  Verdict odd;
  for (const auto& [name, want] : desired) {
    const auto found = there.find(name);
    if (want.has_value() != (found != there.end()))
      odd += name.str() + (want ? ": missing\n" : ": still there\n");
    if (!want || found == there.end()) continue;
    if (const auto values = odd_values(*want, found->second); !values.empty())
      odd += name.str() + ": " + values;
  }
  return odd;
}

// What the plan may touch: links that the desired state names; it makes, deletes and re-options
// only links of ours, gives a MAC to others only where the desired state does, and takes ports only
// from controllers of ours, or from one that it joined itself.
Verdict touches_only_ours(const Step& step, const Desired& desired, const FakeNet& net) {
  const LinkName& name = target_of(step.op);
  if (!desired.contains(name)) return "touches a link that nobody named";
  const auto found = net.devices().find(name);
  if (found == net.devices().end()) return {};
  const auto& want = desired.at(name);
  const Link& link = found->second.link;
  const bool for_ours_alone = std::holds_alternative<Delete>(step.op) ||
                              std::holds_alternative<SetOptions>(step.op) ||
                              std::holds_alternative<SetSlb>(step.op) ||
                              (std::holds_alternative<SetMac>(step.op) && !(want && want->mac));
  if (for_ours_alone && !link.ours) return "changes somebody else's link";
  const bool leaves = std::holds_alternative<Leave>(step.op);
  if (leaves && !net.devices().at(link.controller.value()).link.ours &&
      want->may_leave != link.controller)
    return "takes a port from somebody else's controller";
  return {};
}

// A port that joins on the way is not up before it has the options and VLANs that are wanted of it:
// until then it would forward what it must not.
Verdict up_too_early(const Desired& desired, const Actual& before, const FakeNet& net) {
  for (const auto& [name, want] : desired) {
    if (!want || !want->controller || !net.devices().contains(name)) continue;
    const Link& is = net.devices().at(name).link;
    const auto was = before.find(name);
    const bool joined = is.controller == want->controller &&
                        (was == before.end() || was->second.controller != is.controller);
    const bool in_bridge = is.vlans.has_value();  // a bond raises its ports itself
    if (!joined || !in_bridge || is.up != true) continue;
    if (!odd_options(want->port, is.port).empty() || (want->vlans && want->vlans != is.vlans) ||
        (want->fdb && !are_as_wanted(*want->fdb, is)))
      return name.str() + " is up and not yet as wanted";
  }
  return {};
}

// A port joins a bond that balances by MAC when the rules about it are in place.
Verdict without_its_rules(const Desired& desired, const Actual& before, const FakeNet& net) {
  for (const auto& [name, want] : desired) {
    const auto bond = want && want->controller ? desired.find(*want->controller) : desired.end();
    if (bond == desired.end() || !bond->second || !bond->second->slb) continue;
    const auto device = net.devices().find(name);
    const auto was = before.find(name);
    const bool joined = device != net.devices().end() &&
                        device->second.link.controller == want->controller &&
                        (was == before.end() || was->second.controller != want->controller);
    if (!joined || bond->second->slb->ports.empty()) continue;
    if (net.shown(bond->first).slb != bond->second->slb)
      return name.str() + " is a port, and there are no rules about it yet";
  }
  return {};
}

// A port that has a filter, or is to have one, is up on a bridge only behind the one that it has
// there, or is to have there.
Verdict unfiltered(const Desired& desired, const Actual& before, const FakeNet& net) {
  for (const auto& [name, want] : desired) {
    if (!want || !want->filter || !net.devices().contains(name)) continue;
    const Link is = net.shown(name);
    if (!is.controller || is.up != true) continue;
    const auto was = before.find(name);
    const bool as_before = was != before.end() && was->second.controller == is.controller &&
                           was->second.filter == is.filter;
    if (!as_before && !(is.controller == want->controller && is.filter == want->filter) &&
        !want->keep_controller)
      return name.str() + " is up on " + is.controller->str() + " behind another filter than there";
  }
  return {};
}

// Performs the plan step by step; every one must be allowed by the laws and by the kernel.
Verdict perform(FakeKernel& host, const Actual& before, const Plan& plan, const Desired& desired) {
  if (!plan.conflicts.empty()) return "it has conflicts";
  const auto thefts = host.thefts().size();
  for (const auto& step : plan.steps) {
    if (const auto odd = touches_only_ours(step, desired, host.net()); !odd.empty())
      return describe(step.op) + ": " + odd;
    if (const Errno refused = host.try_step(step.op); refused != 0)
      return describe(step.op) + ": the kernel refuses: " + strerror(refused);
    if (host.thefts().size() > thefts)
      return describe(step.op) + ": stolen: " + host.thefts().back();
    if (const auto odd = up_too_early(desired, before, host.net()); !odd.empty())
      return describe(step.op) + ": " + odd;
    if (const auto odd = without_its_rules(desired, before, host.net()); !odd.empty())
      return describe(step.op) + ": " + odd;
    if (const auto odd = unfiltered(desired, before, host.net()); !odd.empty())
      return describe(step.op) + ": " + odd;
  }
  return {};
}

// The rules of a bond go before it does, and before it balances otherwise.
Verdict orphans(const FakeKernel& before, const FakeKernel& after) {
  const auto were = before.net().orphaned_rules();
  for (const auto& bond : after.net().orphaned_rules())
    if (std::ranges::find(were, bond) == were.end())
      return bond.str() + " left rules that nobody looks for";
  return {};
}

// What the desired state leaves open is as it was: a kept controller, the MAC of a bond that had
// ports, and whether a link is up where it did not change places.
Verdict left_alone(const Desired& desired, const Actual& before, const Actual& after) {
  Verdict odd;
  for (const auto& [name, want] : desired) {
    if (!want || !before.contains(name) || !after.contains(name)) continue;
    const Link &was = before.at(name), &is = after.at(name);
    if (want->keep_controller && was.controller != is.controller && was.controller &&
        after.contains(*was.controller))
      odd += name.str() + ": its controller was to be kept\n";
    const auto is_bond = [&](const std::optional<LinkName>& which) {
      const auto& links = which && before.contains(*which) ? before : after;
      return which && links.contains(*which) && std::holds_alternative<Bond>(links.at(*which).kind);
    };
    const bool in_place = (was.controller == is.controller ||
                           (!is_bond(was.controller) && !is_bond(is.controller))) &&
                          !must_be_remade(*want, was);
    const auto* parent = parent_of(is);
    const bool can_be_up = parent == nullptr || after.at(*parent).up == true;
    const bool had_ports = std::any_of(before.begin(), before.end(), [&, &n = name](const auto& e) {
      return e.second.controller == n;
    });
    if (!want->mac && was.ours && had_ports && std::holds_alternative<Bond>(was.kind) &&
        std::holds_alternative<Bond>(is.kind) && takes_mac(was, was) && takes_mac(is, is) &&
        was.mac != is.mac)
      odd += name.str() + ": nobody asked for another MAC\n";
    if (!want->up && in_place && was.up != is.up && (can_be_up || is.up == true))
      odd += name.str() + ": nobody asked to set it up or down\n";
  }
  return odd;
}

// With the routes that the desired state is about.
Actual look(FakeKernel& host, const Desired& desired) {
  Actual links = host.everything();
  host.read_routes(links, links_with_routes(desired));
  host.read_filters(links);
  return links;
}

Verdict reaches(FakeKernel host, const Desired& desired) {
  const Actual before = look(host, desired);
  const FakeKernel start = host;
  const Plan plan = make_plan(desired, before);
  const auto after_plan = [&] { return "\nplan:\n" + print(plan); };
  if (auto odd = perform(host, before, plan, desired); !odd.empty()) return odd + after_plan();
  if (auto odd = orphans(start, host); !odd.empty()) return odd + after_plan();
  const Actual after = look(host, desired);
  if (auto odd = sees_wrongly(desired, before) + sees_wrongly(desired, after); !odd.empty())
    return odd;
  if (auto odd = fulfilled(desired, after); !odd.empty())
    return "the goal is not reached:\n" + odd + after_plan();
  if (auto odd = left_alone(desired, before, after); !odd.empty())
    return "more was changed than asked:\n" + odd + after_plan();
  const Plan again = make_plan(desired, after);
  if (!again.nothing_to_do()) return "planning again finds:\n" + print(again) + after_plan();
  return {};
}

bool has_macs_of_its_own(const Link& bond) {
  const auto mode = mode_of(bond);
  return mode == BondMode::balance_tlb || mode == BondMode::balance_alb ||
         (mode == BondMode::active_backup &&
          number(options_of(bond), Option::bond_fail_over_mac) != 0);
}

// What no plan can bring back: which port of a bond has which MAC, where they do not all have the
// bond's; the MAC of a bond that has its active port's; options that the bond's mode does not have;
// that a bond had no primary (the kernel would have to be told of a link without a name); the
// random MAC of somebody else's bond without ports; MTU and MAC of somebody else's bridge, which
// follow its ports; static entries in VLANs that the port has left, and those of single VLANs
// beside one without, which come with it.
Actual as_far_as_it_can_be(Actual links) {
  for (auto& [name, link] : links) {
    if (const auto controller = link.controller; controller && links.contains(*controller)) {
      const Link& bond = links.at(*controller);
      if (std::holds_alternative<Bond>(bond.kind) && has_macs_of_its_own(bond)) link.mac.reset();
    }
    const bool empty = std::ranges::none_of(
        links, [&, &n = name](const auto& entry) { return entry.second.controller == n; });
    if (std::holds_alternative<Bond>(link.kind) && !link.ours && empty) link.mac.reset();
    if (!takes_mac(link, link)) link.mac.reset();
    if (std::holds_alternative<Bridge>(link.kind) && !link.ours) {
      link.mac.reset();
      link.mtu.reset();
    }
    if (link.fdb)
      std::erase_if(*link.fdb, [fdb = *link.fdb, &link = link](const FdbEntry& entry) {
        const bool beside = entry.vlan && std::ranges::find(fdb, FdbEntry{entry.mac}) != fdb.end();
        return beside || !is_in(*link.vlans, entry);
      });
    if (const auto mode = mode_of(link))
      erase_if(options_of(link), [&](const auto& entry) {
        return entry.first == Option::bond_primary || !has_option(*mode, spec(entry.first));
      });
  }
  return links;
}

// Somebody else's VLAN on a link that vifchain sets down and up, or whose MTU it lowers for a
// while, is moved along by the kernel, and is not ours to put right; nor is what stands on it, or
// on somebody else's bridge.
bool rides_on_others(const Link& link, const Actual& links) {
  const auto* parent = parent_of(link);
  if (parent == nullptr) return false;
  const Link& below = links.at(*parent);
  const bool on_their_bridge = std::holds_alternative<Bridge>(below.kind) && !below.ours;
  return !link.ours || on_their_bridge || rides_on_others(below, links);
}

// A VLAN without a MAC of its own has the one that its parent had when it was last up; one that was
// given just that cannot be told from it.
bool has_its_parents_mac(const Device& vlan, const Actual& links) {
  const auto* parent = parent_of(vlan.link);
  if (parent == nullptr) return false;
  return vlan.mac_from == MacFrom::stolen || vlan.link.mac == links.at(*parent).mac;
}

// Their bridge has no IPv6 while such a VLAN as a port of it keeps its MTU too low for that.
bool loses_ipv6_to_a_rider(const Link& bridge, const Actual& links) {
  return !bridge.ours && std::holds_alternative<Bridge>(bridge.kind) && !has_mtu6(bridge) &&
         std::ranges::any_of(links, [&](const auto& each) {
           return each.second.controller == bridge.name && rides_on_others(each.second, links);
         });
}

// The host is as it was.
Verdict same(FakeKernel before, FakeKernel after, const Desired& desired) {
  const Actual was = as_far_as_it_can_be(look(before, desired));
  const Actual there = look(after, desired);
  const Actual is = as_far_as_it_can_be(there);
  Verdict odd;
  for (const auto& [name, old_link] : was) {
    if (rides_on_others(old_link, was)) continue;
    if (!is.contains(name)) {
      odd += "gone: " + print(old_link);
      continue;
    }
    Link link = is.at(name);
    if (has_its_parents_mac(before.net().devices().at(name), was)) link.mac = old_link.mac;
    if (loses_ipv6_to_a_rider(there.at(name), there)) {
      link.addr_gen = old_link.addr_gen;
      link.ra = old_link.ra;
    }
    if (link != old_link) odd += "was: " + print(old_link) + "is:  " + print(link);
  }
  for (const auto& [name, link] : is)
    if (!was.contains(name)) odd += "left over: " + print(link);
  return odd;
}

// From the wreck that a failed plan leaves, the rollback.
Verdict undoes(FakeKernel wreck, const Desired& desired, FakeKernel before) {
  const Desired rollback = undo_target(desired, look(before, desired));
  const Actual now = look(wreck, rollback);
  const Plan undo = make_plan(rollback, now);
  if (auto odd = perform(wreck, now, undo, rollback); !odd.empty())
    return "undo: " + odd + "\nundo plan:\n" + print(undo);
  if (auto odd = orphans(before, wreck); !odd.empty()) return "undo: " + odd;
  if (auto odd = same(before, wreck, rollback); !odd.empty())
    return "undo does not reach the snapshot:\n" + odd + "undo plan:\n" + print(undo);
  return {};
}

enum class Fault : std::uint8_t { fails_and_goes_on, fails_and_stops, half_done, killed };
constexpr Fault all_faults[] = {Fault::fails_and_goes_on, Fault::fails_and_stops, Fault::half_done,
                                Fault::killed};

std::string in_words(Fault fault, std::size_t at) {
  static constexpr const char* words[] = {"fails, later steps go on",
                                          "fails, later steps do not run", "breaks off half-way",
                                          "is never reached: killed"};
  return "step " + std::to_string(at + 1) + " " + words[static_cast<std::size_t>(fault)];
}

FakeKernel wreck_of(FakeKernel host, const Plan& plan, std::size_t at, Fault fault) {
  host.set_after_failure(fault == Fault::fails_and_goes_on ? FakeKernel::AfterFailure::go_on
                                                           : FakeKernel::AfterFailure::stop);
  if (fault == Fault::half_done)
    host.half_done_at(at);
  else
    host.fail_at(at);
  try {
    host.perform(plan.steps);
  } catch (const Error&) {
    return host;
  }
  ADD_FAILURE() << "the fault did not happen";
  return host;
}

// What MTU a bond gives its port back, and so whether that has IPv6 meanwhile, is not known before:
// as in `apply`, a second round is for what the kernel changed besides what it was told.
Verdict reaches_in_two_rounds(FakeKernel host, const Desired& desired) {
  if (reaches(host, desired).empty()) return {};
  host.perform(make_plan(desired, look(host, desired)).steps);
  return reaches(host, desired);
}

// Both ways out of a wreck: back to where it was, and once more to the goal.
Verdict recovers(const FakeKernel& host, const Desired& desired, const Plan& plan, std::size_t at,
                 Fault fault) {
  const FakeKernel wreck = wreck_of(host, plan, at, fault);
  const auto context = [&] {
    return in_words(fault, at) + " of\n" + print(plan) + "wreck:\n" +
           print(FakeKernel(wreck).everything());
  };
  if (fault == Fault::killed)
    if (auto odd = orphans(host, wreck); !odd.empty()) return odd + context();
  if (fault != Fault::killed)
    if (auto odd = undoes(wreck, desired, host); !odd.empty()) return odd + context();
  if (auto odd = reaches_in_two_rounds(wreck, desired); !odd.empty())
    return "once more: " + odd + context();
  return {};
}

struct Tally {
  std::uint64_t cases = 0, steps = 0, conflicts = 0, idle = 0;
};

enum class Depth : std::uint8_t { some_faults, every_fault };

// Somebody has deleted the bond under a port that was too narrow for IPv6, and the kernel has not
// made up for it yet: it will, by whatever comes next, and nobody can keep the link so.
bool waits_for_ipv6(const FakeKernel& host) {
  return std::ranges::any_of(host.net().devices(), [](const auto& entry) {
    return has_mtu6(entry.second.link) && !entry.second.link.ra;
  });
}

Verdict obeys(const Case& scene, std::uint64_t seed, Depth depth, Tally* tally = nullptr) {
  FakeKernel host = host_of(scene);
  if (waits_for_ipv6(host)) return {};
  const Actual before = look(host, scene.desired);
  const Plan plan = make_plan(scene.desired, before);
  if (tally != nullptr) {
    ++tally->cases;
    tally->steps += plan.steps.size();
    if (!plan.conflicts.empty()) ++tally->conflicts;
    if (plan.nothing_to_do()) ++tally->idle;
  }
  if (!plan.conflicts.empty()) return plan.steps.empty() ? "" : "a plan with conflicts has steps";
  if (const auto idle = make_plan(undo_target(scene.desired, before), before);
      !idle.nothing_to_do())
    return "something to do where nothing differs:\n" + print(idle);
  if (auto odd = reaches(host, scene.desired); !odd.empty()) return odd;
  if (plan.steps.empty()) return {};
  Dice dice(seed);
  if (depth == Depth::some_faults)
    return recovers(host, scene.desired, plan, dice.roll(plan.steps.size()),
                    all_faults[dice.roll(4)]);
  for (std::size_t at = 0; at < plan.steps.size(); ++at)
    for (const Fault fault : all_faults)
      if (auto odd = recovers(host, scene.desired, plan, at, fault); !odd.empty()) return odd;
  return {};
}

// The same case with one thing less, in every way there is.
std::vector<Case> smaller(const Case& scene) {
  std::vector<Case> all;
  const auto with = [&](const auto& change) {
    all.push_back(scene);
    change(all.back());
  };
  for (std::size_t i = scene.history.size(); i-- > 0;)
    with([&](Case& c) { c.history.erase(c.history.begin() + static_cast<std::ptrdiff_t>(i)); });
  for (const auto& [name, want] : scene.desired) {
    with([&, &n = name](Case& c) { c.desired.erase(n); });
    if (!want) continue;
    const auto field = [&, &n = name](const auto& change) {
      with([&](Case& c) { change(*c.desired.at(n)); });
    };
    for (const auto& [option, value] : options_of(*want))
      field([&, o = option](Link& l) { options_of(l).erase(o); });
    for (const auto& [option, value] : want->port)
      field([&, o = option](Link& l) { l.port.erase(o); });
    if (want->mtu) field([](Link& l) { l.mtu.reset(); });
    if (want->mac) field([](Link& l) { l.mac.reset(); });
    if (want->up) field([](Link& l) { l.up.reset(); });
    if (want->vlans) field([](Link& l) { l.vlans.reset(); });
    if (want->addr_gen) field([](Link& l) { l.addr_gen.reset(); });
    if (want->ra) field([](Link& l) { l.ra.reset(); });
    if (want->apart) field([](Link& l) { l.apart.reset(); });
    if (want->fdb) field([](Link& l) { l.fdb.reset(); });
    if (want->addresses) field([](Link& l) { l.addresses.reset(); });
    if (want->routes) field([](Link& l) { l.routes.reset(); });
    if (want->filter) field([](Link& l) { l.filter.reset(); });
    if (want->rate) field([](Link& l) { l.rate.reset(); });
  }
  for (std::size_t i = 0; i < scene.history.size(); ++i) {
    const auto* create = std::get_if<Create>(&scene.history[i].op);
    const auto* options = create != nullptr ? &options_of(create->link) : nullptr;
    if (options == nullptr) continue;
    for (const auto& [option, value] : *options)
      with([&, o = option](Case& c) {
        options_of(std::get<Create>(c.history[i].op).link).erase(o);
      });
  }
  return all;
}

// True when a host that has nothing but its NICs can be brought to the desired state by a plain
// script.
bool can_be_had(const Case& scene) {
  FakeKernel host;
  Actual desired;
  for (const auto& nic : scene.nics) host.add_nic(nic);
  for (const auto& [name, want] : scene.desired) {
    if (!want) continue;
    desired.emplace(name, *want);
    if (std::holds_alternative<Given>(want->kind) && !host.net().devices().contains(name))
      host.add_nic({.name = name, .mac = vif_mac});
  }
  for (const auto& op : script_for(desired)) static_cast<void>(host.try_step(op));
  return fulfilled(scene.desired, look(host, scene.desired)).empty();
}

// What of a verdict tells one way to break a law from another: its first line without the names.
std::string kind_of(const Verdict& verdict) {
  const auto line = verdict.substr(0, verdict.find('\n'));
  const auto colon = line.rfind(": ");
  const auto last = colon == std::string::npos ? line : line.substr(colon);
  for (const char* way : {"undo", "once more"})
    if (line.starts_with(way)) return way + last;
  return last;
}

// A case that breaks a law, made as small as it gets while it still breaks it in the same way.
Case shrink(Case scene, std::uint64_t seed, const Verdict& verdict) {
  for (bool shrunk = true; shrunk;) {
    shrunk = false;
    for (auto& next : smaller(scene)) {
      if (!can_be_had(next)) continue;
      const auto odd = obeys(next, seed, Depth::every_fault);
      if (odd.empty() || kind_of(odd) != kind_of(verdict)) continue;
      scene = std::move(next);
      shrunk = true;
      break;
    }
  }
  return scene;
}

// True when the seed's case breaks no law.
bool try_seed(std::uint64_t seed, Depth depth, Tally& tally) {
  const Case scene = random_case(seed);
  const auto odd = obeys(scene, seed, depth, &tally);
  if (odd.empty()) return true;
  const Case least = shrink(scene, seed, odd);
  ADD_FAILURE() << "seed " << seed << ": " << odd.substr(0, odd.find('\n')) << "\n"
                << print(least) << "broken: " << obeys(least, seed, Depth::every_fault);
  return false;
}

void try_seeds(std::uint64_t count, Depth depth) {
  const std::uint64_t first = number_from("VIFCHAIN_LAW_SEED", 1);
  Tally tally;
  int broken = 0;
  for (std::uint64_t seed = first; seed < first + count && broken < 3; ++seed)
    if (!try_seed(seed, depth, tally)) ++broken;
  std::cout << "seeds from " << first << ": " << tally.cases << " cases, " << tally.steps
            << " steps; " << tally.conflicts << " with conflicts, " << tally.idle
            << " with nothing to do\n";
}

TEST(RandomDesired, CanBeHad) {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    Dice dice(seed);
    Case scene{.nics = random_nics(dice)};
    for (const auto& [name, link] : random_desired(dice, scene.nics))
      scene.desired.emplace(name, link);
    EXPECT_TRUE(can_be_had(scene)) << "seed " << seed << "\n" << print(scene.desired);
  }
}

TEST(Laws, HoldForRandomHostsWithAFaultInEach) {
  try_seeds(number_from("VIFCHAIN_LAW_CASES", 20000), Depth::some_faults);
}

TEST(Laws, HoldWithEveryFaultAtEveryStep) {
  try_seeds(number_from("VIFCHAIN_LAW_CASES", 20000) / 40, Depth::every_fault);
}

}  // namespace
}  // namespace vifchain
