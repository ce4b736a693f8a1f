#include "cli/look.hpp"

#include <algorithm>
#include <chrono>
#include <system_error>

#include "core/file/nearest.hpp"
#include "core/view/differences.hpp"
#include "core/words.hpp"
#include "edge/config.hpp"
#include "edge/dhcp/dhcp_clients.hpp"
#include "edge/error.hpp"
#include "edge/filter/recorded_guards.hpp"
#include "edge/kernel/kernel.hpp"
#include "edge/kernel/link_states.hpp"
#include "edge/process/deadline.hpp"
#include "edge/store/guest_vifs.hpp"
#include "flow/reach.hpp"

namespace vifchain {
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

std::vector<GuestVif> read_guests(std::string& why_not) {
  try {
    const auto store = open_store();
    return read_guest_vifs(*store);
  } catch (const Error& error) {
    why_not = error.what();
    return {};
  }
}

LinkName shown_bridge(const std::vector<std::string>& shown, const std::string& text) {
  if (std::ranges::find(shown, text) != shown.end()) return LinkName::parse(text).value();
  const std::string near = nearest(text, {shown.begin(), shown.end()});
  const std::string there =
      shown.empty() ? "there is none on this host" : "the bridges are " + listed(shown);
  throw Refusal("wanted a bridge: found \"" + text + "\", which is none: " +
                (near.empty() ? there : "did you mean " + near + "? (" + there + ")"));
}

}  // namespace

Looked look(const Common& common, bool counters) {
  Deadline deadline(time_to_answer, {.line = "vifchain: hangs, gives up\n"});
  const Patience patience{.on_interrupt = [&] { deadline.check(); }};
  Looked looked;
  Sight sight{.topology = read_file(common.config, looked.mistakes), .config = common.config};
  looked.has_file = sight.topology.has_value();
  const auto kernel = open_kernel(patience);
  sight.links = kernel->everything();
  if (sight.topology)
    kernel->read_routes(sight.links, links_with_routes(*sight.topology, sight.links));
  looked.window = window_now(*kernel, {.config = common.config});
  sight.states = read_link_states(counters, patience);
  sight.vifs = read_guests(looked.no_guests);
  sight.guards = recorded_guards();
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
    notes.push_back(looked.mistakes.empty()
                        ? "there is no " + common.config + ": these are the bridges of the kernel"
                        : common.config + " is wrong: these are the bridges of the kernel");
  if (!looked.no_guests.empty())
    notes.push_back("guests are shown as the kernel knows them: " + looked.no_guests);
  if (!looked.daemon.unknown.empty())
    notes.push_back("what vifchaind does is not known: " + looked.daemon.unknown);
  return notes;
}

}  // namespace vifchain
