// SPDX-License-Identifier: Apache-2.0
#include "core/config/read_value.hpp"

#include <charconv>
#include <cmath>
#include <limits>

#include "core/config/complain.hpp"
#include "core/text/escape.hpp"
#include "core/text/list.hpp"
#include "core/text/nearest.hpp"

namespace vifchain::inline core::inline config {
namespace {

template <typename T>
const T* as(const Node& node) {
  return std::get_if<T>(&node.value);
}

bool same_word(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

std::vector<std::string_view> names_of(std::span<const Choice> choices) {
  std::vector<std::string_view> names;
  for (const auto& choice : choices) names.push_back(choice.name);
  return names;
}

// A number of seconds as hundredths, when it has no finer fraction.
std::optional<std::int64_t> hundredths(const Node& node) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max() / 100;
  if (const auto* whole = as<std::int64_t>(node)) {
    if (*whole > most || *whole < -most) return std::nullopt;
    return *whole * 100;
  }
  const auto* fraction = as<double>(node);
  if (fraction == nullptr || !(std::abs(*fraction) < 1e12)) return std::nullopt;
  // Not std::round: it alone would make every event load libm.
  const auto rounded = static_cast<std::int64_t>(*fraction * 100 + std::copysign(0.5, *fraction));
  if (std::abs(static_cast<double>(rounded) - *fraction * 100) > 1e-4) return std::nullopt;
  return rounded;
}

std::optional<Value> read_seconds(const OptionSpec& option, const Node& node, Diagnostics& wrong) {
  const auto value = hundredths(node);
  if (value && *value >= option.min && *value <= option.max) return *value;
  complain_unexpected(wrong, node, option.key,
                      "seconds from " + show(option.id, option.min) + " to " +
                          show(option.id, option.max) + ", down to hundredths");
  return std::nullopt;
}

std::optional<Mac> read_any_mac(std::string_view key, const Node& node, Diagnostics& wrong) {
  const auto* text = as<std::string>(node);
  const auto mac = text == nullptr ? std::nullopt : Mac::parse(*text);
  if (!mac) complain_unexpected(wrong, node, key, "a MAC address, \"02:00:00:00:00:01\"");
  return mac;
}

std::optional<Value> read_port_name(const OptionSpec& option, const Node& node,
                                    Diagnostics& wrong) {
  const auto text = read_string(option.key, node, wrong);
  const auto name = text ? LinkName::parse(*text) : std::nullopt;
  if (name) return *name;
  if (text) complain_unexpected(wrong, node, option.key, "the name of a port");
  return std::nullopt;
}

struct QosEntry {
  std::uint32_t from = 0, to = 0;
};

// "FROM:TO"; the side on the wire is a 3-bit priority, the other the kernel's own number.
std::optional<QosEntry> parse_qos_entry(Option option, std::string_view text) {
  QosEntry entry;
  const char* end = text.data() + text.size();
  const auto [colon, first] = std::from_chars(text.data(), end, entry.from);
  if (first != std::errc{} || colon == end || *colon != ':') return std::nullopt;
  const auto [stop, second] = std::from_chars(colon + 1, end, entry.to);
  if (second != std::errc{} || stop != end) return std::nullopt;
  const auto on_the_wire = option == Option::vlan_ingress_qos_map ? entry.from : entry.to;
  if (on_the_wire > 7) return std::nullopt;
  return entry;
}

std::string qos_form(Option option) {
  return option == Option::vlan_ingress_qos_map
             ? "\"FROM:TO\", from the 802.1p priority 0-7 to the kernel's"
             : "\"FROM:TO\", from the kernel's priority to the 802.1p one, 0-7";
}

// One word of a map; false after noting what is wrong with it.
bool read_qos_entry(const OptionSpec& option, const Word& word, QosMap& map, Diagnostics& wrong) {
  const auto entry = parse_qos_entry(option.id, word.value);
  if (!entry) {
    complain_unexpected(wrong, word, option.key, qos_form(option.id));
    return false;
  }
  if (map.emplace(entry->from, entry->to).second) return true;
  complain(
      wrong, word.place,
      std::string(option.key) + ": priority " + std::to_string(entry->from) + " is mapped twice");
  return false;
}

std::optional<Value> read_qos_map(const OptionSpec& option, const Node& node, Diagnostics& wrong) {
  const auto words = read_words(option.key, node, wrong);
  if (!words) return std::nullopt;
  QosMap map;
  bool right = words->size() == as<Array>(node)->size();
  for (const auto& word : *words) right = read_qos_entry(option, word, map, wrong) && right;
  if (!right) return std::nullopt;
  std::erase_if(map, [](const auto& entry) { return entry.second == 0; });
  return map;
}

template <typename T>
std::optional<Value> as_value(const std::optional<T>& read) {
  return read ? std::optional<Value>(*read) : std::nullopt;
}

// Appends one element of a list of VLAN ids; returns why it is none.
std::string append_element(const Node& node, VidRanges& ranges) {
  if (const auto* text = as<std::string>(node)) return append_vids(*text, ranges);
  if (const auto* number = as<std::int64_t>(node))
    return append_vids(std::to_string(*number), ranges);
  return "expected VLAN ids from 1 to 4094 and ranges of them, found " + node.text;
}

}  // namespace

std::optional<std::string> read_string(std::string_view key, const Node& node, Diagnostics& wrong) {
  if (const auto* text = as<std::string>(node)) return *text;
  complain_unexpected(wrong, node, key, "a string, in quotes");
  return std::nullopt;
}

std::optional<bool> read_flag(std::string_view key, const Node& node, Diagnostics& wrong) {
  if (const auto* flag = as<bool>(node)) return *flag;
  const auto* number = as<std::int64_t>(node);
  if (number != nullptr && (*number == 0 || *number == 1)) return *number == 1;
  complain_unexpected(wrong, node, key, "true or false");
  return std::nullopt;
}

std::optional<std::int64_t> read_choice(std::string_view key, std::span<const Choice> choices,
                                        const Node& node, Diagnostics& wrong) {
  const auto* text = as<std::string>(node);
  const auto* number = as<std::int64_t>(node);
  for (const auto& choice : choices) {
    if (text != nullptr && same_word(choice.name, *text)) return choice.number;
    if (number != nullptr && choice.number == *number) return choice.number;
  }
  const auto names = names_of(choices);
  complain_unexpected(wrong, node, key, "one of " + joined(names, quoted),
                      text == nullptr ? "" : nearest(*text, names));
  return std::nullopt;
}

std::optional<std::int64_t> read_number(std::string_view key, Bounds bounds, const Node& node,
                                        Diagnostics& wrong) {
  const auto* number = as<std::int64_t>(node);
  if (number != nullptr && *number >= bounds.min && *number <= bounds.max) return *number;
  complain_unexpected(
      wrong, node, key,
      "a whole number from " + std::to_string(bounds.min) + " to " + std::to_string(bounds.max));
  return std::nullopt;
}

std::optional<unsigned> read_mtu(std::string_view key, const Node& node, Diagnostics& wrong) {
  return number_as<unsigned>(read_number(key, {68, 65535}, node, wrong));
}

std::optional<Mac> read_mac(std::string_view key, const Node& node, Diagnostics& wrong) {
  const auto mac = read_any_mac(key, node, wrong);
  if (!mac || (mac->unicast() && *mac != vif_mac)) return mac;
  complain_unexpected(wrong, node, key,
                      *mac == vif_mac ? "another address than that of every vif"
                                      : "a unicast address (first byte even, not all zero)");
  return std::nullopt;
}

std::optional<VlanId> read_vlan_id(std::string_view key, const Node& node, Diagnostics& wrong) {
  const auto number = read_number(key, {1, 4094}, node, wrong);
  return number ? VlanId::from(*number) : std::nullopt;
}

std::optional<VidRanges> read_vids(std::string_view key, const Node& node, Diagnostics& wrong) {
  VidRanges ranges;
  const auto before = wrong.size();
  const auto append = [&](const Node& element) {
    const auto why_not = append_element(element, ranges);
    if (!why_not.empty()) complain(wrong, element.place, std::string(key) + ": " + why_not);
  };
  if (const auto* list = as<Array>(node))
    for (const auto& element : *list) append(element);
  else
    append(node);
  const auto why_not = put_in_order(ranges);
  if (!why_not.empty()) complain(wrong, node.place, std::string(key) + ": " + why_not);
  if (wrong.size() != before) return std::nullopt;
  return ranges;
}

std::optional<std::vector<Word>> read_words(std::string_view key, const Node& node,
                                            Diagnostics& wrong) {
  const auto* list = as<Array>(node);
  if (list == nullptr) {
    complain_unexpected(wrong, node, key, "a list of strings, [\"…\"]");
    return std::nullopt;
  }
  std::vector<Word> words;
  for (const auto& element : *list)
    if (auto text = read_string("each of " + std::string(key), element, wrong))
      words.push_back(as_written(std::move(*text), element));
  return words;
}

std::optional<std::vector<IpAddress>> read_addresses(std::string_view key, std::string_view what,
                                                     const Node& node, Diagnostics& wrong) {
  const auto words = read_words(key, node, wrong);
  if (!words) return std::nullopt;
  std::vector<IpAddress> addresses;
  for (const auto& word : *words) {
    if (const auto address = IpAddress::parse(word.value))
      addresses.push_back(*address);
    else
      complain_unexpected(wrong, word, key, what);
  }
  if (addresses.size() != as<Array>(node)->size()) return std::nullopt;
  return addresses;
}

std::optional<Value> read_option(const OptionSpec& option, const Node& node, Diagnostics& wrong) {
  switch (option.form) {
    case Form::flag: {
      const auto flag = read_flag(option.key, node, wrong);
      return flag ? as_value(std::optional<std::int64_t>(*flag)) : std::nullopt;
    }
    case Form::number:
      return as_value(read_number(option.key, {option.min, option.max}, node, wrong));
    case Form::choice:
      return as_value(read_choice(option.key, option.choices, node, wrong));
    case Form::seconds:
      return read_seconds(option, node, wrong);
    case Form::mac:
      return as_value(read_any_mac(option.key, node, wrong));
    case Form::port:
      return read_port_name(option, node, wrong);
    case Form::addresses:
      return as_value(read_addresses(option.key, "an IP address", node, wrong));
    case Form::qos_map:
      return read_qos_map(option, node, wrong);
  }
  return std::nullopt;
}

}  // namespace vifchain::inline core::inline config
