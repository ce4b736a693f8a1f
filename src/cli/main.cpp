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
    Command{"status", "Show bridges, their chains, guests and problems", "vifchain-status(8)",
            declare_status},
    Command{"check", "Validate the file, this host and guest configurations", "vifchain-check(8)",
            declare_check},
    Command{"plan", "Show the steps apply would take", "vifchain-apply(8)", declare_plan},
    Command{"apply", "Apply the file to this host", "vifchain-apply(8)", declare_apply},
    Command{"confirm", "Keep a change made with apply --confirm", "vifchain-apply(8)",
            declare_confirm},
    Command{"rollback", "Return to the state before the last apply", "vifchain-apply(8)",
            declare_rollback},
    Command{"up", "Create the chains of BRIDGE...", "vifchain-apply(8)", declare_up},
    Command{"down", "Delete the chains of BRIDGE..., or all", "vifchain-apply(8)", declare_down},
    Command{"graph", "Draw what status shows as DOT, Mermaid or SVG", "vifchain-status(8)",
            declare_graph},
    Command{"vif", "Move a running guest's vif to another bridge or VLAN", "vif-chain(8)",
            declare_vif},
    Command{"nic", "Add a late NIC to its chains (run by udev)", "vifchain-apply(8)", declare_nic},
    Command{"dhcp", "Start and stop DHCP clients as the file says (run by systemd)",
            "vifchain-apply(8)", declare_dhcp},
    Command{"import", "Generate vifchain.toml from existing configuration", "vifchain-import(8)",
            declare_import},
    Command{"export", "Convert the file to another format", "vifchain-import(8)", declare_export},
    Command{"why", "Show the history of a link and what blocks it", "vifchain-status(8)",
            declare_why},
};

std::string unknown_word(const std::string& word) {
  std::vector<std::string_view> names;
  for (const auto& command : commands) names.emplace_back(command.name);
  const std::string near = nearest(word, names);
  return "unknown command \"" + word + "\"" +
         (near.empty() ? "; hint: vifchain --help" : "; did you mean \"" + near + "\"?");
}

// "Value 3 not in range" begins small behind a colon, "BRIDGE is required" does not.
std::string uncapitalised(std::string text) {
  const auto is_between = [&](std::size_t at, char first, char last) {
    return text.size() > at && text[at] >= first && text[at] <= last;
  };
  if (is_between(0, 'A', 'Z') && is_between(1, 'a', 'z')) text[0] = static_cast<char>(text[0] + 32);
  return text;
}

// What CLI11 says of the command line, as WHAT: DETAIL.
std::string parse_fault(const CLI::ParseError& error) {
  const std::string text = error.what(), required = " required ";
  const auto colon = text.find(": ");
  if (colon == text.npos) return text;
  const auto what = text.substr(0, colon), detail = text.substr(colon + 2);
  const auto code = static_cast<CLI::ExitCodes>(error.get_exit_code());
  if (code == CLI::ExitCodes::ExtrasError) return "unknown argument: " + detail;
  const auto missing = detail.find(required);
  if (code == CLI::ExitCodes::ArgumentMismatch && missing != detail.npos) {
    const auto value = detail.substr(missing + required.size());
    return what + ": missing " + value.substr(0, value.find_first_of(": "));
  }
  return uncapitalised(what) + ": " + uncapitalised(detail);
}

// The command whose words were read, or the program alone.
std::string help_of(const CLI::App& app) {
  const auto called = app.get_subcommands();
  return "vifchain " + (called.empty() ? "" : called.front()->get_name() + " ") + "--help";
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
    takes.add_option("--config", common.config, "Configuration file")->capture_default_str();
  };
  takes_config(app);
  for (const auto& command : commands) {
    CLI::App& words = *app.add_subcommand(command.name, command.summary);
    takes_config(words);
    words.callback([&chosen, run = command.declare(words, common)] { chosen = run; });
    const auto about = words.get_footer();
    words.footer(about + (about.empty() ? "" : "\n") + "Manual: " + command.page);
  }
}

int run(int argc, const char* const* argv) {
  CLI::App app("Manage the bonds, VLANs and bridges of Xen guests", "vifchain");
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
    complain("error", parse_fault(error) + "; hint: " + help_of(app));
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
