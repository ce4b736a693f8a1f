// SPDX-License-Identifier: Apache-2.0
// One run of a program as it is kept: what was asked, planned and done, and how it ended.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/plan/plan.hpp"

namespace vifchain::inline edge::inline state {

// How a run ended. `began` is what a long run writes before its first change: where no other record
// of it follows it never ended, or has not yet.
enum class Ending : std::uint8_t { began, done, nothing_to_do, refused, failed, interrupted };

// "began", "done", "nothing to do", "refused", "failed", "interrupted"; and back.
std::string_view in_words(Ending ending);
std::optional<Ending> ending_from(std::string_view words);

// planned: yet to be done. tried: one of the steps that were sent with it failed, so it may have
// been done or not. undone: done to put something back.
enum class StepFate : std::uint8_t { planned, done, tried, undone };

// "planned", "done", "tried", "undone"; and back.
std::string_view in_words(StepFate fate);
std::optional<StepFate> fate_from(std::string_view words);

struct StepRecord {
  std::string link;  // that it writes to
  std::string step;  // as describe() has it
  std::string because;
  StepFate fate = StepFate::done;
  bool operator==(const StepRecord&) const = default;
};

struct ConflictRecord {
  std::string link, reason;
  bool operator==(const ConflictRecord&) const = default;
};

struct RunRecord {
  std::int64_t began = 0;   // milliseconds since 1970, UTC
  std::int64_t took = 0;    // milliseconds; of one that `began`, until then
  std::string call;         // the program and its words
  std::string caller = {};  // who called that, where it was another program of ours
  std::int64_t pid = 0;
  std::int64_t uid = 0;
  std::string sudo_user = {};  // who became that uid by sudo(8)
  Ending ending = Ending::nothing_to_do;
  std::string message = {};         // of the end: the reason, with the kernel's own words
  std::size_t planned = 0;          // steps, of a run that planned for the whole host
  std::vector<StepRecord> steps{};  // the first of them, most_steps at most
  std::size_t more_steps = 0;       // those beyond, of which only the links are kept
  std::vector<ConflictRecord> conflicts = {};
  std::vector<std::string> notes = {};  // what the log was told besides
  std::set<std::string> links = {};     // all that it is about, those of more_steps too
  bool operator==(const RunRecord&) const = default;
};

// So much of one run is kept: lists end at so many entries, texts at so many bytes.
inline constexpr std::size_t most_steps = 200, most_conflicts = 50, most_notes = 20;
inline constexpr std::size_t longest_text = 1000;

// Adds the step, or counts it; its link, and the one that it joins a port to, are among the run's.
void add_step(RunRecord& record, const Step& step, StepFate fate);
void add_step(RunRecord& record, StepRecord step);

// Adds what stood in the way, as far as there is room; its links are among the run's.
void add_conflicts(RunRecord& record, const std::vector<Conflict>& conflicts);

// Adds a sentence, unless there is no room or it is there.
void add_note(RunRecord& record, std::string_view note);

// The record as one line of JSON, with its line end. Texts are cut at longest_text, and what is no
// printable UTF-8 becomes "?" in them; what decodes to nothing special is left out.
std::string encode(const RunRecord& record);

// What every line begins with, and nothing within one has: where to look for the next record behind
// a torn one.
inline constexpr std::string_view record_start = "{\"began\":";

// Whether `text` has the name as a word of its own: "bond1" is not in "join eth0 to bond1.2".
bool mentions(std::string_view text, std::string_view name);

// Whether the run is about a link of this name, or has to say something of it.
bool concerns(const RunRecord& record, std::string_view name);
bool concerns(const StepRecord& step, std::string_view name);

}  // namespace vifchain::inline edge::inline state
