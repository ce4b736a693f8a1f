// SPDX-License-Identifier: Apache-2.0
#include "convert/import/settle_document.hpp"

#include <algorithm>

#include "convert/import/toml_text.hpp"
#include "core/config/read.hpp"
#include "core/model/topology.hpp"

namespace vifchain::inline convert {
namespace {

struct TakenOut {
  std::string link;
  std::string key = {};      // as said_key() has it; empty: the whole table
  std::string element = {};  // of a list
  std::string text = {};     // as it would have stood there
};

// Each part has a place of its own, greater than those of the parts in it.
void give_places(Node& node, unsigned& last);

void give_places(Table& table, unsigned& last) {
  for (auto& entry : table) {
    give_places(entry.node, last);
    entry.place = {0, ++last};
    entry.node.place = {0, ++last};
  }
}

void give_places(Node& node, unsigned& last) {
  if (auto* table = std::get_if<Table>(&node.value)) give_places(*table, last);
  auto* array = std::get_if<Array>(&node.value);
  if (array == nullptr) return;
  for (auto& element : *array) {
    give_places(element, last);
    element.place = {0, ++last};
  }
}

// The part that the place is in, if it is there: the first that has no lesser one.
template <class Parts>
auto part_with(Parts& parts, Place place) {
  return std::ranges::find_if(parts, [&](const auto& part) {
    if constexpr (std::is_same_v<std::remove_const_t<Parts>, Table>)
      return part.node.place >= place;
    else
      return part.place >= place;
  });
}

bool take_from(Node& node, Place place);

// One that has the place in its key, as a whole; or what is in its value.
bool take_from(Table& table, Place place) {
  const auto part = part_with(table, place);
  if (part == table.end()) return false;
  if (part->place != place && part->node.place != place) return take_from(part->node, place);
  table.erase(part);
  return true;
}

bool take_from(Node& node, Place place) {
  if (auto* table = std::get_if<Table>(&node.value)) return take_from(*table, place);
  auto* array = std::get_if<Array>(&node.value);
  const auto part = array == nullptr ? Array::iterator() : part_with(*array, place);
  if (array == nullptr || part == array->end()) return false;
  if (part->place != place) return take_from(*part, place);
  array->erase(part);
  return true;
}

// The element of a list that has the place: a text, or the destination of a route.
std::string element_at(const Node& list, Place place) {
  const auto* array = std::get_if<Array>(&list.value);
  if (array == nullptr) return {};
  const auto element = part_with(*array, place);
  if (element == array->end()) return {};
  const auto* table = std::get_if<Table>(&element->value);
  const auto* text =
      std::get_if<std::string>(table == nullptr ? &element->value : &table->front().node.value);
  return text == nullptr ? std::string() : *text;
}

// Takes what is at the place out of the document; nothing when there is nothing.
std::optional<TakenOut> take_out(Table& document, Place place) {
  const auto kind = part_with(document, place);
  if (kind == document.end()) return std::nullopt;
  auto& members = std::get<Table>(kind->node.value);
  const auto member = part_with(members, place);
  if (member == members.end()) return std::nullopt;
  TakenOut taken{.link = member->key, .text = "[" + kind->key + "." + member->key + "]"};
  const auto* table = std::get_if<Table>(&member->node.value);
  const auto entry = table == nullptr ? Table::const_iterator() : part_with(*table, place);
  if (table != nullptr && entry != table->end()) {
    taken.key = said_key(kind->key == "port", entry->key);
    taken.element = element_at(entry->node, place);
    taken.text = entry->key + " = " + toml_value(entry->node);
  }
  return take_from(members, place) ? std::optional(std::move(taken)) : std::nullopt;
}

void drop_empty(Table& document) {
  std::erase_if(document,
                [](const Entry& entry) { return std::get<Table>(entry.node.value).empty(); });
}

// Where the draft was told so, as far as it was told by a line.
Said said_of(const TakenOut& taken, const DraftConfig& draft) {
  const auto* link = draft.find(taken.link);
  if (link == nullptr) return {};
  for (const auto& key : {taken.key + " " + taken.element, taken.key})
    if (const auto said = link->said.find(key); said != link->said.end())
      return {said->second.file, said->second.line};
  return {link->first.file, link->first.line};
}

// Takes what is wrong out of the document and says so; false when that is no part of it.
bool leave_out(const Diagnostic& wrong, Table& document, DraftConfig& draft) {
  const auto taken = take_out(document, wrong.place);
  if (!taken) return false;
  draft.lose(said_of(*taken, draft),
             "left out " + taken->text + ": " + (wrong.text.empty() ? "" : wrong.text + ": ") +
                 wrong.message,
             taken->link);
  return true;
}

// What one mistake leads to goes with it, so they are left out one by one; of more than this many,
// twice as many with each look.
constexpr std::size_t singly = 16;

// Leaves out what the reader of the file would refuse, and says so.
void leave_out_mistakes(Table& document, DraftConfig& draft) {
  std::size_t at_once = 1;
  for (std::size_t looks = 1;; ++looks) {
    drop_empty(document);
    const auto read = read_topology(document);
    const auto* wrong = std::get_if<Diagnostics>(&read);
    if (wrong == nullptr) return;
    if (!leave_out(wrong->front(), document, draft)) {
      // About the whole: then nothing is better than something wrong.
      draft.lose({}, wrong->front().message);
      document.clear();
      return;
    }
    for (std::size_t more = 1; more < std::min(at_once, wrong->size()); ++more)
      leave_out((*wrong)[more], document, draft);
    if (looks >= singly) at_once *= 2;
  }
}

bool same(const Table& a, const Table& b) {
  const auto one = read_topology(a);
  const auto other = read_topology(b);
  const auto* first = std::get_if<Topology>(&one);
  const auto* second = std::get_if<Topology>(&other);
  return first != nullptr && second != nullptr && first->links == second->links;
}

void erase_mtus(Table& document, const std::string& of_kind) {
  for (auto& [kind, place, node] : document) {
    if (kind != of_kind) continue;
    auto& members = std::get<Table>(node.value);
    for (auto& member : members)
      std::erase_if(std::get<Table>(member.node.value),
                    [](const Entry& entry) { return entry.key == "mtu"; });
    if (kind == "port")
      std::erase_if(members,
                    [](const Entry& member) { return std::get<Table>(member.node.value).empty(); });
  }
  drop_empty(document);
}

// A bridge's mtu raises what is below it: where it says it all, nothing below needs to.
void leave_mtus_to_the_bridges(Table& document) {
  for (const char* kind : {"port", "vlan", "bond"}) {
    Table shorter = document;
    erase_mtus(shorter, kind);
    if (same(document, shorter)) document = std::move(shorter);
  }
}

}  // namespace

void settle(Table& document, DraftConfig& draft) {
  unsigned last = 0;
  give_places(document, last);
  leave_out_mistakes(document, draft);
  leave_mtus_to_the_bridges(document);
}

}  // namespace vifchain::inline convert
