// SPDX-License-Identifier: Apache-2.0
#include "core/config/read.hpp"

#include <algorithm>

#include "core/config/assemble.hpp"
#include "core/config/read_tables.hpp"

namespace vifchain::inline core::inline config {
namespace {

void put_in_order(Diagnostics& wrong) {
  std::stable_sort(wrong.begin(), wrong.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return a.place < b.place; });
  wrong.erase(std::unique(wrong.begin(), wrong.end()), wrong.end());
}

}  // namespace

std::variant<Topology, Diagnostics> read_topology(const Table& document) {
  Diagnostics wrong;
  if (const auto too_much = why_too_much(document)) return Diagnostics{*too_much};
  const Draft draft = read_tables(document, wrong);
  if (has_too_many_vlans(draft, wrong)) return wrong;
  const bool complete = wrong.empty();
  Assembly assembly = assemble(draft, wrong);
  give_port_options(draft, complete && wrong.empty(), assembly, wrong);
  check_links(assembly, wrong);
  check_templates(assembly, wrong);
  check_hosting(draft, assembly, wrong);
  check_default_bridge(draft, assembly, wrong);
  if (check_stacking(assembly, wrong)) solve_mtus(draft, assembly, wrong);
  assembly.topology.accepted = draft.accepted;
  if (wrong.empty()) return std::move(assembly.topology);
  put_in_order(wrong);
  return wrong;
}

}  // namespace vifchain::inline core::inline config
