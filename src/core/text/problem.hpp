// SPDX-License-Identifier: Apache-2.0
// The shape of all that is said of something wrong: what it is, then a line to type.
#pragma once

#include <string>
#include <string_view>

namespace vifchain::inline core::inline text {

// "WHAT: DETAIL; hint: LINE", for wherever one line is all there is: exceptions, hotplug-error,
// syslog, runs, JSON. `what` is at most one sentence that names the thing first, without a full
// stop; `hint` is a command, or a line for the file, that works as it stands. Empty: there is none.
std::string problem(std::string_view what, std::string_view hint = {});

// A problem in its two parts again.
struct Problem {
  std::string what, hint;
  bool operator==(const Problem&) const = default;
};
Problem parts_of(std::string_view problem);

// A problem as people read it, on lines of its own: "error: WHAT: DETAIL", then "hint: LINE". The
// level is error, warning or note. Several, joined by "; ", are told one by one; a hint has no ";
// ".
std::string in_lines(std::string_view level, std::string_view problem);

}  // namespace vifchain::inline core::inline text
