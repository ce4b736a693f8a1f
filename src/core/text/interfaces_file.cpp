// SPDX-License-Identifier: Apache-2.0
#include "core/text/interfaces_file.hpp"

#include <algorithm>

#include "core/text/glob.hpp"
#include "core/text/lines.hpp"
#include "core/text/list.hpp"

namespace vifchain::inline core::inline text {
namespace {

constexpr std::size_t deepest = 16;  // files that include files
constexpr std::size_t most_files = 500;
constexpr std::size_t longest_key = 64;

// What a source-directory line takes of its folder.
bool is_taken_from_folder(std::string_view path) {
  const auto name = last_part(path);
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

constexpr std::string_view with_lines = "iface mapping template";
constexpr std::string_view lines_alone = "auto allow-* no-auto-down no-scripts rename";

InterfacesLine below(const TextLine& line, std::string_view key, const Said& at) {
  std::string dashed(key.substr(0, longest_key));
  std::ranges::replace(dashed, '_', '-');
  return {dashed, std::string(trimmed(std::string_view(line.text).substr(key.size()))), at};
}

class InterfacesReader {
 public:
  explicit InterfacesReader(const Include& include) : include_(include) {}

  void read(const SourceFile& file) {
    if (!may_read(file)) return;
    open_.push_back(file.name);
    goes_on_ = false;
    for (const auto& line : logical_lines(file.text)) take(line, file.name);
    goes_on_ = false;
    open_.pop_back();
  }

  std::vector<InterfacesStanza> all() && { return std::move(stanzas_); }

 private:
  bool may_read(const SourceFile& file) {
    const Said whole{file.name};
    if (file.text.find('\0') != std::string::npos)
      pass_over(whole, "is no text, and is not read");
    else if (std::ranges::find(open_, file.name) != open_.end())
      pass_over(whole, "includes itself, and is read once", true);
    else if (open_.size() >= deepest)
      pass_over(whole, "is included too deeply, and is not read", true);
    else if (++files_ > most_files)
      pass_over(whole, "is one file too many, and is not read", true);
    else
      return true;
    return false;
  }

  void pass_over(const Said& at, const char* why, bool trap = false) {
    stanzas_.push_back({{}, at, {}, why, trap});
  }

  void take(const TextLine& line, const std::string& file) {
    auto words = words_of(line.text);
    const auto at = said_in(file, line.number, line.text);
    const std::string key = words.front();
    if (key == "source" || key == "source-directory") {
      for (std::size_t i = 1; i < words.size(); ++i) take_in(words[i], key != "source", at);
      goes_on_ = false;
    } else if (is_one_of(key, with_lines) || is_one_of(key, lines_alone)) {
      stanzas_.push_back({std::move(words), at});
      goes_on_ = is_one_of(key, with_lines);
    } else if (goes_on_) {
      stanzas_.back().lines.push_back(below(line, key, at));
    } else {
      pass_over(at, "stands in no stanza");
    }
  }

  void take_in(const std::string& pattern, bool folder, const Said& at) {
    if (open_.size() >= deepest || files_ >= most_files) {
      if (!std::exchange(too_many_told_, true))
        pass_over(at, "files include each other without an end", true);
      return;
    }
    const auto files = include_(pattern, at.file);
    if (files.empty() && !folder && !is_glob(pattern)) pass_over(at, "there is no such file");
    for (const auto& file : files) {
      if (folder && !is_taken_from_folder(file.name))
        pass_over({file.name},
                  "ifupdown passes over names with other letters than a-z A-Z 0-9 "
                  "_ and -: it is not read",
                  true);
      else
        read(file);
    }
  }

  const Include& include_;
  std::vector<InterfacesStanza> stanzas_;
  bool goes_on_ = false;           // the last stanza
  std::vector<std::string> open_;  // the files that are being read
  std::size_t files_ = 0;
  bool too_many_told_ = false;
};

}  // namespace

std::vector<InterfacesStanza> read_interfaces(const std::vector<SourceFile>& files,
                                              const Include& include) {
  InterfacesReader reader(include);
  for (const auto& file : files) reader.read(file);
  return std::move(reader).all();
}

std::vector<std::string> links_in(const InterfacesStanza& stanza) {
  if (stanza.words.size() < 2 || stanza.words.front() != "iface") return {};
  std::vector<std::string> links{stanza.words[1]};
  for (const auto& line : stanza.lines)
    if (is_one_of(line.key, "bridge-ports bond-slaves slaves bond-ports"))
      for (auto& name : words_of(line.value))
        if (!is_one_of(name, "none all regex noregex glob")) links.push_back(std::move(name));
  return links;
}

}  // namespace vifchain::inline core::inline text
