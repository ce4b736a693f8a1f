#include "cli/check.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/read_config.hpp"

namespace vifchain {
namespace {

std::string number_of(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

template <class Kind>
std::size_t count(const Topology& topology) {
  std::size_t number = 0;
  for (const auto& [name, link] : topology.links)
    if (std::holds_alternative<Kind>(link.kind)) ++number;
  return number;
}

std::string contents(const Topology& topology) {
  std::string text = number_of(count<Bridge>(topology), "bridge");
  if (!topology.templates.empty()) text += ", " + number_of(topology.templates.size(), "template");
  if (count<Vlan>(topology) > 0) text += ", " + number_of(count<Vlan>(topology), "VLAN link");
  if (count<Bond>(topology) > 0) text += ", " + number_of(count<Bond>(topology), "bond");
  return text;
}

}  // namespace

Run declare_check(CLI::App& app, const Common& common) {
  const auto file = std::make_shared<std::string>();
  app.add_option("FILE", *file, "The file to check, in the place of --config's");
  return [file, &common] {
    const Common checked{file->empty() ? common.config : *file};
    std::printf("%s is right: %s.\n", checked.config.c_str(),
                contents(read_config(checked)).c_str());
    return 0;
  };
}

}  // namespace vifchain
