// SPDX-License-Identifier: Apache-2.0
// vifchain: what people type.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <vector>

#include "cli/apply.hpp"
#include "cli/check.hpp"
#include "cli/command.hpp"
#include "cli/confirm.hpp"
#include "cli/dhcp.hpp"
#include "cli/down.hpp"
#include "cli/export.hpp"
#include "cli/graph.hpp"
#include "cli/import.hpp"
#include "cli/nic.hpp"
#include "cli/plan.hpp"
#include "cli/rollback.hpp"
#include "cli/show/complain.hpp"
#include "cli/status.hpp"
#include "cli/up.hpp"
#include "cli/vif.hpp"
#include "cli/why.hpp"
#include "core/text/nearest.hpp"
#include "edge/process/output.hpp"
#include "flow/host/watcher.hpp"

namespace vifchain::inline cli {
namespace {

constexpr std::array commands{
    Command{"status", "Show the bridges, what they stand on, their guests, and what is wrong",
            declare_status},
    Command{"check", "Is the file right, and would guests find their bridges?", declare_check},
    Command{"plan", "Show what apply would do, and why", declare_plan},
    Command{"apply", "Make the host as the file says", declare_apply},
    Command{"confirm", "What was applied stays", declare_confirm},
    Command{"rollback", "What was applied is put back", declare_rollback},
    Command{"up", "Make the chains of some bridges", declare_up},
    Command{"down", "Take the chains of some bridges away, or all", declare_down},
    Command{"graph", "Draw what status shows: DOT, Mermaid or SVG", declare_graph},
    Command{"vif", "Move a running guest's vif to another bridge or VLAN", declare_vif},
    Command{"nic", "A NIC that has come joins the chains that miss it", declare_nic},
    Command{"dhcp", "DHCP clients run where the file wants them (vifchaind has it started)",
            declare_dhcp},
    Command{"import", "A file out of what other programs' files, or the kernel, say",
            declare_import},
    Command{"export", "The file in other programs' words", declare_export},
    Command{"why", "What was done with a link, by whom, and what is in its way", declare_why},
};

std::string unknown_word(const std::string& word) {
  std::vector<std::string_view> names;
  for (const auto& command : commands) names.emplace_back(command.name);
  const std::string near = nearest(word, names);
  return "unknown command \"" + word + "\"" +
         (near.empty() ? "; hint: vifchain --help" : "; did you mean \"" + near + "\"?");
}

// These see to what was never confirmed in their own ways.
constexpr std::array<std::string_view, 5> that_go_back{"apply", "confirm", "up", "down",
                                                       "rollback"};

// Whoever comes by starts the watcher of a change again that has lost it.
void look_after_change(const CLI::App& app, const Common& common) {
  const auto called = app.get_subcommands();
  if (::geteuid() != 0 || called.empty() ||
      std::ranges::find(that_go_back, called.front()->get_name()) != that_go_back.end())
    return;
  watch_if_forgotten({.config = common.config});
}

// Adds every command to `app`; `chosen` is what runs the one that is on the command line.
void declare_all(CLI::App& app, Common& common, Run& chosen) {
  const auto takes_config = [&common](CLI::App& takes) {
    takes.add_option("--config", common.config, "The file to go by")->capture_default_str();
  };
  takes_config(app);
  for (const auto& command : commands) {
    CLI::App& words = *app.add_subcommand(command.name, command.summary);
    takes_config(words);
    words.callback([&chosen, run = command.declare(words, common)] { chosen = run; });
  }
}

int run(int argc, const char* const* argv) {
  CLI::App app("Shows the chains of Xen guests' bridges, and moves guests between them.",
               "vifchain");
  app.set_version_flag("--version", "vifchain " VIFCHAIN_VERSION);
  Common common;
  Run chosen;
  declare_all(app, common, chosen);
  app.allow_extras();  // to name an unknown command in our own words; commands themselves take none
  try {
    app.parse(argc, argv);
    if (const auto unknown = app.remaining(); !unknown.empty())
      throw std::runtime_error(unknown_word(unknown.front()));
    if (!chosen) {
      std::fputs(app.help().c_str(), stderr);
      return 1;
    }
    look_after_change(app, common);
    return chosen();
  } catch (const CLI::Success& wanted) {  // --help, --version
    return app.exit(wanted);
  } catch (const CLI::ParseError& error) {
    complain("error", std::string(error.what()) + "; hint: vifchain --help");
  } catch (const std::exception& error) {
    complain("error", error.what());
  }
  return 1;
}

}  // namespace
}  // namespace vifchain::inline cli

int main(int argc, char** argv) {
  vifchain::keep_output_apart();
  return vifchain::end_output(vifchain::cli::run(argc, argv), "vifchain");
}
