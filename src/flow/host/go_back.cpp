// SPDX-License-Identifier: Apache-2.0
#include "flow/host/go_back.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "core/plan/impact.hpp"
#include "core/text/problem.hpp"
#include "edge/base/durable_file.hpp"
#include "edge/base/error.hpp"
#include "edge/state/rollback_file.hpp"
#include "flow/host/dhcp_clients.hpp"
#include "flow/run/converge.hpp"
#include "flow/run/read_for.hpp"

namespace vifchain::inline flow::inline host {
namespace {

// What was there is born with the MAC it had, should the machine have lost it meanwhile.
Desired goal_of(const HostPlan& plan) {
  Desired goal = undo_target(plan.desired, plan.before);
  for (auto& [name, want] : goal)
    if (const auto had = plan.before.find(name);
        want && had != plan.before.end() && had->second.ours && !want->birth.mac)
      want->birth.mac = had->second.mac;
  return goal;
}

// A bridge that is to go, and that guests have come to meanwhile, stays for them; but this host's
// own addresses and NICs go back without it.
void keep_bridges_of_guests(Desired& goal, const Actual& now) {
  for (const auto& [name, link] : now) {
    if (!is_guest_port(link)) continue;
    const auto bridge = goal.find(*link.controller);
    if (bridge == goal.end() || bridge->second) continue;
    Link stays{.name = bridge->first, .keep_controller = true};
    stays.addresses.emplace();
    stays.routes.emplace();
    bridge->second = std::move(stays);
  }
}

// What somebody uses stays, and what carries that. But what was there before and cannot be as it
// was is not done with: it is said, and tried again.
Desired goal_now(const RollbackRecord& way, const Actual& now) {
  Desired whole = way.goal;
  keep_bridges_of_guests(whole, now);
  Desired goal = whole;
  leave_out_what_is_in_use(goal, now);
  for (const auto& conflict : make_plan(whole, now).conflicts)
    if (const auto want = whole.find(conflict.name); want != whole.end() && want->second)
      goal.insert(*want);
  return goal;
}

FileOwner owner(const FileState& state) {
  return {.mode = state.mode, .uid = state.uid, .gid = state.gid};
}

// Under a name of its own where another text is kept under that already.
void keep_edit(const std::string& path, const std::string& text, const FileOwner& owner, Log& log) {
  std::string beside = path + ".edited";
  for (int number = 2; read_file(beside).value_or(text) != text; ++number)
    beside = path + ".edited-" + std::to_string(number);
  replace_file(beside, text, owner);
  log.warning(path + " was changed after apply: that text is kept in " + beside);
}

// How the text that goes is called beside the file: it was confirmed once, or never.
std::string aside(const RollbackRecord& way) {
  return way.window == 0 || way.phase == Phase::confirmed ? ".undone" : ".unconfirmed";
}

void put_file_back(const AppliedFile& file, const std::string& suffix, const Places& places,
                   Log& log) {
  if (!file.before) return keep_file(places.unconfirmed, file.then.text, 0644);
  const auto now = read_file(file.path);
  if (now == file.before->text) {
    const auto has = owner_of(file.path);
    const auto had = owner(*file.before);
    if (has.mode == had.mode && has.uid == had.uid && has.gid == had.gid) return;
  } else {
    if (now && now != file.then.text) keep_edit(file.path, *now, owner_of(file.path), log);
    replace_file(file.path + suffix, file.then.text, owner(file.then));
    log.warning("restored " + file.path + "; what was applied is in " + file.path + suffix);
  }
  const auto last = replace_file(file.path, file.before->text, owner(*file.before));
  if (last && last != now) keep_edit(file.path, *last, owner(*file.before), log);
}

std::string newest(const Places& places) {
  return places.state_folder() + "/last-apply";
}
std::string older(const Places& places) {
  return newest(places) + ".1";
}

// What cannot be read is no text to go back to.
AppliedFiles applied_files(const Places& places) {
  const auto text = read_file(places.applied);
  auto files = text ? applied_files_in(*text) : std::variant<AppliedFiles, std::string>();
  if (auto* read = std::get_if<AppliedFiles>(&files)) return std::move(*read);
  return {};
}

// Those that are gone from the disk are nothing that anybody would apply again.
void keep_applied(const Places& places, AppliedFiles files) {
  std::erase_if(files, [](const auto& entry) { return !std::filesystem::exists(entry.first); });
  if (files != applied_files(places)) keep_file(places.applied, document_of(files));
}

bool is_same_change(const std::optional<std::string>& document, const RollbackRecord& way) {
  const auto kept =
      document ? rollback_record_in(*document) : std::variant<RollbackRecord, std::string>("");
  const auto* read = std::get_if<RollbackRecord>(&kept);
  return read != nullptr && read->opened == way.opened && read->boot == way.boot;
}

}  // namespace

RollbackRecord rollback_record_from(const HostPlan& plan, std::vector<AppliedFile> files) {
  RollbackRecord way{.opened = this_opener(), .boot = this_boot(), .files = std::move(files)};
  way.goal = goal_of(plan);
  std::ranges::copy_if(plan.clients, std::back_inserter(way.clients), &DhcpClient::ours);
  std::error_code none;
  way.program = std::filesystem::read_symlink("/proc/self/exe", none).string();
  if (const auto gone = way.program.rfind(" (deleted)"); gone != std::string::npos)
    way.program.erase(gone);  // another version has its place since
  return way;
}

DesiredHost desired_by_record(const RollbackRecord& way) {
  return {.links = [&way](const Actual& now, auto&) { return goal_now(way, now); },
          .hosting = hosting_of(way.clients)};
}

HostPlan put_links_back(Env& env, const RollbackRecord& way, ApplyOptions options) {
  try {
    return apply(env, desired_by_record(way), options);
  } catch (const Blocked& blocked) {
    env.log.warning(std::string("not everything can be rolled back: ") + blocked.what());
    options.what_can = true;
    return apply(env, desired_by_record(way), options);
  }
}

void put_files_back(const RollbackRecord& way, const Places& places, Log& log) {
  for (const auto& file : way.files) put_file_back(file, aside(way), places, log);
}

bool is_as_before(Env& env, const RollbackRecord& way) {
  return plan_host(env, desired_by_record(way)).nothing_to_do();
}

std::vector<std::string> undone_in_words(Kernel& kernel, const RollbackRecord& way) {
  const Actual now = read_for(kernel, way.goal);
  Desired goal = goal_now(way, now);
  leave_out_what_is_in_use(goal, now);
  std::vector<std::string> lines;
  for (const auto& step : make_plan(goal, now).steps) lines.push_back(describe(step.op));
  for (const auto& file : way.files)
    if (file.before && file.before->text != file.then.text)
      lines.push_back("restore " + file.path + " as it was applied before");
  return lines;
}

AppliedFile applied_file(const Places& places, const std::string& path, const FileState& then) {
  const auto whole = std::filesystem::absolute(path).lexically_normal().string();
  const auto files = applied_files(places);
  const auto before = files.find(whole);
  return {whole, then, before == files.end() ? std::nullopt : std::optional(before->second)};
}

void remember_applied(const Places& places, const RollbackRecord& way) {
  const auto before = read_file(newest(places));
  if (!is_same_change(before, way)) {
    if (before) keep_file(older(places), *before);
    keep_file(newest(places), document_of(way));
  }
  remember_files(places, way.files);
}

void remember_files(const Places& places, const std::vector<AppliedFile>& files) {
  AppliedFiles all = applied_files(places);
  for (const auto& file : files) all.insert_or_assign(file.path, file.then);
  keep_applied(places, std::move(all));
  drop_file(places.unconfirmed);
}

std::optional<RollbackRecord> last_applied(const Places& places) {
  const auto text = read_file(newest(places));
  if (!text) return std::nullopt;
  auto way = rollback_record_in(*text);
  if (auto* read = std::get_if<RollbackRecord>(&way)) return std::move(*read);
  throw Refusal(problem("cannot read the state before the last apply " + newest(places) + ": " +
                            std::get<std::string>(way),
                        "rm " + newest(places)));
}

void forget_last_applied(const Places& places, const RollbackRecord& way) {
  AppliedFiles all = applied_files(places);
  for (const auto& file : way.files) {
    all.erase(file.path);
    if (file.before) all.emplace(file.path, *file.before);
  }
  keep_applied(places, std::move(all));
  if (const auto before = read_file(older(places))) {
    keep_file(newest(places), *before);
    drop_file(older(places));
  } else {
    drop_file(newest(places));
  }
}

bool is_unconfirmed(const Places& places) {
  const auto unconfirmed = read_file(places.unconfirmed);
  return unconfirmed && unconfirmed == read_file(places.config);
}

}  // namespace vifchain::inline flow::inline host
