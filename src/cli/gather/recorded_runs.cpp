// SPDX-License-Identifier: Apache-2.0
#include "cli/gather/recorded_runs.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "edge/base/error.hpp"
#include "edge/state/run_ring.hpp"

namespace vifchain::inline cli {
namespace {

using Json = nlohmann::json;

// Numbers and texts that are not there say nothing; of another type they are no record of ours, and
// nlohmann throws.
std::int64_t number(const Json& json, const char* key) {
  return json.value(key, std::int64_t{0});
}

std::string text(const Json& json, const char* key) {
  return json.value(key, std::string{});
}

std::size_t count(const Json& json, const char* key) {
  return static_cast<std::size_t>(std::max<std::int64_t>(0, number(json, key)));
}

StepRecord step_in(const Json& json) {
  const auto fate = fate_from(json.at(3).get<std::string>());
  return {json.at(0).get<std::string>(), json.at(1).get<std::string>(),
          json.at(2).get<std::string>(), fate.value_or(StepFate::done)};
}

RunRecord record_in(const Json& json) {
  RunRecord record;
  record.began = json.at("began").get<std::int64_t>();
  record.pid = json.at("pid").get<std::int64_t>();
  record.took = number(json, "took");
  record.call = text(json, "call");
  record.caller = text(json, "caller");
  record.uid = number(json, "uid");
  record.sudo_user = text(json, "sudo_user");
  record.ending = ending_from(json.at("end").get<std::string>()).value_or(Ending::done);
  record.message = text(json, "message");
  record.planned = count(json, "planned");
  for (const auto& step : json.value("steps", Json::array())) record.steps.push_back(step_in(step));
  record.more_steps = count(json, "more_steps");
  for (const auto& conflict : json.value("conflicts", Json::array()))
    record.conflicts.push_back(
        {conflict.at(0).get<std::string>(), conflict.at(1).get<std::string>()});
  record.notes = json.value("notes", std::vector<std::string>{});
  record.links = json.value("links", std::set<std::string>{});
  return record;
}

// Behind a torn line without an end there may be a whole one.
std::optional<RunRecord> record_behind(std::string_view torn) {
  for (auto at = torn.find(record_start, 1); at != torn.npos; at = torn.find(record_start, at + 1))
    if (auto record = decode_run(torn.substr(at))) return record;
  return std::nullopt;
}

std::pair<std::int64_t, std::int64_t> identity_of(const RunRecord& run) {
  return {run.began, run.pid};
}

void drop_beginnings_of_ended(std::vector<RunRecord>& runs) {
  std::set<std::pair<std::int64_t, std::int64_t>> ended;
  for (const auto& run : runs)
    if (run.ending != Ending::began) ended.insert(identity_of(run));
  std::erase_if(runs, [&](const RunRecord& run) {
    return run.ending == Ending::began && ended.contains(identity_of(run));
  });
}

bool is_about_nothing(const RunRecord& run) {
  return run.links.empty() && run.call.starts_with("vifchain");
}

}  // namespace

std::optional<RunRecord> decode_run(std::string_view line) try {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  return record_in(json);
} catch (const Json::exception&) {
  return std::nullopt;
}

RecordedRuns recorded_runs(const std::string& path) try {
  RecordedRuns kept;
  for (const auto& line : read_runs(path)) {
    auto record = decode_run(line);
    if (!record) {
      ++kept.passed_over;
      record = record_behind(line);
    }
    if (record) kept.runs.push_back(std::move(*record));
  }
  drop_beginnings_of_ended(kept.runs);
  return kept;
} catch (const Error& error) {
  return {.runs = {}, .unreadable = error.what()};
}

std::vector<RunRecord> runs_about(const std::vector<RunRecord>& runs,
                                  const std::vector<std::string>& names, std::size_t count) {
  std::vector<RunRecord> found;
  bool idle_found = false;
  for (auto run = runs.rbegin(); run != runs.rend() && found.size() < count; ++run) {
    const bool about =
        std::ranges::any_of(names, [&](const std::string& name) { return concerns(*run, name); });
    const bool idle = !about && !idle_found && is_about_nothing(*run);
    if (about || idle) found.push_back(*run);
    idle_found = idle_found || idle;
  }
  std::ranges::reverse(found);
  return found;
}

}  // namespace vifchain::inline cli
