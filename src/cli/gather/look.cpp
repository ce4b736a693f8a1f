// SPDX-License-Identifier: Apache-2.0
#include "cli/gather/look.hpp"

#include <algorithm>
#include <chrono>
#include <system_error>

#include "core/text/list.hpp"
#include "core/text/nearest.hpp"
#include "core/view/differences.hpp"
#include "edge/base/error.hpp"
#include "edge/dhcp/dhcp_clients.hpp"
#include "edge/filter/filter.hpp"
#include "edge/kernel/kernel.hpp"
#include "edge/kernel/link_states.hpp"
#include "edge/parse/toml.hpp"
#include "edge/process/deadline.hpp"
#include "edge/store/guest_vifs.hpp"
#include "flow/run/converge.hpp"
#include "flow/vif/desired_guests.hpp"

namespace vifchain::inline cli {
namespace {

constexpr std::chrono::seconds time_to_answer{30};

std::optional<Topology> read_file(const std::string& path, std::vector<std::string>& mistakes) {
  try {
    auto topology = load_topology(path);
    if (auto* read = std::get_if<Topology>(&topology)) return std::move(*read);
    for (const auto& mistake : std::get<Diagnostics>(topology))
      mistakes.push_back(show(mistake, path));
  } catch (const Error& error) {
    if (error.code() != std::errc::no_such_file_or_directory) mistakes.emplace_back(error.what());
  }
  return std::nullopt;
}

// What is wanted of guests' ports is known where the file is right and xenstore answers.
void read_guests(Sight& sight, std::string& why_not) {
  try {
    const auto store = open_store();
    sight.vifs = read_guest_vifs(*store);
    if (!sight.topology) return;
    const std::string sysfs = "/sys";
    const auto names = open_link_names();
    DesiredGuests guests = desired_guests({*store, *names, sysfs}, *sight.topology, sight.links);
    sight.ports = std::move(guests.ports);
    sight.odd_ports = std::move(guests.odd);
  } catch (const Error& error) {
    why_not = error.what();
  }
}

// Only root may ask.
void read_filters(Sight& sight, Kernel& kernel, Filter& filter, Looked& looked) {
  kernel.read_filters(sight.links);
  const auto table = filter.read();
  looked.knows_filters = table.has_value();
  if (table) sight.left_over = table->left_over(sight.links);
}

LinkName shown_bridge(const std::vector<std::string>& shown, const std::string& text) {
  if (std::ranges::find(shown, text) != shown.end()) return LinkName::parse(text).value();
  const std::string near = nearest(text, {shown.begin(), shown.end()});
  const std::string there =
      shown.empty() ? "there is none on this host" : "the bridges are " + listed(shown);
  throw Refusal("unknown bridge \"" + text + "\" (" + there + ")" +
                (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
}

}  // namespace

Looked look(const Common& common, bool counters) {
  Deadline deadline(time_to_answer, {.line = "vifchain: error: hung, aborted\n"});
  const Patience patience{.on_interrupt = [&] { deadline.check(); }};
  Looked looked;
  Sight sight{.topology = read_file(common.config, looked.mistakes), .config = common.config};
  looked.has_file = sight.topology.has_value();
  const auto filter = open_filter(filter_folder, patience.on_interrupt);
  const auto kernel = open_kernel(patience, filter.get());
  sight.links = kernel->everything();
  if (sight.topology)
    kernel->read_routes(sight.links, links_with_routes(*sight.topology, sight.links));
  looked.window = window_now(*kernel, {.config = common.config});
  sight.states = read_link_states(counters, patience);
  read_filters(sight, *kernel, *filter, looked);
  read_guests(sight, looked.no_guests);
  sight.clients = open_dhcp_clients(deadline)->running();
  deadline.check();
  looked.view = make_view(sight);
  return looked;
}

View chosen(const View& view, const std::vector<std::string>& bridges) {
  if (bridges.empty()) return view;
  const auto shown = bridges_of(view);
  std::vector<LinkName> names;
  for (const auto& text : bridges) names.push_back(shown_bridge(shown, text));
  return narrowed(view, names);
}

std::vector<std::string> notes_on(const Looked& looked, const Common& common) {
  std::vector<std::string> notes;
  if (!looked.has_file)
    notes.push_back(
        (looked.mistakes.empty() ? "no " + common.config : common.config + " has errors") +
        ": showing the kernel's bridges");
  if (!looked.no_guests.empty())
    notes.push_back("xenstore unavailable (" + looked.no_guests +
                    "); guest names and states not shown");
  if (!looked.knows_filters && !looked.view.guests.empty())
    notes.emplace_back("antispoof filters not shown: only root may read nftables");
  if (!looked.daemon.unknown.empty())
    notes.push_back("state of vifchaind not shown: " + looked.daemon.unknown);
  return notes;
}

}  // namespace vifchain::inline cli
