// SPDX-License-Identifier: Apache-2.0
#include "edge/parse/yaml.hpp"

#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>

namespace vifchain::inline edge::inline parse {
namespace {

constexpr std::size_t largest_file = 4U << 20U;
constexpr std::size_t deepest = 32;
constexpr std::size_t most_nodes = 100000;  // with those that aliases stand for
constexpr std::size_t longest_shown = 40;

// What makes the text none of ours, at the place where it does.
struct Wrong : std::runtime_error {
  Wrong(Place where, const std::string& why) : std::runtime_error(why), place(where) {}
  Place place;
};

Place place_of(const YAML::Mark& mark) {
  if (mark.is_null()) return {1, 1};
  return {static_cast<unsigned>(mark.line) + 1, static_cast<unsigned>(mark.column) + 1};
}

std::string shortened(const std::string& text) {
  auto size = std::min(text.find_first_of("\r\n"), text.size());
  size = std::min(size, longest_shown);
  while (size > 0 && size < text.size() && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80)
    --size;
  return text.substr(0, size) + (size < text.size() ? "…" : "");
}

std::size_t size_of(const Node& node) {
  std::size_t size = 1;
  if (const auto* array = std::get_if<Array>(&node.value))
    for (const auto& element : *array) size += size_of(element);
  if (const auto* table = std::get_if<Table>(&node.value))
    for (const auto& entry : *table) size += size_of(entry.node);
  return size;
}

std::size_t depth_of(const Node& node) {
  std::size_t deepest_below = 0;
  if (const auto* array = std::get_if<Array>(&node.value))
    for (const auto& element : *array) deepest_below = std::max(deepest_below, depth_of(element));
  if (const auto* table = std::get_if<Table>(&node.value))
    for (const auto& entry : *table) deepest_below = std::max(deepest_below, depth_of(entry.node));
  return deepest_below + 1;
}

// Builds the tree as the parser goes. What is refused is refused here, before it grows: an alias
// copies what its anchor names, and counts as much.
class Builder : public YAML::EventHandler {
 public:
  Table take() { return std::move(whole_); }

  void OnDocumentStart(const YAML::Mark&) override { anchors_.clear(); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    finish({std::string(), place_of(mark), {}}, anchor);
  }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                const std::string& value) override {
    finish({value, place_of(mark), shortened(value)}, anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end())
      throw Wrong(place_of(mark), "an alias within what it stands for has no end");
    Node copy = found->second.node;
    count(found->second.size, place_of(mark));
    if (open_.size() + found->second.depth > deepest)
      throw Wrong(place_of(mark), "is nested deeper than 32");
    put(std::move(copy));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open({Array{}, place_of(mark), "[…]"}, anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open({Table{}, place_of(mark), "{…}"}, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Node node;
    YAML::anchor_t anchor;
    std::optional<Node> key = {};  // of a mapping: one that waits for its value
  };
  struct Anchored {
    Node node;
    std::size_t size, depth;
  };

  void count(std::size_t nodes, Place place) {
    nodes_ += nodes;
    if (nodes_ > most_nodes)
      throw Wrong(place, "there is more in the file than netplan's ever have");
  }

  void open(Node node, YAML::anchor_t anchor) {
    if (open_.size() >= deepest) throw Wrong(node.place, "is nested deeper than 32");
    count(1, node.place);
    open_.push_back({std::move(node), anchor});
  }

  void close() {
    Open closed = std::move(open_.back());
    open_.pop_back();
    keep(closed.node, closed.anchor);
    put(std::move(closed.node));
  }

  void finish(Node node, YAML::anchor_t anchor) {
    count(1, node.place);
    keep(node, anchor);
    put(std::move(node));
  }

  void keep(const Node& node, YAML::anchor_t anchor) {
    if (anchor == YAML::NullAnchor) return;
    const auto size = size_of(node);
    count(size, node.place);  // the copy that is kept
    anchors_.insert_or_assign(anchor, Anchored{node, size, depth_of(node)});
  }

  void put(Node node) {
    if (open_.empty()) return put_document(std::move(node));
    Open& top = open_.back();
    if (auto* array = std::get_if<Array>(&top.node.value)) {
      array->push_back(std::move(node));
    } else if (!top.key) {
      if (!std::holds_alternative<std::string>(node.value))
        throw Wrong(node.place, "a key must be a word");
      top.key = std::move(node);
    } else {
      auto& table = std::get<Table>(top.node.value);
      table.push_back({std::get<std::string>(top.key->value), top.key->place, std::move(node)});
      top.key.reset();
    }
  }

  // An empty document is none.
  void put_document(Node node) {
    auto* table = std::get_if<Table>(&node.value);
    const auto* text = std::get_if<std::string>(&node.value);
    if (text != nullptr && text->empty()) return;
    if (table == nullptr) throw Wrong(node.place, "must be a mapping, network: …");
    for (auto& entry : *table) whole_.push_back(std::move(entry));
  }

  Table whole_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  std::size_t nodes_ = 0;
};

Diagnostics mistake(Place place, const std::string& why) {
  return {{place, "", why, ""}};
}

// Bytes that YAML has no place for (YAML 1.2, 5.1), which its reader would take for its own marks.
std::optional<Place> first_control_byte(std::string_view text) {
  Place place{1, 1};
  for (const char c : text) {
    const bool white = c == '\t' || c == '\n' || c == '\r';
    if ((static_cast<unsigned char>(c) < ' ' && !white) || c == '\x7f') return place;
    place = c == '\n' ? Place{place.line + 1, 1} : Place{place.line, place.column + 1};
  }
  return std::nullopt;
}

// The first line that begins with a tab, which indents nothing (YAML 1.2, 6.1): the reader's own
// message tells of what came of it.
unsigned tabbed_line(std::string_view text) {
  unsigned line = 1;
  for (std::size_t at = 0; at < text.size(); ++line) {
    const auto first = text.find_first_not_of(' ', at);
    if (first != text.npos && text[first] == '\t') return line;
    const auto end = text.find('\n', at);
    if (end == text.npos) break;
    at = end + 1;
  }
  return 0;
}

Diagnostics syntax_error(const YAML::Exception& error, std::string_view text) {
  const auto place = place_of(error.mark);
  const auto tab = tabbed_line(text);
  if (tab != 0 && tab <= place.line + 1)
    return mistake({tab, 1}, "is not YAML: a tab where only blanks may indent");
  return mistake(place, "is not YAML: " + error.msg);
}

}  // namespace

std::variant<Table, Diagnostics> parse_yaml(std::string_view text) {
  if (text.size() > largest_file) return mistake({1, 1}, "the file is larger than 4 MiB");
  if (const auto place = first_control_byte(text))
    return mistake(*place, "is not YAML: a control byte");
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    Builder builder;
    while (parser.HandleNextDocument(builder)) continue;
    return builder.take();
  } catch (const Wrong& wrong) {
    return mistake(wrong.place, wrong.what());
  } catch (const YAML::Exception& error) {
    return syntax_error(error, text);
  }
}

}  // namespace vifchain::inline edge::inline parse
