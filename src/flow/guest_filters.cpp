#include "flow/guest_filters.hpp"

#include "edge/config.hpp"
#include "edge/error.hpp"
#include "flow/guest_wishes.hpp"

namespace vifchain {
namespace {

std::map<LinkName, PortFilter> wanted_filters(Site& site) {
  std::map<LinkName, PortFilter> filters;
  auto topology = load_topology(site.places.config);
  const auto* read = std::get_if<Topology>(&topology);
  if (read == nullptr) return filters;
  for (const auto& [port, want] :
       guest_wishes({site.store, site.names, site.places.sysfs}, *read, site.kernel.everything())
           .ports)
    if (want->filter && want->filter->mode != Antispoof::off) filters.emplace(port, *want->filter);
  return filters;
}

// Some may have moved while the store was asked: whoever did it saw to their filters.
std::map<LinkName, PortFilter> of_those_that_stayed(Site& site,
                                                    std::map<LinkName, PortFilter> filters) {
  std::vector<Ask> asked;
  for (const auto& [port, filter] : filters) asked.push_back({.name = port});
  const Actual now = site.kernel.snapshot(asked);
  std::erase_if(filters, [&](const auto& entry) {
    const auto link = now.find(entry.first);
    return link == now.end() || link->second.controller != entry.second.bridge;
  });
  return filters;
}

}  // namespace

// A file that is not there has no filters: what the kernel and the records say is all.
void make_filters_anew(Site& site) {
  std::map<LinkName, PortFilter> filters;
  try {
    filters = wanted_filters(site);
  } catch (const Error& error) {
    site.log.warning(std::string("which filters the guests of this host want is not all known, ") +
                     "those that were written down stay: " + error.what());
  }
  site.filter.make_anew(of_those_that_stayed(site, std::move(filters)));
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

}  // namespace vifchain
