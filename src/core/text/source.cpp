// SPDX-License-Identifier: Apache-2.0
#include "core/text/source.hpp"

namespace vifchain::inline core::inline text {

std::string place_of(const Said& said) {
  return said.line == 0 ? said.file : said.file + ":" + std::to_string(said.line);
}

}  // namespace vifchain::inline core::inline text
