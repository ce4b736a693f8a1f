// SPDX-License-Identifier: Apache-2.0
// The ways to note what is wrong in a document.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "core/config/draft.hpp"
#include "core/model/name.hpp"
#include "core/text/document.hpp"
#include "core/text/printable.hpp"

namespace vifchain::inline core::inline config {

// Among hundreds of mistakes no nearest name is looked for: each takes a walk through all names.
inline bool is_worth_guessing(const Diagnostics& wrong) {
  return wrong.size() < 50;
}

// The kernel takes nearly every byte in a link's name; a file takes none that a terminal acts upon.
inline std::string why_no_name_of_file(std::string_view text) {
  auto why_not = why_no_link_name(text);
  if (why_not.empty() && printable(text) != text) why_not = "has a control character in it";
  return why_not;
}

inline void complain(Diagnostics& wrong, Place place, std::string text, std::string message,
                     std::string nearest = {}) {
  wrong.push_back({place, std::move(text), std::move(message), std::move(nearest)});
}

// About a value.
inline void complain(Diagnostics& wrong, const Node& node, std::string message,
                     std::string nearest = {}) {
  complain(wrong, node.place, node.text, std::move(message), std::move(nearest));
}

// About a key.
inline void complain(Diagnostics& wrong, const Entry& entry, std::string message,
                     std::string nearest = {}) {
  complain(wrong, entry.place, entry.key, std::move(message), std::move(nearest));
}

// About a value that was read.
template <typename T>
void complain(Diagnostics& wrong, const Written<T>& written, std::string message,
              std::string nearest = {}) {
  complain(wrong, written.place, written.text, std::move(message), std::move(nearest));
}

// About a whole table.
inline void complain(Diagnostics& wrong, const LinkDraft& table, std::string message,
                     std::string nearest = {}) {
  complain(wrong, table.place, table.name, std::move(message), std::move(nearest));
}

// " (line 3)", to send the reader to another place; nothing for one of a document that nobody has
// written, whose places have no lines.
inline std::string in_line(const Place& place) {
  return place.line == 0 ? std::string() : " (line " + std::to_string(place.line) + ")";
}

}  // namespace vifchain::inline core::inline config
