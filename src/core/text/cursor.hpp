// SPDX-License-Identifier: Apache-2.0
// A short text read from left to right, by grammars whose every mistake has its column.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "core/text/bad_spec.hpp"

namespace vifchain::inline core::inline text {

// What a number stands for, and its range.
struct NumberForm {
  std::string_view what;  // "a VLAN id"
  unsigned min, max;
};
inline constexpr NumberForm vlan_id_form{"a VLAN id", 1, 4094};

// What `read` returns, or what it throws of the text.
template <class Read>
auto read_or_refuse(const Read& read) -> std::variant<decltype(read()), BadSpec> {
  try {
    return read();
  } catch (const BadSpec& bad) {
    return bad;
  }
}

// A byte as messages show it: 'x', a blank, byte 0x07.
std::string shown(char byte);

// Every member that wants something throws BadSpec when it is not there; the functions that a
// grammar offers to others catch it.
class SpecReader {
 public:
  explicit SpecReader(std::string_view text) : text_(text) {}

  [[nodiscard]] std::size_t column() const { return at_ + 1; }
  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  [[nodiscard]] bool at(char byte) const { return !at_end() && text_[at_] == byte; }
  [[nodiscard]] std::string_view since(std::size_t column) const {
    return text_.substr(column - 1, at_ - (column - 1));
  }

  // Whether `byte` is next; if so it is read.
  bool take(char byte);

  // Past every byte of `these` that comes next.
  void skip(std::string_view these);

  // All that comes before one of `stops`, or before the end.
  std::string_view until(std::string_view stops);

  // A decimal number without leading zeros, which some programs take for octal.
  unsigned number(const NumberForm& form);

  // What is next cannot be: `wanted` should be there.
  [[noreturn]] void refuse(std::string_view wanted) const;

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace vifchain::inline core::inline text
