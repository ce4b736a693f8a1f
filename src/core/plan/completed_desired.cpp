// SPDX-License-Identifier: Apache-2.0
#include "core/plan/completed_desired.hpp"

#include "core/model/links.hpp"
#include "core/plan/compare.hpp"

namespace vifchain::inline core::inline plan {
namespace {

// A bridge of somebody else's takes addresses and advertisements as they have it, or as the file
// says in so many words.
void leave_alone_what_others_have_on_it(Link& bridge) {
  bridge.apart.reset();
  if (bridge.ra == false) bridge.ra.reset();
  if (bridge.addr_gen == AddrGen::none) bridge.addr_gen.reset();
}

// Links that vifchain did not make are used as they are; obstacles() has seen that they fit.
void forget_options(Link& foreign) {
  if (is<Bridge>(foreign)) leave_alone_what_others_have_on_it(foreign);
  foreign.kind = Given{};
}

template <class T>
void fill_in(std::optional<T>& wanted, const std::optional<T>& had) {
  if (!wanted) wanted = had;
}

// A VLAN link that is made anew, perhaps only because what it is stacked on is.
void want_as_it_was(Link& want, const Link& have) {
  if (want.kind.index() != have.kind.index()) return;
  for (const auto& [option, value] : options_of(have)) options_of(want).emplace(option, value);
  fill_in(want.up, have.up);
  fill_in(want.addr_gen, have.addr_gen);
  fill_in(want.ra, have.ra);
  fill_in(want.apart, have.apart);
  fill_in(want.addresses, have.addresses);
  fill_in(want.routes, have.routes);
}

}  // namespace

Actual completed_desired(const Desired& desired, const Actual& before,
                         const std::set<LinkName>& going) {
  // A bond raises the port that joins and sets down the one that leaves.
  const auto is_of_bond = [&](const std::optional<LinkName>& name) {
    return name && (is<Bond>(link_in(desired, *name)) || is_bond(before, *name));
  };
  // A link keeps the controller it has where the desired state says so, and its state where the
  // desired state says nothing: it may have to leave and come back, or go down and up, on the way.
  const auto stay = [&](Link& want, const Link& have) {
    if (want.keep_controller && have.controller && !going.contains(*have.controller)) {
      want.controller = have.controller;
      want.keep_controller = false;
    }
    const bool moves = !want.keep_controller && want.controller != have.controller;
    if (!moves || !(is_of_bond(want.controller) || is_of_bond(have.controller)))
      fill_in(want.up, have.up);
  };
  Actual wanted;
  for (const auto& [name, desired_link] : desired) {
    if (!desired_link) continue;
    Link& want = wanted.emplace(name, *desired_link).first->second;
    const Link* have = link_in(before, name);
    if (have == nullptr) continue;
    if (!have->ours) forget_options(want);
    if (going.contains(name))
      want_as_it_was(want, *have);
    else
      stay(want, *have);
  }
  return wanted;
}

}  // namespace vifchain::inline core::inline plan
