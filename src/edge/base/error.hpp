// SPDX-License-Identifier: Apache-2.0
// An accident at an edge: what was being done, what the other side answered, and its errno.
#pragma once

#include <string>
#include <system_error>

namespace vifchain::inline edge::inline base {

// Thrown by src/edge alone, caught where an event or a command ends. what() is a whole sentence:
// what was being done, then the other side's own words where it gave any.
// code() carries the raw errno, so callers may compare with std::errc.
class Error : public std::runtime_error {
 public:
  Error(int error_number, const std::string& doing, const std::string& their_words = {});

  [[nodiscard]] std::error_code code() const noexcept { return code_; }

 private:
  std::error_code code_;
};

}  // namespace vifchain::inline edge::inline base
