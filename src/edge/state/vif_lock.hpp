// SPDX-License-Identifier: Apache-2.0
// One run at a time for each vif.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "core/model/vif_event.hpp"
#include "edge/base/descriptor.hpp"
#include "edge/process/deadline.hpp"

namespace vifchain::inline edge::inline state {

// Where the locks of vifs are: in the first folder, and in the second one too where it can be
// written, as somebody may remove either while a run is at a vif.
struct VifLockFolders {
  std::string first;
  std::string second = {};  // none
};

// While it lives nobody else has the lock of this vif; gone with the process, in whatever way. It
// is one byte of FOLDER/vifs, as vifs come and go and a file for each would be left behind
// (F_OFD_SETLK, fcntl(2)). It is taken before the locks of links (edge/state/lock.hpp), so no two
// runs wait for each other.
class VifLock {
 public:
  // Waits until the deadline. Throws Interrupted, which says for whom, how long, and who has it; or
  // Error when there can be no such lock.
  VifLock(const VifLockFolders& folders, const VifId& vif, const Deadline& deadline);

  // Waits no longer than `at_most`, and leaves a part of the deadline, for whoever goes on without
  // it. Throws as the other.
  VifLock(const VifLockFolders& folders, const VifId& vif, const Deadline& deadline,
          std::chrono::milliseconds at_most);

  // Nothing when somebody else has it.
  static std::optional<VifLock> if_free(const VifLockFolders& folders, const VifId& vif);

 private:
  explicit VifLock(const VifLockFolders& folders);
  // False, with errno, when it is not all taken.
  [[nodiscard]] bool take(const VifId& vif, int how) const;
  [[nodiscard]] std::string busy_in_words(const VifId& vif, std::chrono::milliseconds waited) const;

  Descriptor second_, first_;
};

}  // namespace vifchain::inline edge::inline state
