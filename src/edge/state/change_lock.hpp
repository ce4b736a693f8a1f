// SPDX-License-Identifier: Apache-2.0
// One change of the whole host at a time.
#pragma once

#include <optional>
#include <string>

#include "edge/base/descriptor.hpp"
#include "edge/state/lock.hpp"

namespace vifchain::inline edge::inline state {

// While it lives no other process holds it, or with Hold::shared none alone. It is a flock(2) on
// the folder of what is kept itself: a lock that nobody can take away by removing files, and that
// can be had where no file can be written. A process that inherits its descriptor holds it too, and
// goes on when this one ends. Where there is no such folder, and none can be made, it is had and
// holds nothing: then nothing can be kept either.
class ChangeLock {
 public:
  // Nothing when somebody else has it. Throws Error when it cannot be had at all.
  static std::optional<ChangeLock> if_free(const std::string& folder, Hold hold);

  // One that this process has inherited.
  static ChangeLock inherited(int descriptor) { return ChangeLock(Descriptor(descriptor)); }

  // Whether somebody holds it, in whatever way.
  static bool is_held(const std::string& folder);

  // ", held by process 812 (vifchain)"; empty where nobody does that can be seen.
  static std::string holder(const std::string& folder);

  // Of the folder; negative where there is none.
  [[nodiscard]] int descriptor() const { return folder_.number(); }

 private:
  explicit ChangeLock(Descriptor folder) : folder_(std::move(folder)) {}

  Descriptor folder_;
};

}  // namespace vifchain::inline edge::inline state
