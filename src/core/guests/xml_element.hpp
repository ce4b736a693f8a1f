// SPDX-License-Identifier: Apache-2.0
// An XML document as a tree of values.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace vifchain::inline core::inline guests {

struct XmlElement {
  std::string name;
  unsigned line = 0;  // where it begins, from 1
  std::map<std::string, std::string, std::less<>> attributes = {};
  std::string text = {};  // directly in it
  std::vector<XmlElement> children = {};

  // The first child of that name; null when there is none.
  [[nodiscard]] const XmlElement* child(std::string_view wanted) const {
    for (const auto& element : children)
      if (element.name == wanted) return &element;
    return nullptr;
  }

  // Empty when it has none.
  [[nodiscard]] std::string attribute(std::string_view wanted) const {
    const auto found = attributes.find(wanted);
    return found == attributes.end() ? std::string() : found->second;
  }
};

// Why a text is no document that is taken.
struct XmlMistake {
  unsigned line = 0;
  std::string text;
};

}  // namespace vifchain::inline core::inline guests
