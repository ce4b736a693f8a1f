// SPDX-License-Identifier: Apache-2.0
#include "cli/export.hpp"

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "cli/read_config.hpp"
#include "cli/show/complain.hpp"
#include "convert/export/exporters.hpp"
#include "core/text/printable.hpp"
#include "core/text/problem.hpp"
#include "edge/base/durable_file.hpp"
#include "flow/run/converge.hpp"

namespace vifchain::inline cli {
namespace {

struct ExportFormat {
  const char* name;
  Exported (*write)(const Topology& topology);
};

constexpr std::array formats{
    ExportFormat{"ifupdown", export_ifupdown}, ExportFormat{"ifupdown2", export_ifupdown2},
    ExportFormat{"systemd-networkd", export_networkd}, ExportFormat{"netplan", export_netplan},
    ExportFormat{"script", export_script}};

constexpr const char* explanation =
    "FORMAT is ifupdown, ifupdown2, systemd-networkd, netplan, or script (ip and bridge "
    "commands).\n"
    "What the format cannot express becomes a comment, and a warning on standard error.\n";

struct Words {
  std::string format;
  std::string to;  // a folder; empty: standard output
};

void print(const std::vector<SourceFile>& files) {
  for (const auto& file : files) {
    if (files.size() > 1)
      std::printf("%s# --- /%s\n", &file == files.data() ? "" : "\n", file.name.c_str());
    std::fputs(file.text.c_str(), stdout);
  }
}

// Never over a file that is there.
void save(const std::vector<SourceFile>& files, const std::filesystem::path& folder) {
  for (const auto& file : files)
    if (std::filesystem::exists(folder / file.name))
      throw Refusal(problem((folder / file.name).string() + " already exists",
                            "use an empty directory with --to"));
  for (const auto& file : files) {
    const auto path = folder / file.name;
    keep_file(path.string(), file.text, 0644);
    std::printf("%s\n", printable(path.string()).c_str());
  }
}

int export_file(const Words& words, const Common& common) {
  const Topology topology = read_config(common);
  for (const auto& format : formats) {
    if (words.format != format.name) continue;
    const Exported exported = format.write(topology);
    if (words.to.empty())
      print(exported.files);
    else
      save(exported.files, words.to);
    for (const auto& sentence : exported.lost) complain("warning", sentence);
    return 0;
  }
  throw Refusal("unknown format \"" + words.format +
                "\": expected ifupdown, ifupdown2, systemd-networkd, netplan or script");
}

}  // namespace

Run declare_export(CLI::App& app, const Common& common) {
  const auto words = std::make_shared<Words>();
  app.add_option("FORMAT", words->format, "Format to write")->required();
  app.add_option("--to", words->to, "Write files below DIRECTORY")->type_name("DIRECTORY");
  app.footer(explanation);
  return [words, &common] { return export_file(*words, common); };
}

}  // namespace vifchain::inline cli
