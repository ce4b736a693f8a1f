// SPDX-License-Identifier: Apache-2.0
#include "cli/vif.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "cli/change.hpp"
#include "cli/find_vif.hpp"
#include "core/text/nearest.hpp"
#include "core/text/printable.hpp"
#include "edge/process/this_process.hpp"
#include "edge/store/guests.hpp"
#include "flow/host/host_doors.hpp"
#include "flow/run/converge.hpp"
#include "flow/run/recorder.hpp"
#include "flow/vif/move.hpp"

namespace vifchain::inline cli {
namespace {

constexpr std::chrono::seconds time_to_answer{30};

constexpr std::array<std::string_view, 3> keys{"bridge", "vlan", "mtu"};

constexpr const char* explanation = R"(GUEST is a name or a number, as "xl list" shows them.
CHANGE is one of
  bridge=NAME  move the vif to this bridge
  vlan=SPEC    set its VLANs on the bridge (empty: none)
  mtu=BYTES    set its MTU (empty: that of the bridge)
)";

struct Words {
  std::string vif;
  std::vector<std::string> changes;
};

[[noreturn]] void refuse_change(const std::string& word, const std::string& key) {
  const std::string near = nearest(key, {keys.begin(), keys.end()});
  throw Refusal("invalid change \"" + word + "\": expected bridge=NAME, vlan=SPEC or mtu=BYTES" +
                (near.empty() ? "" : "; did you mean \"" + near + "=\"?"));
}

// The nodes that are to change, by name.
std::map<std::string, std::string> read_changes(const std::vector<std::string>& words) {
  std::map<std::string, std::string> nodes;
  for (const auto& word : words) {
    const auto sign = word.find('=');
    const std::string key = word.substr(0, sign);
    if (sign == std::string::npos || std::ranges::find(keys, key) == keys.end())
      refuse_change(word, key);
    if (!nodes.emplace(key, word.substr(sign + 1)).second) throw Refusal(key + "= is given twice");
  }
  return nodes;
}

MoveRequest request_for(const FoundVif& found, const std::map<std::string, std::string>& nodes) {
  return {.event = {.action = Action::online,
                    .vif = found.vif,
                    .backend = found.backend,
                    .script = "vifchain vif"},
          .libxl = found.libxl,
          .nodes = nodes};
}

int answer(Log& log, const FoundVif& found, const Outcome& outcome) {
  if (const auto* refused = std::get_if<Refused>(&outcome)) {
    log.err(found.vif.str() + ": " + refused->reason);
    throw Refusal(found.in_words + ": " + refused->reason);
  }
  if (const auto* connected = std::get_if<Connected>(&outcome)) {
    log.info(connected->link + " has moved to " + connected->bridge);
    std::printf("%s: %s is on %s, mtu %u\n", printable(found.in_words).c_str(),
                printable(connected->link).c_str(), connected->bridge.c_str(), connected->mtu);
  }
  return 0;
}

int move(const Words& words, const Common& common) {
  must_be_root();
  const auto nodes = read_changes(words.changes);
  Log log("vifchain vif", {.ident = "vifchain"});
  Recorder recorder(log, Places{}.runs, command_line());
  return recording(recorder, [&] {
    Deadline deadline(time_to_answer, {.line = "vifchain: error: hung, aborted\n"});
    const HostDoors doors(deadline, &recorder);
    const FoundVif found = find_vif(*doors.store, open_guests, words.vif);
    recorder.concerns(found.vif.str());
    // A running vif is there, and a person need not wait for a bridge that nobody makes.
    Env env = doors.env(deadline, log, {.config = common.config});
    return answer(log, found, move_vif(env, request_for(found, nodes)));
  });
}

}  // namespace

Run declare_vif(CLI::App& app, const Common& common) {
  const auto words = std::make_shared<Words>();
  app.add_option("GUEST[/DEVID]", words->vif, "Guest, and the number of its vif")->required();
  app.add_option("CHANGE", words->changes, "Change to make")->required();
  app.footer(explanation);
  return [words, &common] { return move(*words, common); };
}

}  // namespace vifchain::inline cli
