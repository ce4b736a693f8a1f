// SPDX-License-Identifier: Apache-2.0
#include "flow/vif/attach.hpp"

#include <algorithm>
#include <ctime>
#include <map>
#include <span>

#include "core/plan/preflight/preflight.hpp"
#include "core/vif/guest_port.hpp"
#include "edge/base/error.hpp"
#include "flow/chain/chain.hpp"
#include "flow/run/converge.hpp"
#include "flow/run/recorder.hpp"
#include "flow/run/wait.hpp"
#include "flow/vif/guest_filters.hpp"
#include "flow/vif/hooks.hpp"
#include "flow/vif/port_link.hpp"
#include "flow/vif/resolve.hpp"
#include "flow/vif/shared_mac.hpp"
#include "flow/vif/tell_store.hpp"
#include "flow/vif/uplinks.hpp"

namespace vifchain::inline flow::inline vif {
namespace {

// Of the backend's folder: the names of all, and those that were read.
struct Nodes {
  std::vector<std::string> there = {};
  std::map<std::string, std::string> read = {};
};

// One event of one port, with what it learns on its way.
class Attach {
 public:
  Attach(Env& env, const VifEvent& event, const Move* move)
      : env_(env), event_(event), move_(move), port_(quick_name(env, event)) {}

  Outcome run() {
    list_nodes();
    read_wish();
    try {
      stand_with_patience();
      Outcome outcome = connect();
      if (place_->topology && place_->file)
        keep_chains(env_.places.locks, *place_->file, *place_->topology, std::time(nullptr));
      return outcome;
    } catch (...) {
      undo();
      throw;
    }
  }

  // After run().
  [[nodiscard]] PortUndo rollback() const { return moved_ ? joined_ : PortUndo{}; }

 private:
  void list_nodes() {
    nodes_.there = env_.store.children(event_.backend);
    if (nodes_.there.empty())
      throw Refusal("there is no directory " + event_.backend + " in xenstore");
    if (move_ != nullptr) nodes_.read = move_->nodes;
  }

  [[nodiscard]] bool is_there(std::string_view node) const {
    return std::ranges::find(nodes_.there, node) != nodes_.there.end();
  }

  void read_request_from(std::span<const std::string_view> more_nodes) {
    for (const auto name : more_nodes)
      if (is_there(name) && !nodes_.read.contains(std::string(name)))
        if (auto value = env_.store.read(event_.backend + "/" + std::string(name)))
          nodes_.read.emplace(name, std::move(*value));
    auto request = read_request(nodes_.read, event_.words);
    if (const auto* bad = std::get_if<BadRequest>(&request)) throw Refusal(bad->reason);
    request_ = std::get<VifRequest>(std::move(request));
  }

  void read_wish() {
    read_request_from(wish_nodes);
    if (request_.name) read_request_from(guest_nodes);
    for (const auto& warning : request_.warnings) env_.log.warning(warning);
    note_wish();
    place_ = resolve(env_, request_.bridge);
    if (env_.recorder != nullptr) env_.recorder->concerns(place_->chain.bridge);
    if (antispoof() != Antispoof::off && !request_.name) read_request_from(guest_nodes);
    vlans_ = request_.vlans.empty() ? place_->vlans : request_.vlans;
    if (!request_.vlans.empty() && !place_->vlans.empty() && request_.vlans != place_->vlans)
      throw Refusal("bridge=" + request_.bridge + " and vlan= name different VLANs; give one");
    if (const auto why = why_no_antispoof(policy(), request_, event_.backend); !why.empty())
      throw Refusal(why);
  }

  // For the record. Who moves a vif has said it all in the words.
  void note_wish() const {
    if (env_.recorder == nullptr || move_ != nullptr) return;
    for (const char* key : {"bridge", "vlan", "vifname"})
      if (const auto node = nodes_.read.find(key); node != nodes_.read.end())
        env_.recorder->asks(std::string(key) + "=" + node->second);
  }

  [[nodiscard]] const VifPolicy& policy() const { return place_->chain.policy; }
  [[nodiscard]] unsigned patience() const { return policy().wait.value_or(usual_wait); }
  [[nodiscard]] Antispoof antispoof() const { return policy().antispoof.value_or(Antispoof::off); }

  // The port and what carries the chain may be late: each is waited for once.
  void stand_with_patience() {
    find_by_old_name();
    try {
      chain_ = stand(env_, place_->chain, port_);
    } catch (const Missing& missing) {
      if (!wait_until(env_, patience(), [&] { return all_there(missing.names()); }))
        throw Blocked(late(missing.what()), missing.conflicts());
      chain_ = stand(env_, place_->chain, port_);
    }
    if (chain_.links.contains(port_)) return;
    chain_.locks.release();
    wait_for_port();
    StandingChain again = stand(env_, place_->chain, port_);
    if (chain_.changed && !again.changed) {
      again.desired = chain_.desired;
      again.before = chain_.before;
      again.changed = true;
    }
    chain_ = std::move(again);
  }

  // A vif mostly has the name that sysfs tells; the kernel is only asked where it may have another.
  void find_by_old_name() {
    if (!event_.for_tap() && !request_.name) return;
    if (const auto name = find_port(env_, event_)) port_ = *name;
  }

  void wait_for_port() {
    const auto there = [&] {
      const auto name = find_port(env_, event_);
      if (name) port_ = *name;
      return name.has_value();
    };
    if (!wait_until(env_, patience(), there))
      throw Refusal(late("the backend has no network interface " + port_.str()));
  }

  bool all_there(const std::vector<LinkName>& names) {
    std::vector<Ask> asked;
    for (const auto& name : names) asked.push_back({.name = name});
    return env_.kernel.snapshot(asked).size() == names.size();
  }

  [[nodiscard]] std::string late(const std::string& what) const {
    if (!env_.watch_links || patience() == 0) return what;
    return what + " (nor came within " + std::to_string(patience()) + " s)";
  }

  Outcome connect() {
    const Link& bridge = chain_.links.at(place_->chain.bridge);
    if (const auto why_not = why_no_vlans(bridge, vlans_); !why_not.empty()) throw Refusal(why_not);
    if (place_->declared && !vlans_.empty()) uplinks_ = need_vlans(env_, place_->chain, vlans_);
    warn_of(bridge);
    take_wanted_name();
    join(bridge);
    const unsigned mtu = mtu_after(bridge);
    run_event_hooks(env_, event_, {port_, nodes_.read, bridge.name, mtu});
    if (!event_.for_tap()) move_ != nullptr ? tell_moved(env_, event_, *move_, mtu) : report(mtu);
    return Connected{port_.str(), bridge.name.str(), mtu, moved_};
  }

  // The guest is on it all the same: that is what was asked for, and whoever made it may raise it.
  void warn_of(const Link& bridge) {
    if (bridge.ours || place_->declared) return;
    for (const auto& trouble : troubles_of_others_bridge(bridge)) env_.log.warning(trouble);
  }

  void take_wanted_name() {
    if (!request_.name) return;
    const auto name =
        event_.for_tap() ? LinkName::parse(emulated_name(request_.name->str())) : request_.name;
    if (!name || port_ == *name) return;
    behind_filter(env_.filter, event_.key(), port_, *name,
                  [&] { take_name(env_, event_, port_, *name); });
    auto link = chain_.links.extract(port_);
    link.key() = link.mapped().name = *name;
    chain_.links.insert(std::move(link));
    old_name_ = port_;
    port_ = *name;
  }

  // A port that comes and is to have no filter or limit mostly has none.
  Link wanted_port(const Link& have, const Link& bridge) {
    const auto owner = LinkName::parse(event_.key());
    Link port = guest_port(have, bridge, request_, policy(), vlans_, owner.value_or(port_));
    const bool may_have_some = move_ != nullptr || have.controller.has_value();
    const bool may_be_filtered = move_ != nullptr || is_elsewhere(bridge);
    if (!port.filter && (may_be_filtered || env_.filter.present(event_.key())))
      port.filter.emplace();
    if (!port.rate && may_have_some) port.rate = 0;
    if (move_ != nullptr) port.may_leave = have.controller;
    return port;
  }

  // Somebody took rules or elements away: then those of others too, mostly. A port that is on the
  // bridge already should have some, whatever became of the records.
  void make_anew_what_was_damaged() {
    bool sound = env_.filter.whole();
    if (sound && (env_.filter.present(event_.key()) ||
                  chain_.links.at(port_).controller == place_->chain.bridge)) {
      const auto has = env_.filter.read(port_, *joined_.wanted.at(port_)->filter);
      sound = has && !has->spoilt && has->mode != Antispoof::off;
    }
    if (!sound) env_.filter.make_anew();
  }

  // Those that must be unlocked for it as well.
  std::vector<LinkName> share_mac_with_others(const Link& bridge) {
    Link& port = *joined_.wanted.at(port_);
    std::vector<LinkName> names;
    if (!is_filtered(port) || port.filter->mac == Mac{}) return names;
    const auto others = others_with(env_, port.filter->mac, bridge.name, port_);
    if (others.empty()) return names;
    share_mac(port, policy());
    for (auto& [name, want] : sharing(env_, others, policy())) {
      names.push_back(name);
      joined_.wanted.emplace(name, std::move(want));
    }
    return names;
  }

  // The port on its bridge is all that is left to plan.
  void join(const Link& bridge) {
    const Link& have = chain_.links.at(port_);
    joined_.wanted = {{port_, wanted_port(have, bridge)}};
    keep_mtu_of(bridge);
    const Link& port = *joined_.wanted.at(port_);
    const auto asked = questions_about(bridge, share_mac_with_others(bridge));
    if (is_filtered(port)) make_anew_what_was_damaged();
    joined_.before = is_known(bridge) ? Actual{{port_, have}, {bridge.name, bridge}}
                                      : env_.kernel.snapshot(asked);
    if (is_filtered(port) && !joined_.before.at(port_).filter)
      throw Refusal("the filter of " + port_.str() + " cannot be read: not permitted");
    const Plan plan = make_plan(joined_.wanted, joined_.before);
    if (!plan.conflicts.empty()) throw Blocked(plan.conflicts);
    if (is_elsewhere(bridge))
      env_.log.warning(port_.str() + " leaves " + have.controller->str() + " for " +
                       bridge.name.str());
    moved_ = !plan.steps.empty();
    now_ =
        moved_ ? converge(env_.kernel, env_.deadline, joined_.wanted, plan, asked) : joined_.before;
    if (is_filtered(port) && !now_.at(port_).filter)
      throw Refusal("the filter of " + port_.str() + " cannot be read back: not permitted");
  }

  [[nodiscard]] bool is_elsewhere(const Link& bridge) const {
    const auto& controller = chain_.links.at(port_).controller;
    return controller && controller != bridge.name;
  }

  // Nothing but what was read with the chain matters.
  [[nodiscard]] bool is_known(const Link& bridge) const {
    const Link& port = *joined_.wanted.at(port_);
    return !is_elsewhere(bridge) && !port.vlans && !port.fdb && !port.filter && !port.rate;
  }

  [[nodiscard]] std::vector<Ask> questions_about(const Link& bridge,
                                                 const std::vector<LinkName>& others) const {
    const Link& port = *joined_.wanted.at(port_);
    const auto& controller = chain_.links.at(port_).controller;
    const bool elsewhere = is_elsewhere(bridge);
    std::vector<Ask> asked{{.name = port_,
                            .addresses = true,
                            .vlans = port.vlans || elsewhere,
                            .fdb = controller && (port.fdb || elsewhere),
                            .entries = port.fdb.value_or(std::vector<FdbEntry>{}),
                            .filter = port.filter,
                            .rate = port.rate.has_value()},
                           {.name = bridge.name}};
    for (const auto& other : others) asked.push_back({.name = other, .fdb = true});
    if (elsewhere) asked.push_back({.name = *controller});
    return asked;
  }

  // A bridge whose MTU nobody set takes the smallest of its ports (br_mtu_auto_adjust).
  void keep_mtu_of(const Link& bridge) {
    const auto& port = *joined_.wanted.at(port_);
    if (!bridge.mtu || !port.mtu || *port.mtu >= *bridge.mtu) return;
    Link same{.name = bridge.name};
    same.keep_controller = true;
    same.mtu = bridge.mtu;
    joined_.wanted.emplace(bridge.name, std::move(same));
  }

  unsigned mtu_after(const Link& bridge) {
    const unsigned mtu = now_.at(port_).mtu.value();
    const auto warn = [&](const Link& narrow) {
      if (narrow.mtu && *narrow.mtu < mtu)
        env_.log.warning(port_.str() + " has mtu " + std::to_string(mtu) + ", " +
                         narrow.name.str() + " only " + std::to_string(*narrow.mtu) +
                         ": larger frames are lost there");
    };
    warn(bridge);
    for (const auto& uplink : uplinks_of(place_->chain))
      if (const auto link = chain_.links.find(uplink); link != chain_.links.end())
        warn(link->second);
    return mtu;
  }

  void report(unsigned mtu) {
    env_.deadline.check();
    if (is_there("hotplug-error")) env_.store.remove(event_.backend + "/hotplug-error");
    tell_connected(env_, event_, mtu);
  }

  void undo() noexcept {
    env_.deadline.grace(std::chrono::seconds(4));
    attempt([&] {
      if (moved_) put_back(env_, joined_.wanted, joined_.before);
    });
    attempt([&] {
      if (old_name_)
        behind_filter(env_.filter, event_.key(), port_, *old_name_,
                      [&] { env_.names.rename(port_, *old_name_); });
    });
    uplinks_.release();
    attempt([&] {
      if (place_->declared) drop_vlans(env_, place_->chain, vlans_);
    });
    fall(env_, chain_);
  }

  template <typename Work>
  void attempt(const Work& work) noexcept {
    try {
      work();
    } catch (const std::exception& error) {
      env_.log.err("undoing the attachment of " + port_.str() + " failed: " + error.what());
    }
  }

  Env& env_;
  const VifEvent& event_;
  const Move* move_;  // null: it comes
  Nodes nodes_;
  VifRequest request_;
  std::optional<Resolved> place_;
  std::vector<PortVlan> vlans_;
  LinkName port_;                     // what its link is called now
  std::optional<LinkName> old_name_;  // when it was renamed
  StandingChain chain_;
  Locks uplinks_;
  PortUndo joined_;  // the port and its bridge
  Actual now_;
  bool moved_ = false;
};

}  // namespace

Outcome attach(Env& env, const VifEvent& event) {
  return Attach(env, event, nullptr).run();
}

Outcome attach(Env& env, const VifEvent& event, const Move& move, PortUndo& back) {
  Attach one(env, event, &move);
  Outcome outcome = one.run();
  back = one.rollback();
  return outcome;
}

}  // namespace vifchain::inline flow::inline vif
