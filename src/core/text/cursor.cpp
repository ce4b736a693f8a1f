// SPDX-License-Identifier: Apache-2.0
#include "core/text/cursor.hpp"

#include <algorithm>

#include "core/text/decimal.hpp"
#include "core/text/escape.hpp"

namespace vifchain::inline core::inline text {
namespace {

// No number is longer that a person means; more of it would fill the message.
constexpr std::size_t shown_digits = 12;

std::string shortened(std::string_view digits) {
  if (digits.size() <= shown_digits) return std::string(digits);
  return std::string(digits.substr(0, shown_digits)) + "...";
}

std::string allowed(const NumberForm& form) {
  return std::to_string(form.min) + " to " + std::to_string(form.max);
}

}  // namespace

std::string shown(char byte) {
  if (byte == ' ') return "a space";
  if (byte > ' ' && byte <= '~') return std::string("'") + byte + "'";
  return "byte 0x" + hex({&byte, 1});
}

bool SpecReader::take(char byte) {
  if (!at(byte)) return false;
  ++at_;
  return true;
}

void SpecReader::skip(std::string_view these) {
  at_ = std::min(text_.find_first_not_of(these, at_), text_.size());
}

std::string_view SpecReader::until(std::string_view stops) {
  const auto rest = text_.substr(at_);
  const auto taken = rest.substr(0, rest.find_first_of(stops));
  at_ += taken.size();
  return taken;
}

unsigned SpecReader::number(const NumberForm& form) {
  const auto rest = text_.substr(at_);
  const auto digits = rest.substr(0, rest.find_first_not_of("0123456789"));
  if (digits.empty()) refuse(std::string(form.what) + " from " + allowed(form));
  if (digits.size() > 1 && digits.front() == '0')
    throw BadSpec{column(),
                  shortened(digits) + " begins with 0, which some programs read as octal"};
  const auto value = decimal(digits);
  if (!value || *value < form.min || *value > form.max)
    throw BadSpec{column(), "expected " + std::string(form.what) + " from " + allowed(form) +
                                ", found " + shortened(digits)};
  at_ += digits.size();
  return *value;
}

void SpecReader::refuse(std::string_view wanted) const {
  const auto found = at_end() ? "nothing" : shown(text_[at_]);
  throw BadSpec{column(), "expected " + std::string(wanted) + ", found " + found};
}

}  // namespace vifchain::inline core::inline text
