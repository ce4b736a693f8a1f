// SPDX-License-Identifier: Apache-2.0
#include "edge/state/link_json.hpp"

#include <algorithm>
#include <array>

#include "edge/state/link_members.hpp"

namespace vifchain::inline edge::inline state {
namespace {

template <class List>
std::size_t place_in(const List& all, const Json& json) {
  const auto found = json.is_string() ? std::ranges::find(all, json.get<std::string>()) : all.end();
  if (found == all.end()) throw NotThat("found the word " + json.dump());
  return static_cast<std::size_t>(found - all.begin());
}

// --- to JSON

Json show(const std::string& text);
template <class T>
requires std::is_arithmetic_v<T> Json show(T value) {
  return value;
}
template <Worded Enum>
Json show(Enum value) {
  return Words<Enum>::all.at(static_cast<std::size_t>(value));
}
Json show(VlanProtocol protocol) {
  return protocol == VlanProtocol::ieee_802_1ad ? "802.1ad" : "802.1Q";
}
Json show(const LinkName& name) {
  return show(name.str());
}
Json show(VlanId id) {
  return id.number();
}
Json show(const Mac& mac) {
  return mac.str();
}
Json show(const IpAddress& address) {
  return address.str();
}
Json show(const Kind& kind);
Json show(const Value& value);
Json show(const Options& options);
Json show(const Desired& links);
template <class K, class V>
Json show(const std::map<K, V>& map);
template <class T>
Json show(const std::vector<T>& list);
template <class T>
Json show(const std::optional<T>& maybe);
template <Structured T>
Json show(const T& value);

// Bytes that are no text, in a link's name, are given by their numbers.
Json show(const std::string& text) {
  try {
    (void)Json(text).dump();
    return text;
  } catch (const Json::exception&) {
    Json bytes = Json::array();
    for (const char c : text) bytes.push_back(static_cast<unsigned char>(c));
    return {{"bytes", bytes}};
  }
}

// What nothing makes sense without.
template <class T>
constexpr bool is_always_told =
    std::same_as<T, LinkName> || std::same_as<T, VlanId> || std::same_as<T, Kind>;

class Shown {
 public:
  Json json = Json::object();

  template <class T>
  void operator()(const char* key, const T& value) {
    if (is_always_told<T> || is_told(value)) json[key] = show(value);
  }

 private:
  template <class T>
  static bool is_told(const T& value) {
    return !(value == fresh<T>());
  }
  // They are never compared.
  static bool is_told(const AddressTraits& traits) { return !show(traits).empty(); }
  static bool is_told(const Lifetime& lifetime) { return lifetime.seconds.has_value(); }
};

template <Structured T>
Json show(const T& value) {
  Shown shown;
  members(shown, value);
  return std::move(shown.json);
}

template <class T>
Json show(const std::vector<T>& list) {
  Json json = Json::array();
  for (const auto& each : list) json.push_back(show(each));
  return json;
}
template <class T>
Json show(const std::optional<T>& maybe) {
  return maybe ? show(*maybe) : Json();
}
template <class K, class V>
Json show(const std::map<K, V>& map) {
  Json json = Json::array();
  for (const auto& [key, value] : map) json.push_back({show(key), show(value)});
  return json;
}
Json show(const Desired& links) {
  Json json = Json::array();
  for (const auto& [name, link] : links)
    json.push_back(link ? show(*link) : Json{{"name", show(name)}, {"gone", true}});
  return json;
}
Json show(const Kind& kind) {
  Json json = std::visit([](const auto& of) { return show(of); }, kind);
  json["is"] = kinds.at(kind.index());
  return json;
}
Json show(const Value& value) {
  return std::visit([](const auto& of) { return show(of); }, value);
}
Json show(const Options& options) {
  Json json = Json::object();
  for (const auto& [option, value] : options) {
    const auto& row = spec(option);
    json[show(row.owner).get<std::string>() + "." + std::string(row.key)] = show(value);
  }
  return json;
}

// --- from JSON

template <class T>
T sound(std::optional<T> value, const Json& json) {
  if (!value) throw NotThat("found " + json.dump());
  return std::move(*value);
}

void take(const Json& json, std::string& into);
template <class T>
requires std::is_arithmetic_v<T>
void take(const Json& json, T& into) {
  if (std::same_as<T, bool> ? !json.is_boolean() : !json.is_number_integer())
    throw NotThat("found the number " + json.dump());
  into = json.get<T>();
  if (Json(into) != json) throw NotThat("found the number " + json.dump());
}
template <Worded Enum>
void take(const Json& json, Enum& into) {
  into = static_cast<Enum>(place_in(Words<Enum>::all, json));
}
void take(const Json& json, VlanProtocol& into) {
  constexpr std::array words{"802.1Q", "802.1ad"};
  into = place_in(words, json) == 0 ? VlanProtocol::ieee_802_1q : VlanProtocol::ieee_802_1ad;
}
std::string text_in(const Json& json) {
  std::string text;
  take(json, text);
  return text;
}
void take(const Json& json, LinkName& into) {
  into = sound(LinkName::parse(text_in(json)), json);
}
void take(const Json& json, VlanId& into) {
  std::int64_t number = 0;
  take(json, number);
  into = sound(VlanId::from(number), json);
}
void take(const Json& json, Mac& into) {
  into = sound(Mac::parse(text_in(json)), json);
}
void take(const Json& json, IpAddress& into) {
  into = sound(IpAddress::parse(text_in(json)), json);
}
void take(const Json& json, Kind& into);
void take(const Json& json, Options& into);
void take(const Json& json, Desired& into);
template <class K, class V>
void take(const Json& json, std::map<K, V>& into);
template <class T>
void take(const Json& json, std::vector<T>& into);
template <class T>
void take(const Json& json, std::optional<T>& into);
template <Structured T>
void take(const Json& json, T& into);

template <class T>
T taken(const Json& json) {
  T value = fresh<T>();
  take(json, value);
  return value;
}

void take(const Json& json, std::string& into) {
  if (json.is_object() && json.contains("bytes")) {
    const auto bytes = taken<std::vector<std::uint8_t>>(json["bytes"]);
    into.assign(bytes.begin(), bytes.end());
    return;
  }
  if (!json.is_string()) throw NotThat("found the text " + json.dump());
  into = json.get<std::string>();
}

struct Taken {
  const Json& json;

  template <class T>
  void operator()(const char* key, T& into) {
    if (const auto found = json.find(key); found != json.end())
      take(*found, into);
    else if (is_always_told<T>)
      throw NotThat(std::string("found something without ") + key);
  }
};

template <Structured T>
void take(const Json& json, T& into) {
  if (!json.is_object()) throw NotThat("found " + json.dump());
  Taken from{json};
  members(from, into);
}
template <class T>
void take(const Json& json, std::vector<T>& into) {
  if (!json.is_array()) throw NotThat("found the list " + json.dump());
  for (const auto& each : json) into.push_back(taken<T>(each));
}
template <class T>
void take(const Json& json, std::optional<T>& into) {
  if (!json.is_null()) into = taken<T>(json);
}
template <class K, class V>
void take(const Json& json, std::map<K, V>& into) {
  if (!json.is_array()) throw NotThat("found the pairs " + json.dump());
  for (const auto& each : json) {
    if (!each.is_array() || each.size() != 2) throw NotThat("found the pair " + each.dump());
    into.insert_or_assign(taken<K>(each[0]), taken<V>(each[1]));
  }
}
void take(const Json& json, Desired& into) {
  if (!json.is_array()) throw NotThat("found the links " + json.dump());
  for (const auto& each : json) {
    if (!each.is_object() || !each.contains("name")) throw NotThat("found the link " + each.dump());
    const auto name = taken<LinkName>(each["name"]);
    const bool gone = each.contains("gone") && taken<bool>(each["gone"]);
    into.insert_or_assign(name, gone ? std::nullopt : std::optional(taken<Link>(each)));
  }
}
void take(const Json& json, Kind& into) {
  if (!json.is_object() || !json.contains("is")) throw NotThat("found the kind " + json.dump());
  switch (place_in(kinds, json["is"])) {
    case 0:
      into = Given{};
      return;
    case 1:
      into = taken<Bond>(json);
      return;
    case 2:
      into = taken<Vlan>(json);
      return;
    default:
      into = taken<Bridge>(json);
  }
}

Value value_in(const Json& json, Form form) {
  switch (form) {
    case Form::mac:
      return taken<Mac>(json);
    case Form::port:
      return taken<LinkName>(json);
    case Form::addresses:
      return taken<std::vector<IpAddress>>(json);
    case Form::qos_map:
      return taken<QosMap>(json);
    default:
      return taken<std::int64_t>(json);
  }
}
void take(const Json& json, Options& into) {
  if (!json.is_object()) throw NotThat("found the options " + json.dump());
  for (const auto& [key, value] : json.items()) {
    const auto dot = key.find('.');
    const auto owner = static_cast<Owner>(place_in(Words<Owner>::all, key.substr(0, dot)));
    const auto* row = dot == key.npos ? nullptr : find_option(owner, key.substr(dot + 1));
    if (row == nullptr) throw NotThat("found the option " + key);
    into.insert_or_assign(row->id, value_in(value, row->form));
  }
}

// A file's text line by line: in one piece nobody could read it.
Json lines_of(const std::string& text) {
  Json lines = Json::array();
  for (std::size_t at = 0;;) {
    const auto end = text.find('\n', at);
    lines.push_back(show(text.substr(at, end - at)));
    if (end == text.npos) return lines;
    at = end + 1;
  }
}

std::string text_of_lines(const Json& json) {
  std::string text;
  for (const auto& line : taken<std::vector<std::string>>(json)) text += line + "\n";
  if (!text.empty()) text.pop_back();
  return text;
}

// In every file state of a document: `turn` its text.
template <class Turn>
void turn_texts(Json& json, const Turn& turn) {
  if (json.is_object() && json.contains("path"))
    for (const char* state : {"then", "before"})
      if (json.contains(state) && json[state].is_object() && json[state].contains("text"))
        json[state]["text"] = turn(json[state]["text"]);
}

Json with_lines(Json file) {
  turn_texts(file, [](const Json& text) { return lines_of(text_in(text)); });
  return file;
}

Json with_text(Json file) {
  turn_texts(file, [](const Json& lines) { return show(text_of_lines(lines)); });
  return file;
}

// What the library itself throws names no place.
template <class T>
T from(const Json& json) try {
  return taken<T>(json);
} catch (const Json::exception& error) {
  throw NotThat(error.what());
}

}  // namespace

Json json_of(const Link& link) {
  return show(link);
}

Link link_from(const Json& json) {
  return from<Link>(json);
}

Json json_of(const AppliedFile& file) {
  return with_lines(show(file));
}

AppliedFile applied_file_from(const Json& json) {
  return from<AppliedFile>(with_text(json));
}

Json json_of(const RollbackRecord& way) {
  Json json = show(way);
  if (json.contains("files"))
    for (auto& file : json["files"]) file = with_lines(file);
  return json;
}

RollbackRecord rollback_record_from(const Json& json) {
  Json whole = json;
  if (whole.is_object() && whole.contains("files") && whole["files"].is_array())
    for (auto& file : whole["files"]) file = with_text(file);
  return from<RollbackRecord>(whole);
}

}  // namespace vifchain::inline edge::inline state
