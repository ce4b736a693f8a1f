// SPDX-License-Identifier: Apache-2.0
#include "cli/import.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/show/complain.hpp"
#include "cli/show/import_json.hpp"
#include "cli/show/json_text.hpp"
#include "convert/import/compose.hpp"
#include "convert/import/formats.hpp"
#include "convert/import/from_kernel.hpp"
#include "core/plan/ways_out.hpp"
#include "core/text/problem.hpp"
#include "core/view/words.hpp"
#include "edge/base/durable_file.hpp"
#include "edge/base/error.hpp"
#include "edge/dhcp/dhcp_clients.hpp"
#include "edge/kernel/kernel.hpp"
#include "edge/parse/sources.hpp"
#include "edge/parse/yaml.hpp"
#include "flow/run/converge.hpp"

namespace vifchain::inline cli {
namespace {

constexpr std::chrono::seconds time_to_answer{60};

constexpr const char* explanation =
    "Reads the usual places of this host, or of the one below --root; runs nothing. What cannot "
    "be\n"
    "converted becomes a comment in the output.\n";

struct Words {
  std::vector<std::string> files;
  std::string root = "/";
  bool from_kernel = false;
  bool json = false;
  std::string to;
};

std::vector<SourceFile> find_files(const Words& words) {
  std::vector<SourceFile> files;
  const auto take = [&](FoundSources found) {
    for (const auto& sentence : found.unread) complain("warning", sentence);
    for (auto& file : found.files) files.push_back(std::move(file));
  };
  if (words.files.empty()) take(find_sources(words.root));
  for (const auto& path : words.files) take(open_source(path));
  return files;
}

// A YAML that is none is left out with its mistake; the rest can still be read.
void read_tree(const SourceFile& file, Sources& sources, DraftConfig& draft) {
  auto read = parse_yaml(file.text);
  if (auto* tree = std::get_if<Table>(&read)) {
    sources.netplan.push_back({file.name, std::move(*tree)});
    return;
  }
  for (const auto& wrong : std::get<Diagnostics>(read))
    draft.lose({file.name, wrong.place.line}, wrong.message);
}

Sources sort_out(std::vector<SourceFile> files, DraftConfig& mistakes) {
  Sources sources;
  for (auto& file : files) {
    const auto format = format_of(file);
    if (!format) {
      mistakes.lose({file.name}, "is nothing that vifchain can read");
      continue;
    }
    if (*format == Format::netplan) read_tree(file, sources, mistakes);
    sources.files[*format].push_back(std::move(file));
  }
  return sources;
}

// This host's links, as far as whoever asks may see them.
void add_kernel(DraftConfig& draft) {
  Deadline deadline(time_to_answer, {.line = "vifchain: error: hung, aborted\n"});
  const auto kernel = open_kernel({.on_interrupt = [&] { deadline.check(); }});
  RunningHost host{kernel->everything()};
  std::vector<LinkName> with_addresses;
  for (const auto& [name, link] : host.links)
    if (carries_addresses(link)) with_addresses.push_back(name);
  kernel->read_routes(host.links, with_addresses);
  host.clients = open_dhcp_clients(deadline)->running();
  read_kernel(host, draft);
}

void sum_up(const Composed& composed) {
  const auto count = [&](Remark::Kind kind) {
    return std::ranges::count(composed.remarks, kind, &Remark::kind);
  };
  const auto lost = count(Remark::Kind::lost), traps = count(Remark::Kind::trap);
  if (lost > 0)
    std::fprintf(stderr, "%ld setting%s not converted: see the comments in the output\n",
                 static_cast<long>(lost), lost == 1 ? "" : "s");
  if (traps > 0)
    std::fprintf(stderr, "%ld warning%s: see the comments in the output\n",
                 static_cast<long>(traps), traps == 1 ? "" : "s");
}

// What was there is kept beside it.
void write_to(const std::string& path, const std::string& toml) {
  const auto before = read_file(path);
  const FileOwner owner = owner_of(path);
  if (before && *before != toml) {
    replace_file(path + ".before", *before, owner);
    std::printf("Kept the previous %s as %s.before.\n", path.c_str(), path.c_str());
  }
  replace_file(path, toml, owner);
  std::printf("Wrote %s: check it, then run \"vifchain plan\".\n", path.c_str());
}

int import(const Words& words) {
  DraftConfig mistakes;
  Sources sources;
  if (!words.from_kernel || !words.files.empty()) sources = sort_out(find_files(words), mistakes);
  const bool nothing = sources.files.empty() && mistakes.remarks().empty();
  if (nothing && !words.from_kernel)
    throw Refusal(problem("no network configuration found below " + words.root,
                          "name the files, or use --from-kernel"));
  DraftConfig draft = read_sources(sources, include_below(words.files.empty() ? words.root : "/"));
  for (const auto& remark : mistakes.remarks()) draft.lose(remark.at, remark.why);
  if (words.from_kernel) add_kernel(draft);
  const Composed composed = compose(std::move(draft));
  if (words.json) {
    std::puts(json_text(import_json(composed), 2).c_str());
    return 0;
  }
  if (words.to.empty())
    std::fputs(composed.toml.c_str(), stdout);
  else
    write_to(words.to, composed.toml);
  sum_up(composed);
  return 0;
}

}  // namespace

Run declare_import(CLI::App& app, const Common&) {
  const auto words = std::make_shared<Words>();
  app.add_option("FILE", words->files, "Files or directories to read (default: the usual places)");
  app.add_option("--root", words->root, "Look for the usual places below DIRECTORY")
      ->type_name("DIRECTORY");
  app.add_flag("--from-kernel", words->from_kernel, "Read the present links of this host");
  app.add_option("--to", words->to, "Write to FILE, all or nothing")
      ->type_name("FILE")
      ->excludes(app.add_flag("--json", words->json, "Print JSON (vifchain-json(7))"));
  app.footer(explanation);
  return [words] { return import(*words); };
}

}  // namespace vifchain::inline cli
