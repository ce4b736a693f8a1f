// SPDX-License-Identifier: Apache-2.0
#include "convert/import/files/ifupdown_stanzas.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "convert/import/script/shell.hpp"
#include "core/text/glob.hpp"
#include "core/text/lines.hpp"

namespace vifchain::inline convert {
namespace {

constexpr std::size_t deepest = 16;  // files that include files
constexpr std::size_t most_files = 500;
constexpr std::size_t most_lines = 20'000;  // that stanzas inherit
constexpr std::size_t longest_key = 64;

bool is_file_of_source_directory(std::string_view path) {
  const auto name = path.substr(path.rfind('/') + 1);
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

std::string dashed(std::string_view key) {
  std::string text(key.substr(0, longest_key));
  std::ranges::replace(text, '_', '-');
  return text;
}

class StanzaReader {
 public:
  StanzaReader(const Include& include, DraftConfig& draft) : include_(include), draft_(draft) {}

  void read(const SourceFile& file) {
    if (!may_read(file)) return;
    open_.push_back(file.name);
    stanza_ = Place::nowhere;
    for (const auto& line : logical_lines(file.text)) take(line, file.name);
    stanza_ = Place::nowhere;
    open_.pop_back();
  }

  std::vector<IfupStanza> all() {
    for (auto& stanza : stanzas_) {
      const auto link = link_of_.find(stanza.name);
      if (link != link_of_.end()) stanza.name = link->second;
    }
    std::vector<IfupStanza> whole;
    for (const auto& stanza : stanzas_)
      if (!only_inherited(stanza.name)) whole.push_back(with_inherited(stanza));
    return whole;
  }

 private:
  enum class Place : std::uint8_t { nowhere, in_stanza, in_what_is_passed_over };

  bool may_read(const SourceFile& file) {
    const Said whole{file.name};
    if (file.text.find('\0') != std::string::npos)
      draft_.lose(whole, "is no text, and is not read");
    else if (std::ranges::find(open_, file.name) != open_.end())
      draft_.warn(whole, "includes itself, and is read once");
    else if (open_.size() >= deepest)
      draft_.warn(whole, "is included too deeply, and is not read");
    else if (++files_ > most_files)
      draft_.warn(whole, "is one file too many, and is not read");
    else
      return true;
    return false;
  }

  void take(const TextLine& line, const std::string& file) {
    const auto words = words_of(line.text);
    const auto at = said_in(file, line.number, line.text);
    const auto& key = words.front();
    if (key == "iface") return begin(words, at);
    if (key == "source" || key == "source-directory") return take_in(words, at);
    if (key == "auto" || key.starts_with("allow-") || key == "no-auto-down" || key == "no-scripts")
      return remember_links(words);
    if (key == "mapping" || key == "rename" || key == "template") return pass_over(key, at);
    if (stanza_ == Place::in_stanza)
      stanzas_.back().lines.push_back(
          {dashed(key), std::string(trimmed(std::string_view(line.text).substr(key.size()))), at});
    else if (stanza_ == Place::nowhere)
      draft_.lose(at, "stands in no stanza");
  }

  void begin(const std::vector<std::string>& words, const Said& at) {
    stanza_ = Place::in_what_is_passed_over;
    if (words.size() < 2) return draft_.lose(at, "names no link");
    if (words[1].starts_with('/') || is_glob(words[1]))
      return draft_.lose(at, "a vifchain.toml names each link: write a stanza for each");
    IfupStanza stanza{.name = words[1], .family = {}, .method = {}, .at = at};
    const auto inherits = std::ranges::find(words, "inherits");
    if (inherits != words.end()) stanza.inherits.assign(inherits + 1, words.end());
    const auto own = static_cast<std::size_t>(inherits - words.begin());
    if (own > 2) stanza.family = words[2];
    if (own > 3) stanza.method = words[3];
    stanza_ = Place::in_stanza;
    stanzas_.push_back(std::move(stanza));
  }

  // "auto eth0=work": the stanza "work" is that of eth0.
  void remember_links(const std::vector<std::string>& words) {
    stanza_ = Place::nowhere;
    for (std::size_t i = 1; i < words.size(); ++i) {
      const auto equals = words[i].find('=');
      brought_up_.insert(words[i].substr(0, equals));
      if (equals == std::string::npos || is_glob(words[i]) || words[i].starts_with('/')) continue;
      link_of_.insert_or_assign(words[i].substr(equals + 1), words[i].substr(0, equals));
    }
  }

  void pass_over(const std::string& key, const Said& at) {
    stanza_ = key == "rename" ? Place::nowhere : Place::in_what_is_passed_over;
    if (key == "mapping")
      draft_.lose(at, "a script chooses the stanza when the link comes up: name one");
    else if (key == "rename")
      draft_.lose(at, "a NIC's name is udev's matter");
    else
      draft_.lose(at, "templates of ifupdown2 are not read: write out what they come to");
  }

  void take_in(const std::vector<std::string>& words, const Said& at) {
    const auto before = stanza_;
    const bool folders = words.front() == "source-directory";
    for (std::size_t i = 1; i < words.size(); ++i) take_in(words[i], folders, at);
    stanza_ = before == Place::in_stanza ? Place::nowhere : before;
  }

  void take_in(const std::string& pattern, bool folder, const Said& at) {
    if (open_.size() >= deepest || files_ >= most_files) {
      const bool told = std::exchange(too_many_told_, true);
      return told ? void() : draft_.warn(at, "files include each other without an end");
    }
    const auto files = include_(pattern, at.file);
    if (files.empty() && !folder && !is_glob(pattern)) draft_.lose(at, "there is no such file");
    for (const auto& file : files) {
      if (folder && !is_file_of_source_directory(file.name))
        draft_.warn({file.name},
                    "ifupdown passes over names with other letters than a-z A-Z 0-9 "
                    "_ and -: it is not read");
      else
        read(file);
    }
  }

  // Nobody brings it up: it is there for others to inherit from.
  [[nodiscard]] bool only_inherited(const std::string& name) const {
    return !brought_up_.contains(name) &&
           std::ranges::any_of(stanzas_, [&](const IfupStanza& stanza) {
             return stanza.name != name &&
                    std::ranges::find(stanza.inherits, name) != stanza.inherits.end();
           });
  }

  [[nodiscard]] const IfupStanza* named(const std::string& name) const {
    const auto found = std::ranges::find(stanzas_, name, &IfupStanza::name);
    return found == stanzas_.end() ? nullptr : &*found;
  }

  // The lines of what it inherits, and of what that inherits, before its own.
  void inherit(const IfupStanza& stanza, std::set<std::string> above, IfupStanza& whole) {
    for (const auto& name : stanza.inherits) {
      const auto* other = named(name);
      if (other == nullptr) {
        draft_.lose(stanza.at, "there is no stanza \"" + name + "\" to inherit from");
      } else if (!above.insert(name).second || above.size() > deepest || inherited_ > most_lines) {
        draft_.warn(stanza.at, "inherits from itself: \"" + name + "\" is read once");
      } else {
        inherit(*other, above, whole);
        whole.lines.insert(whole.lines.end(), other->lines.begin(), other->lines.end());
        inherited_ += 1 + other->lines.size();
      }
    }
  }

  IfupStanza with_inherited(const IfupStanza& stanza) {
    IfupStanza whole = stanza;
    if (stanza.inherits.empty()) return whole;
    whole.lines.clear();
    inherit(stanza, {stanza.name}, whole);
    // What is said here as well has the last word.
    std::erase_if(whole.lines, [&](const IfupLine& line) {
      return stanza.has(line.key) && line.key != "up" && line.key != "pre-up";
    });
    whole.lines.insert(whole.lines.end(), stanza.lines.begin(), stanza.lines.end());
    return whole;
  }

  const Include& include_;
  DraftConfig& draft_;
  Place stanza_ = Place::nowhere;
  std::vector<IfupStanza> stanzas_;
  std::map<std::string, std::string> link_of_;  // by the name of a stanza
  std::set<std::string> brought_up_;            // links that are named by auto or allow-
  std::vector<std::string> open_;               // the files that are being read
  std::size_t files_ = 0, inherited_ = 0;
  bool too_many_told_ = false;
};

}  // namespace

std::string IfupStanza::value(std::string_view key) const {
  std::string found;
  for (const auto& line : lines)
    if (line.key == key) found = line.value;
  return found;
}

bool IfupStanza::has(std::string_view key) const {
  return std::ranges::find(lines, key, &IfupLine::key) != lines.end();
}

std::vector<IfupStanza> read_stanzas(const std::vector<SourceFile>& files, const Include& include,
                                     DraftConfig& draft) {
  StanzaReader reader(include, draft);
  for (const auto& file : files) reader.read(file);
  return reader.all();
}

}  // namespace vifchain::inline convert
