// SPDX-License-Identifier: Apache-2.0
// From a change to what was before it: links, clients and files.
#pragma once

#include "flow/host/apply.hpp"
#include "flow/host/changes.hpp"

namespace vifchain::inline flow::inline host {

// The record of a change by this plan, that `files` are applied with.
RollbackRecord rollback_record_from(const HostPlan& plan, std::vector<AppliedFile> files);

// The links and clients of the record. A bridge that guests have come to since stays for
// them; this host's own addresses and NICs go back without it. `way` must live as long.
DesiredHost desired_by_record(const RollbackRecord& way);

// The links and clients are as they were. What cannot be had, as its NIC is gone, is left out, and
// named in what is returned. Throws as apply(); `options` as there.
HostPlan put_links_back(Env& env, const RollbackRecord& way, ApplyOptions options);

// The files have the text, the permissions and the owner that they were applied with the time
// before; one that never was stays, and is not applied at boot. What was applied now is kept beside
// it as FILE.unconfirmed, or FILE.undone where it was confirmed once, and what somebody has written
// since as FILE.edited; the log says so. Throws Error.
void put_files_back(const RollbackRecord& way, const Places& places, Log& log);

// Whether the links are as they were; read from the kernel.
bool is_as_before(Env& env, const RollbackRecord& way);

// What going back would do now, a step a line.
std::vector<std::string> undone_in_words(Kernel& kernel, const RollbackRecord& way);

// --- what was applied, and ended well

// The file as the time before, for the record of a change.
AppliedFile applied_file(const Places& places, const std::string& path, const FileState& then);

// This change ended well: its files are those that the host is as. The last two such changes are
// kept, to go back from. Throws Error, and may have kept a part; doing it again does no harm.
void remember_applied(const Places& places, const RollbackRecord& way);

// The same where nothing had to be done, so that there is nothing to go back from.
void remember_files(const Places& places, const std::vector<AppliedFile>& files);

// The change that ended well last; nothing when none is kept. Throws Refusal when it cannot be
// read.
std::optional<RollbackRecord> last_applied(const Places& places);

// It was gone back from: the one before it is the last now, and its files are as before.
void forget_last_applied(const Places& places, const RollbackRecord& way);

// The file is one that was put back unconfirmed and could not give its place to one before it: it
// is not to be applied unless somebody says so.
bool is_unconfirmed(const Places& places);

}  // namespace vifchain::inline flow::inline host
