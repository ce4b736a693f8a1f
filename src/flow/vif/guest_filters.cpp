// SPDX-License-Identifier: Apache-2.0
#include "flow/vif/guest_filters.hpp"

#include "core/plan/impact.hpp"
#include "edge/base/error.hpp"
#include "edge/parse/toml.hpp"

namespace vifchain::inline flow::inline vif {
namespace {

// Those that are to have none are among them: what was written down of such a port counts no more.
PortFilters filters_by(const Topology& topology, const GuestSources& sources, const Actual& now) {
  PortFilters filters;
  for (const auto& [port, link] : now)
    if (is_guest_port(link) &&
        policy_on(topology, *link.controller).antispoof.value_or(Antispoof::off) == Antispoof::off)
      filters.emplace(port, PortFilter{});
  for (const auto& [port, want] : desired_guests(sources, topology, now).ports)
    if (want->filter) filters.insert_or_assign(port, *want->filter);
  return filters;
}

// Some may have moved while the store was asked: whoever did it sees to their filters.
PortFilters of_those_that_stayed(Kernel& kernel, PortFilters filters, const Actual& before) {
  std::vector<Ask> asked;
  for (const auto& [port, filter] : filters) asked.push_back({.name = port});
  const Actual now = kernel.snapshot(asked);
  std::erase_if(filters, [&](const auto& entry) {
    const auto link = now.find(entry.first);
    return link == now.end() || link->second.controller != before.at(entry.first).controller;
  });
  return filters;
}

}  // namespace

PortFilters wanted_filters(const GuestSources& sources, const std::string& config, Kernel& kernel,
                           Log& log) {
  try {
    const auto topology = load_topology(config);
    const auto* read = std::get_if<Topology>(&topology);
    if (read == nullptr) return {};
    const Actual now = kernel.everything();
    return of_those_that_stayed(kernel, filters_by(*read, sources, now), now);
  } catch (const Error& error) {
    log.warning(std::string("not all filters that guests need are known, keeping the ") +
                "recorded ones: " + error.what());
    return {};
  }
}

void behind_filter(Filter& filter, const std::string& owner, const LinkName& from,
                   const LinkName& to, const std::function<void()>& rename) {
  if (!filter.present(owner)) return rename();
  const auto table = filter.read();
  const auto found = table ? table->ports.find(from) : decltype(table->ports.end()){};
  if (!table || found == table->ports.end()) return rename();
  auto same = found->second;
  same.spoilt = false;
  filter.put(to, same);
  try {
    rename();
  } catch (...) {
    filter.put(to, {.owner = same.owner});
    throw;
  }
  filter.put(from, {.owner = same.owner});
}

}  // namespace vifchain::inline flow::inline vif
