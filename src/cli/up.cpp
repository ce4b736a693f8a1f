#include "cli/up.hpp"

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/change.hpp"
#include "cli/read_config.hpp"
#include "core/words.hpp"
#include "flow/reach.hpp"

namespace vifchain {
namespace {

struct Words {
  std::vector<std::string> bridges;
  std::vector<std::string> port;  // of a bridge that the file does not know
  bool allow_disrupt = false;
};

Topology read(const Words& words, const Common& common) {
  if (words.port.empty()) return read_config(common);
  if (words.bridges.size() != 1)
    throw Refusal("wanted one bridge beside --port: found " + std::to_string(words.bridges.size()) +
                  ": call it once for each");
  return read_config_and(common, words.bridges.front(), words.port.front());
}

int up(const Words& words, const Common& common) {
  const Topology topology = read(words, common);
  const auto bridges = bridges_in(topology, words.bridges);
  return change_host("up", common, [&](Site& site, const ChangeLock&) {
    const auto done = apply(site, topology.hosting, file_wish(site, topology, bridges),
                            talkative(words.allow_disrupt, topology.accepted));
    print_done(done, listed(words.bridges) + (bridges.size() == 1 ? " stands." : " stand."));
    return 0;
  });
}

}  // namespace

Run declare_up(CLI::App& app, const Common& common) {
  const auto words = std::make_shared<Words>();
  app.add_option("BRIDGE", words->bridges, "The bridges whose chains are to stand")->required();
  app.add_option("--port", words->port,
                 "For a bridge that the file does not know: its port; \"\" for none")
      ->type_name("LINK")
      ->expected(1);
  app.add_flag("--allow-disrupt", words->allow_disrupt, "Even what guests would notice");
  return [words, &common] { return up(*words, common); };
}

}  // namespace vifchain
