// SPDX-License-Identifier: Apache-2.0
// What a host is to be like again: the record of a change, from before its first step on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/model/link.hpp"
#include "core/plan/dhcp.hpp"

namespace vifchain::inline core::inline plan {

// A file that people write, with what besides its text has to come back.
struct FileState {
  std::string text = {};
  unsigned mode = 0644;  // permissions alone
  unsigned uid = 0, gid = 0;
  bool operator==(const FileState&) const = default;
};

// A file that was applied.
struct AppliedFile {
  std::string path;  // absolute, as it was given: it may be a symbolic link
  FileState then = {};
  std::optional<FileState> before = {};  // as it was applied the time before; none: never
  bool operator==(const AppliedFile&) const = default;
};

// Each follows from the one before it, but for the last two, which follow from any that is before
// them and exclude each other.
enum class Phase : std::uint8_t {
  changing,   // whoever opened it is at work
  undoing,    // it failed, and could not be undone at once; its files stay
  waiting,    // the change is done, and waits to be confirmed
  confirmed,  // it stays; what has to be remembered of it is being written
  going_back
};

// Who began a change.
struct Opener {
  std::int64_t pid = 0;
  std::string user = {}, terminal = {};  // "" where nobody can tell
  std::string command = {};              // with its words
  std::int64_t time = 0;                 // time(2)
  bool operator==(const Opener&) const = default;
};

struct RollbackRecord {
  Phase phase = Phase::changing;
  Opener opened = {};
  std::string program = {};       // the vifchain that opened it
  std::string boot = {};          // the boot that it belongs to (proc(5), boot_id)
  std::int64_t window = 0;        // seconds to confirm it in; 0: nothing has to be confirmed
  std::int64_t until = 0;         // time(2) at which the window ends; 0: it has not begun
  std::int64_t until_uptime = 0;  // the same by CLOCK_BOOTTIME, in milliseconds
  std::vector<AppliedFile> files = {};
  Desired goal = {};                     // links
  std::vector<DhcpClient> clients = {};  // those of ours that ran
  std::int64_t tries = 0;                // to go back, that failed
  std::string trouble = {};              // why the last of them did
  bool operator==(const RollbackRecord&) const = default;
};

}  // namespace vifchain::inline core::inline plan
