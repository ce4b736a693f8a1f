#include "core/document.hpp"

#include <algorithm>

namespace vifchain {
namespace {

std::string show(const Place& place) {
  return std::to_string(place.line) + ":" + std::to_string(place.column);
}

// Keys and strings may have any character in them, written as an escape: one line stays one line.
void blot_control_characters(std::string& sentence) {
  std::replace_if(
      sentence.begin(), sentence.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
}

}  // namespace

std::string show(const Diagnostic& diagnostic, const std::string& file) {
  std::string sentence = file + ":" + show(diagnostic.place) + ": ";
  if (!diagnostic.text.empty()) sentence += diagnostic.text + ": ";
  sentence += diagnostic.message + ".";
  if (!diagnostic.nearest.empty()) sentence += " Did you mean \"" + diagnostic.nearest + "\"?";
  blot_control_characters(sentence);
  return sentence;
}

}  // namespace vifchain
