// SPDX-License-Identifier: Apache-2.0
// The last runs on disk: two files of lines, the older one at PATH.1, bounded together.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace vifchain::inline edge::inline state {

// At this size a file is full, and takes the place of the older one.
inline constexpr std::size_t ring_size = std::size_t{1} << 20;

// Appends the line, which has its end, in one write(2): with O_APPEND those of several runs do not
// mix. It waits not for the disk, and for nobody but, up to 100 ms, for a run that is moving away a
// file of twice the size. A full file that cannot be moved is not written to. Files are for root
// and his group (0640), and the folder is made if it is not there. Empty when it was written,
// otherwise why not.
std::string append_run(const std::string& path, const std::string& line,
                       std::size_t size = ring_size) noexcept;

// The lines of both files without their ends, oldest first, the last of each maybe torn. No file,
// no lines. Throws Error when one may not be read.
std::vector<std::string> read_runs(const std::string& path);

}  // namespace vifchain::inline edge::inline state
