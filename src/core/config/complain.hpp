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

inline std::string no_link_name(std::string_view text, const std::string& why_not) {
  return "link name \"" + std::string(text) + "\" " + why_not;
}

inline void complain(Diagnostics& wrong, Place place, std::string text, std::string message,
                     std::string nearest = {}) {
  wrong.push_back({place, std::move(text), std::move(message), std::move(nearest)});
}

// Of a place in it, in a whole sentence.
inline void complain(Diagnostics& wrong, Place place, std::string sentence) {
  complain(wrong, place, {}, std::move(sentence));
}

// About a value.
inline void complain(Diagnostics& wrong, const Node& node, std::string message,
                     std::string nearest = {}) {
  complain(wrong, node.place, node.text, std::move(message), std::move(nearest));
}
template <typename T>
void complain(Diagnostics& wrong, const Written<T>& written, std::string message) {
  complain(wrong, written.place, written.text, std::move(message));
}

// A value is another than `what`: "stp: expected true or false, found "maybe"". One that was not
// written in a file has no text to be found.
template <typename Value>
void complain_unexpected(Diagnostics& wrong, const Value& value, std::string_view key,
                         std::string_view what, std::string nearest = {}) {
  complain(wrong, value.place, {},
           std::string(key) + ": expected " + std::string(what) +
               (value.text.empty() ? "" : ", found " + value.text),
           std::move(nearest));
}

// About a key or a whole table: its name begins the sentence.
inline void complain(Diagnostics& wrong, const Entry& entry, const std::string& statement) {
  complain(wrong, entry.place, entry.key + " " + statement);
}
inline void complain(Diagnostics& wrong, const LinkDraft& table, const std::string& statement,
                     std::string nearest = {}) {
  complain(wrong, table.place, {}, table.name + " " + statement, std::move(nearest));
}

// " (line 3)", to send the reader to another place; nothing for one of a document that nobody has
// written, whose places have no lines.
inline std::string in_line(const Place& place) {
  return place.line == 0 ? std::string() : " (line " + std::to_string(place.line) + ")";
}

}  // namespace vifchain::inline core::inline config
