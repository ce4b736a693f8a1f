// SPDX-License-Identifier: Apache-2.0
// Names of links as tests write them.
#pragma once

#include <string_view>

#include "core/model/name.hpp"

namespace vifchain {

inline LinkName name(std::string_view text) {
  return LinkName::parse(text).value();
}

}  // namespace vifchain
