// SPDX-License-Identifier: Apache-2.0
// A file that no host needs: more of it would take minutes to look through.
#include "core/config/complain.hpp"
#include "core/config/read_tables.hpp"

namespace vifchain::inline core::inline config {
namespace {

constexpr std::size_t most_values = 200000, most_tables = 20000, most_templates = 1000;
constexpr std::size_t most_template_ports = 4000;
// A VLAN-filtering bridge has 1023 ports with 4094 VLANs each.
constexpr std::size_t most_vlans = std::size_t{1023} * 4094;

class Count {
 public:
  // The first table too many, or the first value.
  std::optional<Diagnostic> first_too_many(const Table& document) {
    for (const auto& section : document)
      if (const auto* members = std::get_if<Table>(&section.node.value))
        for (const auto& member : *members)
          if (auto wrong = of_table(member)) return wrong;
    return of_values(document);
  }

 private:
  std::optional<Diagnostic> of_table(const Entry& table) {
    if (++tables_ > most_tables) return too_many(table.place, "20000 tables");
    if (table.key.find("{vid}") == std::string::npos) return std::nullopt;
    if (++templates_ > most_templates) return too_many(table.place, "1000 templates");
    if (const auto* keys = std::get_if<Table>(&table.node.value))
      for (const auto& key : *keys)
        if (const auto* ports = std::get_if<Array>(&key.node.value); ports && key.key == "ports")
          template_ports_ += ports->size();
    if (template_ports_ > most_template_ports)
      return too_many(table.place, "4000 ports of templates");
    return std::nullopt;
  }

  std::optional<Diagnostic> of_values(const Table& table) {
    for (const auto& entry : table)
      if (auto wrong = of_value(entry.node)) return wrong;
    return std::nullopt;
  }

  // Values are 16 deep at most (TOML_MAX_NESTED_VALUES), keys 32.
  std::optional<Diagnostic> of_value(const Node& node) {
    if (++values_ > most_values) return too_many(node.place, "200000 values");
    if (const auto* table = std::get_if<Table>(&node.value)) return of_values(*table);
    if (const auto* array = std::get_if<Array>(&node.value))
      for (const auto& element : *array)
        if (auto wrong = of_value(element)) return wrong;
    return std::nullopt;
  }

  static Diagnostic too_many(Place place, const std::string& bound) {
    return {place, "", "more than " + bound + ", the file is not read further", ""};
  }

  std::size_t tables_ = 0, templates_ = 0, template_ports_ = 0, values_ = 0;
};

}  // namespace

std::optional<Diagnostic> why_too_much(const Table& document) {
  return Count().first_too_many(document);
}

bool has_too_many_vlans(const Draft& draft, Diagnostics& wrong) {
  std::size_t vlans = 0;
  for (const auto& table : draft.ports) {
    if (!table.vlans) continue;
    for (const auto& [first, last] : table.vlans->value)
      vlans += static_cast<std::size_t>(last.number() - first.number() + 1);
    if (vlans <= most_vlans) continue;
    complain(wrong, table.vlans->place,
             "more than " + std::to_string(most_vlans) + " VLANs of ports");
    return true;
  }
  return false;
}

}  // namespace vifchain::inline core::inline config
