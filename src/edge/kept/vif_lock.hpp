// One run at a time for each vif.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "core/event.hpp"
#include "edge/descriptor.hpp"
#include "edge/process/deadline.hpp"

namespace vifchain {

// While it lives nobody else has the lock of this vif; gone with the process, in whatever way. It
// is one byte of FOLDER/vifs, as vifs come and go and a file for each would be left behind
// (F_OFD_SETLK, fcntl(2)). It is taken before the locks of links (edge/kept/lock.hpp), so no two
// runs wait for each other.
class VifLock {
 public:
  // Waits until the deadline. Throws Interrupted, which says for whom, how long, and who has it; or
  // Error when there can be no such lock.
  VifLock(const std::string& folder, const VifId& vif, const Deadline& deadline);

  // Waits no longer than `at_most`, and leaves a part of the deadline, for whoever goes on without
  // it. Throws as the other.
  VifLock(const std::string& folder, const VifId& vif, const Deadline& deadline,
          std::chrono::milliseconds at_most);

  // Nothing when somebody else has it.
  static std::optional<VifLock> if_free(const std::string& folder, const VifId& vif);

 private:
  explicit VifLock(Descriptor file) : file_(std::move(file)) {}
  [[nodiscard]] std::string busy_in_words(const VifId& vif, std::chrono::milliseconds waited) const;

  Descriptor file_;
};

}  // namespace vifchain
