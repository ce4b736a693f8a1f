// SPDX-License-Identifier: Apache-2.0
#include "cli/show/show_why.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/show/complain.hpp"
#include "cli/show/json_text.hpp"
#include "core/view/words.hpp"

namespace vifchain::inline cli {
namespace {

constexpr const char* red = "\033[31m";
constexpr const char* bold = "\033[1m";
constexpr const char* dim = "\033[2m";
constexpr const char* plain = "\033[0m";

std::string time_in(std::int64_t milliseconds, const char* format, bool local) {
  const std::time_t seconds = milliseconds / 1000;
  std::tm parts{};
  (local ? localtime_r(&seconds, &parts) : gmtime_r(&seconds, &parts));
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

std::string local_time(std::int64_t milliseconds) {
  return time_in(milliseconds, "%Y-%m-%d %H:%M:%S", true);
}

std::string utc(std::int64_t milliseconds) {
  const std::string fraction = std::to_string(1000 + milliseconds % 1000).substr(1);
  return time_in(milliseconds, "%Y-%m-%dT%H:%M:%S.", false) + fraction + "Z";
}

std::string duration(std::int64_t milliseconds) {
  if (milliseconds < 10000) return std::to_string(milliseconds) + " ms";
  return std::to_string(milliseconds / 1000) + " s";
}

// A process of this number and our name, which another may have got since, is there and no zombie
// (proc(5), "stat").
bool seems_to_run(const RunRecord& run) {
  std::ifstream file("/proc/" + std::to_string(run.pid) + "/stat");
  std::string number, name, state;
  return file >> number >> name >> state && name == "(vifchain)" && state != "Z";
}

std::string end_of(const RunRecord& run) {
  if (run.ending != Ending::began) return std::string(in_words(run.ending));
  return seems_to_run(run) ? "seems to be running (process " + std::to_string(run.pid) + ")"
                           : "did not end: it was killed, or the machine went down";
}

std::size_t number_of(const RunRecord& run, StepFate fate) {
  return static_cast<std::size_t>(
      std::ranges::count_if(run.steps, [&](const StepRecord& each) { return each.fate == fate; }));
}

class Text {
 public:
  Text(const Why& why, bool colour) : why_(why), colour_(colour) {}

  std::string run() {
    if (!why_.kept.unreadable.empty())
      text_ += told("note", "earlier runs are not known: " + why_.kept.unreadable);
    else if (why_.kept.runs.empty())
      text_ += told("note", "no recorded run was about " + why_.now.name);
    for (const auto& run : why_.kept.runs) tell(run);
    if (why_.kept.passed_over > 0)
      text_ += told("note", "skipped " + counted(why_.kept.passed_over, "unreadable line") +
                                " of the recorded runs");
    text_ += "\n";
    tell_now();
    return text_;
  }

 private:
  void line(const std::string& indent, const std::string& text, const char* how = nullptr) {
    const bool coloured = colour_ && how != nullptr;
    text_ += indent + (coloured ? how : "") + printable(text) + (coloured ? plain : "") + "\n";
  }

  static std::string counted(std::size_t count, const std::string& what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
  }

  void tell(const RunRecord& run) {
    line("", local_time(run.began) + "  " + run.call + who(run), bold);
    std::size_t others = run.more_steps;
    for (const auto& step : run.steps)
      if (is_about(step))
        tell(step);
      else
        ++others;
    if (others > 0) line("    ", "(" + counted(others, "more step") + beyond(run) + ")", dim);
    for (const auto& [link, reason] : run.conflicts)
      if (run.message.find(reason) == std::string::npos) line("    ", link + ": " + reason, red);
    for (const auto& note : run.notes)
      if (std::ranges::any_of(names(), [&](const auto& name) { return mentions(note, name); }))
        line("    ", "note: " + note);
    tell_end(run);
  }

  static std::string who(const RunRecord& run) {
    std::string text;
    const auto add = [&](const std::string& more) { text += (text.empty() ? "" : ", ") + more; };
    if (!run.caller.empty()) add("called by " + run.caller);
    if (!run.sudo_user.empty())
      add("by " + run.sudo_user);
    else if (run.uid != 0)
      add("by uid " + std::to_string(run.uid));
    if (run.ending != Ending::began) add("took " + duration(run.took));
    return text.empty() ? "" : "  (" + text + ")";
  }

  static std::string beyond(const RunRecord& run) {
    return run.more_steps > 0 ? ", not all of them recorded" : " of other links";
  }

  void tell(const StepRecord& step) {
    const std::string before = step.fate == StepFate::done      ? ""
                               : step.fate == StepFate::planned ? "to do: "
                               : step.fate == StepFate::tried   ? "tried: "
                                                                : "undo: ";
    line("    ", before + step.step + ": " + step.because);
  }

  void tell_end(const RunRecord& run) {
    const bool well = run.ending == Ending::done || run.ending == Ending::nothing_to_do;
    std::string text = end_of(run);
    const auto undone = number_of(run, StepFate::undone);
    if (undone > 0) text += ", and undone";
    if (!run.message.empty()) text += ": " + run.message;
    line("  ", text, well ? nullptr : red);
  }

  [[nodiscard]] std::vector<std::string> names() const {
    auto all = why_.now.other_names;
    all.push_back(why_.now.name);
    return all;
  }

  [[nodiscard]] bool is_about(const StepRecord& step) const {
    return std::ranges::any_of(names(), [&](const auto& name) { return concerns(step, name); });
  }

  void tell_now() {
    const LinkNow& now = why_.now;
    line("",
         "Now: " + now.name + (now.there ? ": " + now.kind + ", " + now.state : ": no such link"),
         bold);
    for (const auto& sentence : {now.guest.empty() ? now.owner : now.guest, now.place, now.file})
      if (!sentence.empty()) line("  ", sentence);
    for (const auto& trouble : now.troubles) line("  ", "! " + trouble, red);
    tell_plan(now);
    for (const auto& note : now.notes) line("  ", "note: " + note);
    if (!why_.waiting.empty()) line("  ", "! " + why_.waiting, red);
  }

  void tell_plan(const LinkNow& now) {
    const auto is_said = [&](const std::string& difference) {
      return std::ranges::any_of(now.conflicts, [&](const ConflictRecord& conflict) {
        return conflict.link == now.name && conflict.reason.find(difference) != std::string::npos;
      });
    };
    for (const auto& difference : now.differences)
      if (!is_said(difference)) line("  ", "! " + difference, red);
    for (const auto& [link, reason] : now.conflicts)
      line("  ", "conflict: " + link + ": " + reason, red);
    for (const auto& step : now.steps) line("  ", "apply would " + step.step + ": " + step.because);
    if (now.line > 0 && now.there && now.conflicts.empty() && now.steps.empty() &&
        now.differences.empty())
      line("  ", "matches the file");
  }

  const Why& why_;
  bool colour_;
  std::string text_;
};

using Json = nlohmann::ordered_json;

Json json_of(const std::vector<StepRecord>& steps, bool with_fate) {
  Json list = Json::array();
  for (const auto& step : steps) {
    list.push_back({{"link", step.link}, {"step", step.step}, {"because", step.because}});
    if (with_fate) list.back()["fate"] = in_words(step.fate);
  }
  return list;
}

Json json_of(const std::vector<ConflictRecord>& conflicts) {
  Json list = Json::array();
  for (const auto& [link, reason] : conflicts) list.push_back({{"link", link}, {"reason", reason}});
  return list;
}

Json json_of(const RunRecord& run) {
  Json json{{"time", utc(run.began)}, {"call", run.call}, {"pid", run.pid}, {"uid", run.uid}};
  if (!run.caller.empty()) json["caller"] = run.caller;
  if (!run.sudo_user.empty()) json["sudo_user"] = run.sudo_user;
  if (run.ending != Ending::began) json["took_ms"] = run.took;
  json["end"] = in_words(run.ending);
  json["message"] = run.message;
  json["steps"] = json_of(run.steps, true);
  json["more_steps"] = run.more_steps;
  json["conflicts"] = json_of(run.conflicts);
  json["notes"] = run.notes;
  json["links"] = run.links;
  return json;
}

Json json_of(const LinkNow& now) {
  Json json{{"present", now.there}, {"other_names", now.other_names}};
  if (now.there)
    json.update({{"kind", now.kind},
                 {"state", now.state},
                 {"made_by_vifchain", now.made_by_vifchain},
                 {"owner", now.owner}});
  if (!now.controller.empty()) json["controller"] = now.controller;
  if (!now.guest.empty()) json["guest"] = now.guest;
  if (now.line > 0) json["line"] = now.line;
  json["file"] = now.file;
  json["troubles"] = now.troubles;
  json["differences"] = now.differences;
  json["conflicts"] = json_of(now.conflicts);
  json["steps"] = json_of(now.steps, false);
  json["notes"] = now.notes;
  return json;
}

}  // namespace

std::string why_text(const Why& why, bool colour) {
  return Text(why, colour).run();
}

std::string why_json(const Why& why) {
  Json json{{"format", 1}, {"link", why.now.name}, {"runs", Json::array()}};
  for (const auto& run : why.kept.runs) json["runs"].push_back(json_of(run));
  if (!why.kept.unreadable.empty()) json["unreadable"] = why.kept.unreadable;
  json["passed_over"] = why.kept.passed_over;
  json["now"] = json_of(why.now);
  if (!why.waiting.empty()) json["waiting"] = why.waiting;
  return json_text(json, 2);
}

}  // namespace vifchain::inline cli
