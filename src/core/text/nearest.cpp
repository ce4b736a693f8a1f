// SPDX-License-Identifier: Apache-2.0
#include "core/text/nearest.hpp"

#include <algorithm>
#include <array>

namespace vifchain::inline core::inline text {
namespace {

constexpr std::size_t longest_compared = 64;
using Row = std::array<std::size_t, longest_compared + 1>;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool same(char a, char b) {
  return lower(a) == lower(b);
}

// One row of the table of distances between beginnings of `a` and `b` (Damerau-Levenshtein with
// swaps of neighbours only): row i from rows i - 1 and i - 2.
Row next_row(std::string_view a, std::string_view b, std::size_t i, const Row& above,
             const Row& two_above) {
  Row row{};
  row[0] = i;
  for (std::size_t j = 1; j <= b.size(); ++j) {
    const std::size_t changed = above[j - 1] + (same(a[i - 1], b[j - 1]) ? 0 : 1);
    row[j] = std::min({above[j] + 1, row[j - 1] + 1, changed});
    const bool swapped = i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]);
    if (swapped) row[j] = std::min(row[j], two_above[j - 2] + 1);
  }
  return row;
}

std::size_t distance(std::string_view a, std::string_view b) {
  Row two_above{}, above{};
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    const Row row = next_row(a, b, i, above, two_above);
    two_above = above;
    above = row;
  }
  return above[b.size()];
}

}  // namespace

std::string nearest(std::string_view written, const std::vector<std::string_view>& known) {
  std::string_view best;
  std::size_t allowed = std::min<std::size_t>(3, (written.size() + 2) / 3) + 1;
  if (written.size() > longest_compared) return {};
  for (const auto name : known) {
    if (name.size() > longest_compared || name == written) continue;
    const std::size_t far = distance(written, name);
    if (far >= allowed || far >= name.size()) continue;
    best = name;
    allowed = far;
  }
  return std::string(best);
}

}  // namespace vifchain::inline core::inline text
