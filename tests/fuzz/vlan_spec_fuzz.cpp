// SPDX-License-Identifier: Apache-2.0
// libFuzzer: whatever vlan= is, it is answered with VLANs that a port can have, or with what is
// wrong.
#include <algorithm>
#include <cstdio>
#include <string>

#include "core/vif/vlan_grammar.hpp"
#include "require.hpp"

namespace {

using namespace vifchain;

// The same VLANs, one by one.
std::string written_out(const std::vector<PortVlan>& vlans) {
  std::string text;
  for (const auto& vlan : vlans)
    text += (text.empty() ? "" : "/") + std::to_string(vlan.id.number()) +
            (vlan.pvid       ? "p"
             : vlan.untagged ? "u"
                             : "");
  return text;
}

void require_right(const VlanSpec& spec, std::string_view text) {
  require(!spec.vlans.empty(), "a right text has VLANs");
  unsigned pvids = 0;
  for (std::size_t i = 0; i < spec.vlans.size(); ++i) {
    const auto& vlan = spec.vlans[i];
    require(i == 0 || spec.vlans[i - 1].id < vlan.id, "VLANs are in order, none twice");
    require(!vlan.pvid || vlan.untagged, "the PVID is untagged");
    pvids += vlan.pvid ? 1 : 0;
  }
  require(pvids == 1, "one VLAN is the PVID");
  const auto strides = std::count(text.begin(), text.end(), '+');
  require(spec.warnings.size() == static_cast<std::size_t>(strides), "strides have a warning each");
  for (const auto& warning : spec.warnings) require_sayable(warning);
}

bool has(const VlanSpec& spec, unsigned id) {
  return std::any_of(spec.vlans.begin(), spec.vlans.end(),
                     [&](const PortVlan& vlan) { return vlan.id.number() == id; });
}

// Its number of VLANs, read in the simplest way; both ends must be among those of `spec`.
std::size_t size_of_term(const VlanSpec& spec, const std::string& term) {
  unsigned first = 0, last = 0, step = 1, count = 0;
  if (std::sscanf(term.c_str(), "%u+%ux%u", &first, &step, &count) == 3)
    last = first + step * count;
  else if (std::sscanf(term.c_str(), "%u-%u", &first, &last) != 2)
    last = first;
  require(has(spec, first) && has(spec, last), "both ends of a term are VLANs of the port");
  return (last - first) / step + 1;
}

void require_what_the_terms_say(const VlanSpec& spec, std::string_view text) {
  std::size_t size = 0;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find('/', begin), text.size());
    size += size_of_term(spec, std::string(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  require(size == spec.vlans.size(), "the terms name every VLAN once");
  require(size == 1 || text.find('p') != text.npos, "among several VLANs the PVID is marked");
}

void require_same_when_written_out(const VlanSpec& spec) {
  const auto again = read_vlan_spec(written_out(spec.vlans));
  const auto* same = std::get_if<VlanSpec>(&again);
  require(same != nullptr && same->vlans == spec.vlans, "written out, it is the same");
  require(same->warnings.empty(), "written out, it has one reading");
}

void require_wrong_with_a_slash_behind(std::string_view text) {
  const auto longer = read_vlan_spec(std::string(text) + "/");
  const auto* bad = std::get_if<BadSpec>(&longer);
  require(bad != nullptr && bad->column == text.size() + 2, "after a slash there is a term");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = read_vlan_spec(text);
  if (const auto* bad = std::get_if<BadSpec>(&read)) {
    require_placed(*bad, text);
    return 0;
  }
  const auto& spec = std::get<VlanSpec>(read);
  require_right(spec, text);
  require_what_the_terms_say(spec, text);
  require_same_when_written_out(spec);
  require_wrong_with_a_slash_behind(text);
  return 0;
}
