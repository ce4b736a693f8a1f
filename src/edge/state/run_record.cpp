// SPDX-License-Identifier: Apache-2.0
#include "edge/state/run_record.hpp"

#include <algorithm>
#include <array>

#include "core/text/printable.hpp"
#include "core/text/utf8.hpp"

namespace vifchain::inline edge::inline state {
namespace {

constexpr std::array<std::string_view, 6> endings{"began",   "done",   "nothing to do",
                                                  "refused", "failed", "interrupted"};
constexpr std::array<std::string_view, 4> fates{"planned", "done", "tried", "undone"};

template <typename Kind, std::size_t size>
std::optional<Kind> find(const std::array<std::string_view, size>& all, std::string_view words) {
  const auto found = std::ranges::find(all, words);
  if (found == all.end()) return std::nullopt;
  return static_cast<Kind>(found - all.begin());
}

// A JSON string (RFC 8259, section 7): what is printable needs no other escapes.
std::string json_quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : printable(first_characters(text, longest_text))) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  if (text.size() > longest_text) result += "...";
  return result + '"';
}

template <typename List, typename Element>
std::string array_of(const List& list, const Element& element) {
  std::string text;
  for (const auto& each : list) text += (text.empty() ? "" : ",") + element(each);
  return "[" + text + "]";
}

std::string show(const StepRecord& step) {
  return "[" + json_quoted(step.link) + "," + json_quoted(step.step) + "," +
         json_quoted(step.because) + "," + json_quoted(in_words(step.fate)) + "]";
}

std::string show(const ConflictRecord& conflict) {
  return "[" + json_quoted(conflict.link) + "," + json_quoted(conflict.reason) + "]";
}

// The members of an object, those that say nothing left out.
class Members {
 public:
  explicit Members(std::string text) : text_(std::move(text)) {}

  void add(const char* key, const std::string& text) {
    if (!text.empty()) put(key, json_quoted(text));
  }
  void add(const char* key, std::int64_t number) {
    if (number != 0) put(key, std::to_string(number));
  }
  template <typename List, typename Element>
  void add(const char* key, const List& list, const Element& element) {
    if (!list.empty()) put(key, array_of(list, element));
  }
  void put(const char* key, const std::string& value) {
    text_ += std::string(",\"") + key + "\":" + value;
  }
  [[nodiscard]] std::string line() const { return text_ + "}\n"; }

 private:
  std::string text_;
};

bool is_in_names(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '@' || (static_cast<unsigned char>(c) & 0x80) != 0;
}

// The bond or bridge that the step makes its link a port of.
const LinkName* controller_in(const Op& op) {
  if (const auto* join = std::get_if<Join>(&op)) return &join->controller;
  const auto* create = std::get_if<Create>(&op);
  return create != nullptr && create->link.controller ? &*create->link.controller : nullptr;
}

bool ends_word(std::string_view rest) {
  if (rest.empty()) return true;
  if (rest[0] == '.') return rest.size() == 1 || !is_in_names(rest[1]);
  return !is_in_names(rest[0]);
}

}  // namespace

std::string_view in_words(Ending ending) {
  return endings.at(static_cast<std::size_t>(ending));
}

std::optional<Ending> ending_from(std::string_view words) {
  return find<Ending>(endings, words);
}

std::string_view in_words(StepFate fate) {
  return fates.at(static_cast<std::size_t>(fate));
}

std::optional<StepFate> fate_from(std::string_view words) {
  return find<StepFate>(fates, words);
}

void add_step(RunRecord& record, const Step& step, StepFate fate) {
  if (const auto* controller = controller_in(step.op)) record.links.insert(controller->str());
  add_step(record, {target_of(step.op).str(), describe(step.op), step.because, fate});
}

void add_step(RunRecord& record, StepRecord step) {
  record.links.insert(step.link);
  if (record.steps.size() < most_steps)
    record.steps.push_back(std::move(step));
  else
    ++record.more_steps;
}

void add_conflicts(RunRecord& record, const std::vector<Conflict>& conflicts) {
  for (const auto& [name, reason] : conflicts) {
    record.links.insert(name.str());
    if (record.conflicts.size() < most_conflicts) record.conflicts.push_back({name.str(), reason});
  }
}

void add_note(RunRecord& record, std::string_view note) {
  if (record.notes.size() >= most_notes) return;
  if (std::ranges::find(record.notes, note) == record.notes.end()) record.notes.emplace_back(note);
}

std::string encode(const RunRecord& record) {
  const auto text = [](const std::string& each) { return json_quoted(each); };
  const auto shown = [](const auto& each) { return show(each); };
  Members members(std::string(record_start) + std::to_string(record.began));
  members.put("pid", std::to_string(record.pid));
  members.add("call", record.call);
  members.add("caller", record.caller);
  members.add("uid", record.uid);
  members.add("sudo_user", record.sudo_user);
  members.add("took", record.took);
  members.put("end", json_quoted(in_words(record.ending)));
  members.add("message", record.message);
  members.add("planned", static_cast<std::int64_t>(record.planned));
  members.add("steps", record.steps, shown);
  members.add("more_steps", static_cast<std::int64_t>(record.more_steps));
  members.add("conflicts", record.conflicts, shown);
  members.add("notes", record.notes, text);
  members.add("links", record.links, text);
  return members.line();
}

bool mentions(std::string_view text, std::string_view name) {
  if (name.empty()) return false;
  for (auto at = text.find(name); at != text.npos; at = text.find(name, at + 1)) {
    const bool begins = at == 0 || (text[at - 1] != '.' && !is_in_names(text[at - 1]));
    if (begins && ends_word(text.substr(at + name.size()))) return true;
  }
  return false;
}

bool concerns(const StepRecord& step, std::string_view name) {
  return step.link == name || mentions(step.step, name);
}

bool concerns(const RunRecord& record, std::string_view name) {
  const auto in_step = [&](const StepRecord& step) { return concerns(step, name); };
  const auto in_text = [&](const std::string& text) { return mentions(text, name); };
  const auto in_conflict = [&](const ConflictRecord& conflict) {
    return conflict.link == name || mentions(conflict.reason, name);
  };
  return record.links.contains(std::string(name)) || mentions(record.message, name) ||
         std::ranges::any_of(record.notes, in_text) ||
         std::ranges::any_of(record.conflicts, in_conflict) ||
         std::ranges::any_of(record.steps, in_step);
}

}  // namespace vifchain::inline edge::inline state
