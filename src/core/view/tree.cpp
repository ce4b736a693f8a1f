// SPDX-License-Identifier: Apache-2.0
#include "core/view/tree.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include "core/text/list.hpp"
#include "core/view/differences.hpp"
#include "core/view/words.hpp"

namespace vifchain::inline core::inline view {
namespace {

// What stands left of a link's name, by its place among its siblings.
struct Strokes {
  std::string_view branch, last, trunk, blank;
};
constexpr Strokes boxes{"├─ ", "└─ ", "│  ", "   "};
constexpr Strokes ascii{"|- ", "`- ", "|  ", "   "};

enum class Tone { plain, bold, dim, warning, alarm };

std::string painted(const std::string& text, Tone tone, const TreeStyle& style) {
  if (!style.colour || tone == Tone::plain || text.empty()) return text;
  const char* code = tone == Tone::bold      ? "1"
                     : tone == Tone::dim     ? "2"
                     : tone == Tone::warning ? "33"
                                             : "1;31";
  return "\033[" + std::string(code) + "m" + text + "\033[0m";
}

struct Line {
  std::string lead;  // strokes
  std::string name;  // empty: the details have the whole line to themselves
  std::string details;
  Tone name_tone = Tone::plain, tone = Tone::plain;
};

// Names up to this wide make the column of the details; a longer one pushes only its own.
constexpr std::size_t widest_name = 40;

class TreeDrawing {
 public:
  TreeDrawing(const View& view, const TreeStyle& style)
      : view_(view), style_(style), strokes_(style.unicode ? boxes : ascii) {}

  std::string draw() {
    for (const auto& bridge : view_.bridges) {
      draw_link(bridge.name, "", "", bridge.guests);
      end_block();
    }
    for (const auto& name : view_.loose) {
      draw_link(name, "", "", {});
      end_block();
    }
    if (!view_.elsewhere.empty()) draw_elsewhere();
    return std::move(text_);
  }

 private:
  // `lead` stands before its name, `below` before everything under it.
  void draw_link(const LinkName& name, const std::string& lead, const std::string& below,
                 const std::vector<std::size_t>& guests) {
    const LinkView& link = view_.links.at(name);
    const bool again = !link.below.empty() && !drawn_.insert(name).second;
    auto facts = again ? brief_facts_of(link, view_) : facts_of(link, view_);
    if (again) facts.emplace_back("drawn above");
    const bool leaf = link.below.empty() && guests.empty();
    const std::string notes = below + std::string(leaf ? strokes_.blank : strokes_.trunk);
    lines_.push_back({lead, name.str(), joined(facts), lead.empty() ? Tone::bold : Tone::plain,
                      link.there ? Tone::plain : Tone::warning});
    if (again) return;
    add_notes(notes, link.differences, Tone::warning);
    add_notes(notes, link.troubles, Tone::alarm);
    add_counters(notes, link);
    const std::size_t children = link.below.size() + guests.size();
    for (std::size_t i = 0; i < children; ++i) {
      const bool last = i + 1 == children;
      const std::string branch = below + std::string(last ? strokes_.last : strokes_.branch);
      const std::string under = below + std::string(last ? strokes_.blank : strokes_.trunk);
      if (i < link.below.size())
        draw_link(link.below[i], branch, under, {});
      else
        draw_guest(view_.guests[guests[i - link.below.size()]], branch, under);
    }
  }

  void draw_guest(const GuestView& guest, const std::string& lead, const std::string& below) {
    const std::string notes = below + std::string(strokes_.blank);
    const auto name = guest.link ? guest.link->str() : guest.vif.vif.str();
    lines_.push_back({lead, name, joined(facts_of(guest, view_))});
    for (const auto& port : {guest.link, guest.emulated})
      if (port) add_notes(notes, view_.links.at(*port).differences, Tone::warning);
    add_notes(notes, guest.troubles, Tone::alarm);
    if (guest.link) add_counters(notes, view_.links.at(*guest.link));
  }

  void draw_elsewhere() {
    lines_.push_back({"", "", "on no bridge here", Tone::plain, Tone::bold});
    for (std::size_t i = 0; i < view_.elsewhere.size(); ++i) {
      const bool last = i + 1 == view_.elsewhere.size();
      draw_guest(view_.guests[view_.elsewhere[i]],
                 std::string(last ? strokes_.last : strokes_.branch),
                 std::string(last ? strokes_.blank : strokes_.trunk));
    }
    end_block();
  }

  // That a link is not there its own line says.
  void add_notes(const std::string& lead, const std::vector<std::string>& texts, Tone tone) {
    for (const auto& text : texts)
      if (text != not_there) lines_.push_back({lead, "", "! " + text, Tone::plain, tone});
  }

  void add_counters(const std::string& lead, const LinkView& link) {
    if (style_.counters && link.state.counters)
      lines_.push_back({lead, "", in_words(*link.state.counters), Tone::plain, Tone::dim});
  }

  void end_block() {
    std::size_t column = 0;
    for (const auto& line : lines_)
      if (!line.name.empty())
        column = std::max(column, std::min(width(line.lead) + width(line.name), widest_name));
    if (!text_.empty()) text_ += '\n';
    for (const auto& line : lines_) text_ += in_columns(line, column) + '\n';
    lines_.clear();
  }

  [[nodiscard]] std::string in_columns(const Line& line, std::size_t column) const {
    const std::string details = painted(printable(line.details), line.tone, style_);
    if (line.name.empty()) return painted(line.lead, Tone::dim, style_) + details;
    const std::size_t used = width(line.lead) + width(line.name);
    return painted(line.lead, Tone::dim, style_) +
           painted(printable(line.name), line.name_tone, style_) +
           std::string(used < column ? column - used : 0, ' ') + "  " + details;
  }

  const View& view_;
  const TreeStyle& style_;
  const Strokes& strokes_;
  std::set<LinkName> drawn_;
  std::vector<Line> lines_;  // of the block that is being drawn
  std::string text_;
};

}  // namespace

std::string tree_text(const View& view, const TreeStyle& style) {
  return TreeDrawing(view, style).draw();
}

std::string alarming(const std::string& text, const TreeStyle& style) {
  return painted(text, Tone::alarm, style);
}

std::string reassuring(const std::string& text, const TreeStyle& style) {
  if (!style.colour) return text;
  return "\033[32m" + text + "\033[0m";
}

}  // namespace vifchain::inline core::inline view
