// SPDX-License-Identifier: Apache-2.0
// The runs that were recorded, read back.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "edge/state/run_record.hpp"

namespace vifchain::inline cli {

struct RecordedRuns {
  std::vector<RunRecord> runs;  // by when they ended; one that began and never ended, when it began
  std::size_t passed_over = 0;  // lines, or parts of lines, that are no records
  std::string unreadable = {};  // why the ring cannot be read; mostly empty
};

// What is in the ring at `path`. Of a run that wrote that it began and later how it ended there is
// the latter alone. Never throws for what it finds there.
RecordedRuns recorded_runs(const std::string& path);

// The record in a line; nothing when it is none.
std::optional<RunRecord> decode_run(std::string_view line);

// The runs that are about a link of one of these names, and of those of vifchain's that are about
// no link at all, such as one that found nothing to do, the last; `count` at most, the newest.
std::vector<RunRecord> runs_about(const std::vector<RunRecord>& runs,
                                  const std::vector<std::string>& names, std::size_t count);

}  // namespace vifchain::inline cli
