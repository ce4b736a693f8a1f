// SPDX-License-Identifier: Apache-2.0
#include "core/plan/completed_desired.hpp"

#include "core/plan/compare.hpp"

namespace vifchain::inline core::inline plan {
namespace {

class Completion {
 public:
  Completion(const Desired& desired, const Actual& before, const std::set<LinkName>& going)
      : desired_(desired), before_(before), going_(going) {}

  Actual run() const {
    Actual wanted;
    for (const auto& [name, want] : desired_)
      if (want) wanted.emplace(name, as_it_was_where_unnamed(without_foreign_options(*want)));
    return wanted;
  }

 private:
  // Links that vifchain did not make are used as they are; obstacles() has seen that they fit.
  [[nodiscard]] Link without_foreign_options(Link want) const {
    const auto have = before_.find(want.name);
    if (have == before_.end() || have->second.ours) return want;
    if (std::holds_alternative<Bridge>(want.kind)) leave_alone_what_others_have_on_it(want);
    want.kind = Given{};
    return want;
  }

  // A link keeps the controller it has where the desired state says so, and its state where the
  // desired state says nothing: it may have to leave and come back, or go down and up, on the way.
  [[nodiscard]] Link as_it_was_where_unnamed(Link want) const {
    const auto have = before_.find(want.name);
    if (have == before_.end()) return want;
    if (going_.contains(want.name)) return remade_as_it_was(std::move(want), have->second);
    const auto& controller = have->second.controller;
    if (want.keep_controller && controller && !going_.contains(*controller)) {
      want.controller = controller;
      want.keep_controller = false;
    }
    const bool moves = !want.keep_controller && want.controller != controller;
    if (!want.up && !(moves && (is_bond(want.controller) || is_bond(controller))))
      want.up = have->second.up;
    return want;
  }

  // A bond raises the port that joins and sets down the one that leaves.
  [[nodiscard]] bool is_bond(const std::optional<LinkName>& name) const {
    if (!name) return false;
    const auto want = desired_.find(*name);
    const bool wanted =
        want != desired_.end() && want->second && std::holds_alternative<Bond>(want->second->kind);
    return wanted || vifchain::is_bond(before_, *name);
  }

  // A bridge of somebody else's takes addresses and advertisements as they have it, or as the file
  // says in so many words.
  static void leave_alone_what_others_have_on_it(Link& bridge) {
    bridge.apart.reset();
    if (bridge.ra == false) bridge.ra.reset();
    if (bridge.addr_gen == AddrGen::none) bridge.addr_gen.reset();
  }

  // A VLAN link that is made anew, perhaps only because what it is stacked on is.
  static Link remade_as_it_was(Link want, const Link& have) {
    if (want.kind.index() != have.kind.index()) return want;
    for (const auto& [option, value] : options_of(have)) options_of(want).emplace(option, value);
    if (!want.up) want.up = have.up;
    if (!want.addr_gen) want.addr_gen = have.addr_gen;
    if (!want.ra) want.ra = have.ra;
    if (!want.apart) want.apart = have.apart;
    if (!want.addresses) want.addresses = have.addresses;
    if (!want.routes) want.routes = have.routes;
    return want;
  }

  const Desired& desired_;
  const Actual& before_;
  const std::set<LinkName>& going_;
};

}  // namespace

Actual completed_desired(const Desired& desired, const Actual& before,
                         const std::set<LinkName>& going) {
  return Completion(desired, before, going).run();
}

}  // namespace vifchain::inline core::inline plan
