// SPDX-License-Identifier: Apache-2.0
// `vlan=`, by the grammar of xl-network-configuration(5)
#include "core/vif/vlan_grammar.hpp"

#include <map>

#include "core/text/cursor.hpp"

namespace vifchain::inline core::inline vif {
namespace {

// Of a stride: from one VLAN id to another there are 4093 steps at most.
constexpr NumberForm offset_form{"an OFFSET", 1, 4093};
constexpr NumberForm count_form{"a COUNT", 1, 4093};

// The VLANs first, first + step, ... last.
struct Term {
  std::size_t column = 1;
  std::string_view text = {};
  unsigned first = 0, last = 0, step = 1;
  unsigned count = 0;  // as written; 0: no stride
  bool pvid = false, untagged = false;
};

void read_range_end(SpecReader& spec, Term& term) {
  term.last = spec.number(vlan_id_form);
  if (term.last >= term.first) return;
  const auto first = std::to_string(term.first), last = std::to_string(term.last);
  throw BadSpec{term.column,
                "range " + first + "-" + last + " runs backwards; expected " + last + "-" + first};
}

void read_stride(SpecReader& spec, Term& term) {
  term.step = spec.number(offset_form);
  if (!spec.take('x')) spec.refuse("'x' and a COUNT, as in 100+10x4,");
  term.count = spec.number(count_form);
  term.last = term.first + term.step * term.count;
  if (term.last <= vlan_id_form.max) return;
  throw BadSpec{term.column, std::string(spec.since(term.column)) + " ends at VLAN " +
                                 std::to_string(term.last) + "; the last is 4094"};
}

// After the numbers of a term. A range is never the PVID: a port has one.
void read_suffix(SpecReader& spec, Term& term, bool single) {
  if (!single && spec.at('p')) spec.refuse("'u', '/' or the end (p is for one single VLAN)");
  term.pvid = spec.take('p');
  term.untagged = term.pvid || spec.take('u');
  if (spec.at_end() || spec.at('/')) return;
  if (term.untagged) spec.refuse("'/' or the end");
  spec.refuse(single ? "'p', 'u', '-', '+', '/' or the end" : "'u', '/' or the end");
}

Term read_term(SpecReader& spec) {
  Term term{.column = spec.column()};
  term.first = term.last = spec.number(vlan_id_form);
  bool single = false;
  if (spec.take('-'))
    read_range_end(spec, term);
  else if (spec.take('+'))
    read_stride(spec, term);
  else
    single = true;
  read_suffix(spec, term, single);
  term.text = spec.since(term.column);
  return term;
}

std::vector<Term> read_terms(std::string_view text) {
  SpecReader spec(text);
  std::vector<Term> terms{read_term(spec)};
  while (spec.take('/')) terms.push_back(read_term(spec));
  return terms;
}

using Vlans = std::map<VlanId, PortVlan>;

void check_one_pvid(const std::vector<Term>& terms) {
  const Term* pvid = nullptr;
  for (const auto& term : terms) {
    if (!term.pvid) continue;
    if (pvid != nullptr)
      throw BadSpec{term.column,
                    std::string(term.text) + " is a second PVID after " + std::string(pvid->text)};
    pvid = &term;
  }
}

void add(const Term& term, Vlans& vlans) {
  for (unsigned number = term.first; number <= term.last; number += term.step) {
    const auto id = *VlanId::from(number);
    if (!vlans.emplace(id, PortVlan{id, term.pvid, term.untagged}).second)
      throw BadSpec{term.column,
                    std::string(term.text) + " names VLAN " + std::to_string(number) + " again"};
  }
}

// What untagged frames belong to must be said, unless there is nothing to choose from.
void check_has_pvid(const std::vector<Term>& terms, Vlans& vlans) {
  for (const auto& term : terms)
    if (term.pvid) return;
  if (vlans.size() > 1)
    throw BadSpec{1, "no PVID among its " + std::to_string(vlans.size()) +
                         " VLANs; mark one with p, for example 10p/20"};
  auto& only = vlans.begin()->second;
  only.pvid = only.untagged = true;
}

std::string two_readings_of(const Term& term) {
  return std::string(term.text) + " is read as VLAN " + std::to_string(term.first) + " and " +
         std::to_string(term.count) + " more, up to " + std::to_string(term.last) +
         "; other programs count one more or less";
}

VlanSpec put_together(const std::vector<Term>& terms) {
  check_one_pvid(terms);
  Vlans vlans;
  VlanSpec spec;
  for (const auto& term : terms) {
    add(term, vlans);
    if (term.count != 0) spec.warnings.push_back(two_readings_of(term));
  }
  check_has_pvid(terms, vlans);
  for (const auto& [id, vlan] : vlans) spec.vlans.push_back(vlan);
  return spec;
}

}  // namespace

std::variant<VlanSpec, BadSpec> read_vlan_spec(std::string_view text) {
  return read_or_refuse([&] { return put_together(read_terms(text)); });
}

}  // namespace vifchain::inline core::inline vif
