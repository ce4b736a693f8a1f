// SPDX-License-Identifier: Apache-2.0
#include "core/text/problem.hpp"

namespace vifchain::inline core::inline text {
namespace {

constexpr std::string_view joint = "; hint: ";

}  // namespace

std::string problem(std::string_view what, std::string_view hint) {
  return std::string(what) + (hint.empty() ? "" : std::string(joint) + std::string(hint));
}

Problem parts_of(std::string_view problem) {
  const auto at = problem.find(joint);
  if (at == problem.npos) return {std::string(problem), {}};
  return {std::string(problem.substr(0, at)), std::string(problem.substr(at + joint.size()))};
}

std::string in_lines(std::string_view level, std::string_view problem) {
  const auto [what, rest] = parts_of(problem);
  std::string lines = std::string(level) + ": " + what;
  if (rest.empty()) return lines;
  const auto end = rest.find("; ");
  lines += "\nhint: " + rest.substr(0, end);
  return end == rest.npos ? lines : lines + "\n" + in_lines(level, rest.substr(end + 2));
}

}  // namespace vifchain::inline core::inline text
