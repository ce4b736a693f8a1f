// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/perform.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "core/plan/send_order.hpp"
#include "edge/base/error.hpp"
#include "edge/filter/filter.hpp"
#include "edge/kernel/apart.hpp"
#include "edge/kernel/explain.hpp"
#include "edge/kernel/ipv6_settings.hpp"
#include "edge/kernel/routes.hpp"
#include "edge/kernel/shaper.hpp"

namespace vifchain::inline edge::inline kernel {
namespace {

// A refusal becomes known when the whole send was worked off, so a send is not too long.
constexpr std::size_t most_requests_at_once = 64;

// Fewer are deleted one by one: a sweep looks at every link first.
constexpr std::ptrdiff_t enough_to_sweep = 8;

std::string in_words(const Step& step) {
  return step.because.empty() ? describe(step.op) : describe(step.op) + " (" + step.because + ")";
}

std::string joined(const std::string& words, const std::string& explanation) {
  return words.empty() || explanation.empty() ? words + explanation : words + "; " + explanation;
}

// Deleting an address takes others of its subnet along (__inet_del_ifa in net/ipv4/devinet.c); one
// that went so is gone as wanted. Adding an address never fails like this.
// The same holds for an entry that went with one for all VLANs (br_fdb_delete), and for a route
// that went with its address.
bool is_done(const Op& op, const Answer& answer) {
  if (answer.error == ENOENT && std::holds_alternative<SetFdb>(op)) return true;
  if (answer.error == EEXIST && std::holds_alternative<SetApart>(op)) return true;
  // A link without IPv6 makes no addresses either.
  if (const auto* gen = std::get_if<SetAddrGen>(&op);
      gen != nullptr && gen->mode == AddrGen::none && answer.error == EAFNOSUPPORT)
    return true;
  if (answer.error == ESRCH && std::holds_alternative<SetRoutes>(op)) return true;
  if (answer.error == EADDRNOTAVAIL &&
      (std::holds_alternative<SetAddresses>(op) || std::holds_alternative<SetAddrGen>(op)))
    return true;
  return answer.error == 0;
}

// To close a bridge to its host takes drivers that a kernel may lack, and then nothing else is
// wrong: no place for filters, none in it, or no such thing at all.
bool says_no_such_driver(const Op& op, const Answer& answer) {
  return std::holds_alternative<SetApart>(op) &&
         (answer.error == ENOENT || answer.error == EINVAL || answer.error == EOPNOTSUPP);
}

const SetOptions* writes_priorities(const Op& op) {
  const auto* change = std::get_if<SetOptions>(&op);
  if (change == nullptr) return nullptr;
  const bool writes = change->options.contains(Option::vlan_ingress_qos_map) ||
                      change->options.contains(Option::vlan_egress_qos_map);
  return writes ? change : nullptr;
}

void zero_what_goes(Options& options, const Options& now) {
  for (auto& [option, value] : options) {
    auto* map = std::get_if<QosMap>(&value);
    const auto there = now.find(option);
    if (map == nullptr || there == now.end()) continue;
    for (const auto& [from, to] : std::get<QosMap>(there->second)) map->try_emplace(from, 0);
  }
}

std::vector<Ask> questions_for(const std::set<LinkName>& names) {
  std::vector<Ask> questions;
  questions.reserve(names.size());
  for (const auto& name : names) questions.push_back({name});
  return questions;
}

}  // namespace

void Performer::perform(const std::vector<Step>& plan) {
  const auto steps = in_send_order(plan);
  look_up_targets(steps);
  const auto deletes = [](const Step& step) { return std::holds_alternative<Delete>(step.op); };
  for (auto step = steps.begin(); step != steps.end();) {
    const auto end = std::find_if_not(step, steps.end(), deletes);
    if (end - step >= enough_to_sweep && sweep({step, end})) {
      step = end;
      continue;
    }
    do {
      add(*step++);
    } while (step < end);
  }
  flush();
}

// The kernel deletes a group at once, and waits for its grace periods once and not for each link
// (rtnl_group_dellink). Whoever was put into the group of those that leave and is not to go, by a
// run that died, is taken out first; where somebody else's link is in it, none is deleted by it.
// False: nothing was deleted, and single deletions do it, or say why not.
bool Performer::sweep(std::span<const Step> deletions) {
  flush();
  std::set<LinkName> going;
  std::vector<Message> moves;
  for (const auto& step : deletions) {
    const auto& name = target_of(step.op);
    if (!reader_.seats.contains(name)) return false;
    going.insert(name);
    moves.push_back(set_leaving(index_of(name)));
  }
  const auto all = rtnl_.exchange(ask_all_links());
  if (all.error != 0 || all.interrupted) return false;
  for (const auto* message : messages_of(all)) {
    const auto link = identity_of(*message);
    if (link.group != leaving_group || going.contains(link.name)) continue;
    if (!link.leaves) return false;
    moves.push_back(set_staying(link.index));
  }
  const auto failed = [](const Answer& answer) { return answer.error != 0; };
  if (std::ranges::any_of(rtnl_.exchange(moves), failed)) return false;
  if (failed(rtnl_.exchange(delete_group(leaving_group)))) return false;
  for (const auto& step : deletions) foresee(step.op);
  return true;
}

void Performer::look_up_targets(const std::vector<Step>& steps) {
  std::set<LinkName> made, unknown;
  for (const Step& step : steps) {
    if (std::holds_alternative<SetFilter>(step.op)) continue;  // known by its name alone
    for (const auto& name : links_addressed_by(step.op))
      if (!made.contains(name) && !reader_.seats.contains(name)) unknown.insert(name);
    if (const auto* create = std::get_if<Create>(&step.op)) made.insert(create->link.name);
  }
  if (!unknown.empty()) reader_.snapshot(questions_for(unknown));
}

void Performer::add(const Step& step) {
  if (const auto* filter = std::get_if<SetFilter>(&step.op)) return write_filter(step, *filter);
  wait_for_indices(step);
  refuse_to_steal(step);
  if (const auto* rate = std::get_if<SetRate>(&step.op)) return write_rate(step, *rate);
  if (const auto* rules = std::get_if<SetSlb>(&step.op)) return write_rules(step, *rules);
  if (const auto* apart = std::get_if<SetApart>(&step.op); apart != nullptr && !apart->apart)
    return open_bridge(step, *apart);
  if (std::holds_alternative<SetRa>(step.op)) settings_.push_back(&step);
  if (const auto* gen = std::get_if<SetAddrGen>(&step.op); gen != nullptr && gen->secret)
    settle_now(step, [&] { write_secret({gen->name, index_of(gen->name)}, *gen->secret); });
  if (const auto* change = writes_priorities(step.op))
    append(step, with_zeroed_priorities(*change));
  else
    append(step, step.op);
  if (const auto* routes = std::get_if<SetRoutes>(&step.op)) put_interims(step, *routes);
  foresee(step.op);
}

// What goes by another door than rtnetlink, once all before it is done. A failure is one of the
// step.
template <typename Work>
void Performer::settle_now(const Step& step, const Work& work) {
  flush();
  try {
    work();
  } catch (const Error& error) {
    fail(step, error.code().value(), error.what());
  }
}

void Performer::open_bridge(const Step& step, const SetApart& op) {
  settle_now(step, [&] { open_to_host(rtnl_, index_of(op.name)); });
}

// Where such a socket may not be had, rtnetlink's route ends by itself at least.
void Performer::put_interims(const Step& step, const SetRoutes& op) {
  for (const auto& route : op.add) {
    if (!is_interim(route)) continue;
    settle_now(step, [&] {
      if (put_interim({op.name, index_of(op.name)}, route)) return;
      const Answer answer = rtnl_.exchange(put_route(index_of(op.name), route));
      if (answer.error != 0) throw Error(answer.error, describe(op), answer.words);
    });
  }
}

// They have waited so that a send is not cut short for each.
void Performer::write_settings() {
  for (const Step* step : std::exchange(settings_, {})) {
    const auto& op = std::get<SetRa>(step->op);
    try {
      take_advertisements({op.name, index_of(op.name)}, op.on);
    } catch (const Error& error) {
      fail(*step, error.code().value(), error.what());
    }
  }
}

// Splits the send only where an index is needed that the kernel has yet to give.
void Performer::wait_for_indices(const Step& step) {
  const auto names = links_addressed_by(step.op);
  const auto is_made = [this](const LinkName& name) { return made_.contains(name); };
  if (requests_.size() >= most_requests_at_once || std::ranges::any_of(names, is_made)) flush();
  for (const auto& name : names) {
    if (reader_.seats.contains(name)) continue;
    flush();
    fail(step, ENODEV, {});
  }
}

// The kernel takes a port away from its controller without a word (do_set_master).
void Performer::refuse_to_steal(const Step& step) {
  const auto* join = std::get_if<Join>(&step.op);
  if (join == nullptr) return;
  const unsigned controller = reader_.seats.at(join->port).controller;
  if (controller == 0 || controller == index_of(join->controller)) return;
  flush();
  fail(step, EBUSY, {});
}

// The steps before it are done by then, and those after it come after it.
void Performer::write_rules(const Step& step, const SetSlb& op) {
  flush();
  try {
    slb_.write(op.name, op.ports, in_words(step));
  } catch (const Error&) {
    reader_.seats.clear();  // as after every step that failed
    throw;
  }
}

// The steps before it are done by then: a port that could not leave its bridge keeps its filter.
void Performer::write_filter(const Step& step, const SetFilter& op) {
  flush();
  try {
    if (filter_ == nullptr) throw Error(EOPNOTSUPP, in_words(step));
    filter_->put(op.name, op.filter);
  } catch (const Error& error) {
    reader_.seats.clear();  // as after every step that failed
    throw Error(error.code().value(), in_words(step), error.what());
  }
}

// How much may wait depends on the MTU that the link has by now.
void Performer::write_rate(const Step& step, const SetRate& op) {
  flush();
  const unsigned index = index_of(op.name);
  if (op.rate == 0) {
    const Answer answer = rtnl_.exchange(lift_limit(index));
    if (answer.error != 0 && !had_no_limit(answer)) fail(step, answer.error, answer.words);
    return;
  }
  if (op.rate < 8) fail(step, EINVAL, "less than a byte per second");
  Answer answer = rtnl_.exchange(ask_link(index));
  if (answer.error == 0) answer = rtnl_.exchange(limit_rate(*messages_of(answer).at(0), op.rate));
  if (answer.error != 0) fail(step, answer.error, answer.words);
}

unsigned Performer::index_of(const LinkName& name) const {
  return reader_.seats.at(name).index;
}

void Performer::append(const Step& step, const Op& op) {
  auto messages = requests_for(op, [this](const LinkName& name) { return index_of(name); });
  for (auto& message : messages) {
    requests_.push_back(std::move(message));
    steps_.push_back(&step);
  }
  const auto* create = std::get_if<Create>(&op);
  if (create == nullptr) return;
  requests_.push_back(ask_link(create->link.name));
  steps_.push_back(nullptr);
}

// A map is merged into the one that is there (vlan_changelink in net/8021q/vlan_netlink.c): what is
// to go away has to be written as 0.
Op Performer::with_zeroed_priorities(SetOptions op) {
  flush();
  const Seat seat = reader_.seats.at(op.name);
  const auto now = reader_.snapshot({{op.name}});
  reader_.seats.insert_or_assign(op.name, seat);  // whoever has the name now
  if (const auto link = now.find(op.name); link != now.end())
    zero_what_goes(op.options, options_of(link->second));
  return op;
}

// Where links are once the step is done. A failure makes it void, see fail().
void Performer::foresee(const Op& op) {
  auto& seats = reader_.seats;
  if (const auto* create = std::get_if<Create>(&op)) {
    seats.erase(create->link.name);
    made_.insert(create->link.name);
  }
  if (const auto* join = std::get_if<Join>(&op))
    seats.at(join->port).controller = index_of(join->controller);
  if (const auto* leave = std::get_if<Leave>(&op)) seats.at(leave->port).controller = 0;
  if (const auto* gone = std::get_if<Delete>(&op)) {
    const unsigned index = index_of(gone->name);
    seats.erase(gone->name);
    for (auto& [name, seat] : seats)
      if (seat.controller == index) seat.controller = 0;
  }
}

void Performer::flush() {
  const auto requests = std::exchange(requests_, {});
  const auto steps = std::exchange(steps_, {});
  made_.clear();
  const auto answers = requests.empty() ? std::vector<Answer>{} : rtnl_.exchange(requests);
  for (std::size_t i = 0; i < answers.size(); ++i) take(steps[i], answers[i]);
  write_settings();
}

void Performer::take(const Step* step, const Answer& answer) {
  if (step != nullptr) {
    if (says_no_such_driver(step->op, answer)) return reader_.note_cannot_close();
    if (!is_done(step->op, answer)) fail(*step, answer.error, answer.words);
    return;
  }
  if (answer.error != 0) return;  // somebody deleted it at once: steps that need it will say so
  const auto identity = identity_of(*messages_of(answer).at(0));
  reader_.seats.insert_or_assign(identity.name, Seat{identity.index, identity.controller});
  reader_.indices.insert_or_assign(identity.name, identity.index);
}

void Performer::fail(const Step& step, int error_number, const std::string& their_words) {
  reader_.seats.clear();
  const auto indices = reader_.indices;  // what others called like our links are is no news of them
  const auto now = look_around(step.op, error_number);
  reader_.indices = indices;
  const auto why = now ? explain_refusal(step.op, error_number, *now) : std::string{};
  throw Error(error_number, in_words(step), joined(their_words, why));
}

// Reads what explains the refusal; nothing when even that fails.
std::optional<Actual> Performer::look_around(const Op& op, int error_number) try {
  if (takes_every_link_to_explain(op, error_number)) return reader_.everything();
  const auto addressed = links_addressed_by(op);
  std::set<LinkName> names(addressed.begin(), addressed.end());
  names.insert(target_of(op));
  for (const auto& [name, link] : reader_.snapshot(questions_for(names)))
    if (const auto* parent = parent_of(link)) names.insert(*parent);
  return reader_.snapshot(questions_for(names));
} catch (const Error&) {
  return {};
}

}  // namespace vifchain::inline edge::inline kernel
