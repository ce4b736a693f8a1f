// SPDX-License-Identifier: Apache-2.0
#include "edge/base/error.hpp"

namespace vifchain::inline edge::inline base {
namespace {

std::string sentence(std::error_code code, const std::string& doing,
                     const std::string& their_words) {
  if (their_words.empty()) return doing + ": " + code.message();
  return doing + ": " + their_words + " (" + code.message() + ")";
}

}  // namespace

Error::Error(int error_number, const std::string& doing, const std::string& their_words)
    : std::runtime_error(sentence({error_number, std::generic_category()}, doing, their_words)),
      code_(error_number, std::generic_category()) {}

}  // namespace vifchain::inline edge::inline base
