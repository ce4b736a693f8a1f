// SPDX-License-Identifier: Apache-2.0
// A release of Xen, by which its tools differ.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "core/text/decimal.hpp"

namespace vifchain::inline core::inline guests {

struct XenRelease {
  unsigned major = 4, minor = 17;

  // "4.19"; nothing for any other text.
  static std::optional<XenRelease> parse(std::string_view text) {
    const auto dot = text.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    const auto first = decimal(text.substr(0, dot)), second = decimal(text.substr(dot + 1));
    if (!first || !second) return std::nullopt;
    return XenRelease{*first, *second};
  }

  [[nodiscard]] std::string str() const {
    return std::to_string(major) + "." + std::to_string(minor);
  }
  auto operator<=>(const XenRelease&) const = default;
};

}  // namespace vifchain::inline core::inline guests
