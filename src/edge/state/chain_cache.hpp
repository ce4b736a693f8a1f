// SPDX-License-Identifier: Apache-2.0
// The chains of a file that was read and found right, kept so that the next event need not read
// all of it again: reading grows with the number of bridges, an event must not.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/model/topology.hpp"

namespace vifchain::inline edge::inline state {

// Tells one state of a file from every other: where it lies, its size and both its times.
class FileIdentity {
 public:
  // Of the file at `path` as it is now; nothing when there is none.
  static std::optional<FileIdentity> of(const std::string& path);

  // True when a change after `now` (time(2)) could still bear the same times, as those tick
  // coarsely.
  [[nodiscard]] bool too_fresh(std::int64_t now) const;

  bool operator==(const FileIdentity&) const = default;

 private:
  std::uint64_t device_ = 0, inode_ = 0, size_ = 0;
  std::int64_t modified_[2] = {}, changed_[2] = {};
};

// The chain of `bridge` as kept in `folder`, if it was kept from exactly this file. Nothing kept,
// something odd, or kept by somebody else: nothing, and the file has to be read.
std::optional<Chain> cached_chain(const std::string& folder, const FileIdentity& file,
                                  std::string_view bridge);

// Keeps the chains of all declared bridges, unless the file is too fresh. Not being able to is no
// error.
void keep_chains(const std::string& folder, const FileIdentity& file, const Topology& topology,
                 std::int64_t now);

}  // namespace vifchain::inline edge::inline state
