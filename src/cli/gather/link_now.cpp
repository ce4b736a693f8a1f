// SPDX-License-Identifier: Apache-2.0
#include "cli/gather/link_now.hpp"

#include <algorithm>
#include <chrono>

#include "cli/gather/look.hpp"
#include "core/text/problem.hpp"
#include "core/view/words.hpp"
#include "edge/base/error.hpp"
#include "edge/kernel/link_states.hpp"
#include "edge/parse/toml.hpp"
#include "flow/host/host_doors.hpp"
#include "flow/host/plan_host.hpp"
#include "flow/run/converge.hpp"

namespace vifchain::inline cli {
namespace {

constexpr std::chrono::seconds time_to_answer{60};

LinkName parsed(const std::string& text) {
  if (const auto name = LinkName::parse(text)) return *name;
  throw Refusal(problem("invalid link name \"" + printable(text) + "\": " + why_no_link_name(text),
                        "ip link"));
}

std::optional<Topology> read_topology_at(const std::string& path) {
  try {
    auto topology = load_topology(path);
    if (auto* right = std::get_if<Topology>(&topology)) return std::move(*right);
  } catch (const Error&) {
    // look() has said so
  }
  return std::nullopt;
}

// "a bridge, made by vifchain", "a bond, foreign".
std::string made_by(const Link& link) {
  return kind_in_words(link.kind) + (link.ours ? ", made by vifchain" : ", foreign");
}

// One look at one link, with what it learns on its way.
class Look {
 public:
  Look(const std::string& text, const Common& common)
      : common_(common),
        name_(parsed(text)),
        looked_(look(common, false)),
        topology_(read_topology_at(common.config)) {}

  LinkNow run() {
    Deadline deadline(time_to_answer, {.line = "vifchain: error: hung, aborted\n"});
    Log log("vifchain why", {.ident = "vifchain"});
    const HostDoors doors(deadline);
    Env env = doors.env(deadline, log, {.config = common_.config});
    all_ = doors.kernel->everything();
    states_ = read_link_states(false, {.on_interrupt = [&] { deadline.check(); }});
    find_present_name();
    look_at_host();
    look_at_guest();
    look_at_file();
    if (topology_) look_at_plan(env);
    collect_known_names();
    return std::move(now_);
  }

 private:
  // People know a vif by either of its names.
  [[nodiscard]] LinkName present_name() const {
    if (!all_.contains(name_))
      for (const auto& [present, state] : states_)
        if (std::ranges::find(state.other_names, name_) != state.other_names.end()) return present;
    return name_;
  }

  void find_present_name() {
    name_ = present_name();
    now_.name = name_.str();
    if (const auto state = states_.find(name_); state != states_.end())
      for (const auto& other : state->second.other_names) now_.other_names.push_back(other.str());
  }

  void look_at_host() {
    const auto found = all_.find(name_);
    if (found == all_.end()) return;
    const Link& link = found->second;
    const auto state = states_.find(name_);
    const LinkView view{.link = link,
                        .state = state == states_.end() ? LinkState{} : state->second};
    now_.there = true;
    now_.made_by_vifchain = link.ours;
    now_.kind = kind_of(view);
    now_.state = state_of(view);
    now_.owner = owner_of(link);
    if (!link.controller) return;
    now_.controller = link.controller->str();
    const auto controller = all_.find(*link.controller);
    if (controller != all_.end())
      now_.place = "port of " + now_.controller + " (" + made_by(controller->second) + ")";
  }

  static std::string owner_of(const Link& link) {
    if (link.ours) return "made by vifchain (netdev group " + std::to_string(our_group) + ")";
    if (vif_of_port_name(link.name.str())) return "vif of a guest";
    if (!std::holds_alternative<Given>(link.kind))
      return "foreign link: vifchain does not change it";
    return "NIC of this host: vifchain changes only what makes it a port";
  }

  void look_at_guest() {
    for (const auto& guest : looked_.view.guests)
      if (guest.link == name_ || guest.emulated == name_) tell_of(guest);
    if (const auto link = looked_.view.links.find(name_); link != looked_.view.links.end())
      add(now_.troubles, link->second.troubles);
  }

  void tell_of(const GuestView& guest) {
    const auto& vif = guest.vif;
    now_.guest = "vif of " + guest_in_words(guest);
    if (const auto state = state_of(vif); !state.empty()) now_.guest += ", " + state;
    if (!vif.bridge.empty()) now_.guest += ", for " + vif.bridge;
    bridge_of_guest_ = vif.bridge;
    add(now_.troubles, guest.troubles);
  }

  void look_at_file() {
    for (const auto& mistake : looked_.mistakes)
      if (now_.file.empty()) now_.file = "the file has errors: " + mistake;
    if (!topology_) {
      if (now_.file.empty()) now_.file = "no " + common_.config;
      return;
    }
    if (const auto place = topology_->places.find(name_); place != topology_->places.end())
      now_.line = place->second.line;
    now_.file = now_.line > 0
                    ? "named in line " + std::to_string(now_.line) + " of " + common_.config
                    : "not in " + common_.config;
    if (const auto link = looked_.view.links.find(name_); link != looked_.view.links.end())
      now_.differences = link->second.differences;
  }

  // The bridges that stand on it, itself among them; or that a guest's vif is to be on.
  [[nodiscard]] std::vector<LinkName> bridges_over() const {
    std::set<LinkName> asked;
    for (const auto* links : {&topology_->links, &all_})
      for (const auto& [name, link] : *links)
        if (std::holds_alternative<Bridge>(link.kind)) asked.insert(name);
    asked.insert(name_);
    std::vector<LinkName> bridges;
    for (const auto& name : asked)
      if (const auto chain = chain_for(*topology_, name.str());
          chain && (chain->links.contains(name_) || name.str() == bridge_of_guest_))
        bridges.push_back(name);
    return bridges;
  }

  void look_at_plan(Env& env) {
    const auto bridges = bridges_over();
    const auto have = all_.find(name_);
    const bool left_over = have != all_.end() && have->second.ours;
    if (bridges.empty() && now_.line == 0 && !left_over) return;
    if (now_.line == 0 && !bridges.empty() && bridge_of_guest_.empty())
      now_.file = "made by a template of " + common_.config;
    const HostPlan plan = plan_host(env, desired_by_file(env, *topology_, bridges));
    tell_wish(plan);
    for (const auto& [name, reason] : plan.plan.conflicts)
      now_.conflicts.push_back({name.str(), reason});
    for (const auto& step : plan.plan.steps) {
      const StepRecord record{target_of(step.op).str(), describe(step.op), step.because,
                              StepFate::planned};
      if (concerns(record, now_.name)) now_.steps.push_back(record);
    }
    for (const auto& note : plan.notes)
      if (mentions(note, now_.name)) now_.notes.push_back(note);
    tell_teardown(bridges);
  }

  void tell_wish(const HostPlan& plan) {
    const auto want = plan.desired.find(name_);
    if (want == plan.desired.end()) return;
    if (!want->second)
      now_.file += ": to be deleted";
    else if (want->second->controller)
      now_.file += ": port of " + want->second->controller->str();
  }

  void tell_teardown(const std::vector<LinkName>& bridges) {
    for (const auto& bridge : bridges) {
      const auto chain = chain_for(*topology_, bridge.str());
      if (!chain || !chain->teardown.last_vif || now_.notes.size() >= most_notes) continue;
      const auto linger = chain->teardown.linger;
      now_.notes.push_back("the chain of " + bridge.str() + " is deleted " +
                           (linger > 0 ? std::to_string(linger) + " s after" : "with") +
                           " its last vif");
    }
  }

  void collect_known_names() {
    for (const auto& [name, link] : all_) now_.known.push_back(name.str());
    if (!topology_) return;
    for (const auto& [name, link] : topology_->links)
      if (!all_.contains(name)) now_.known.push_back(name.str());
  }

  static void add(std::vector<std::string>& all, const std::vector<std::string>& more) {
    all.insert(all.end(), more.begin(), more.end());
  }

  const Common& common_;
  LinkName name_;
  Looked looked_;
  std::optional<Topology> topology_;
  Actual all_;
  std::map<LinkName, LinkState> states_;
  std::string bridge_of_guest_;
  LinkNow now_;
};

}  // namespace

LinkNow look_at_link(const std::string& text, const Common& common) {
  return Look(text, common).run();
}

}  // namespace vifchain::inline cli
