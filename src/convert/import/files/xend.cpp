// SPDX-License-Identifier: Apache-2.0
// xend-config.sxp: s-expressions (tools/python/xen/xend/sxp.py of Xen 4.4), of which two are about
// the network.
#include <algorithm>

#include "convert/import/readers.hpp"
#include "convert/import/script/script.hpp"
#include "core/model/name.hpp"
#include "core/text/lines.hpp"

namespace vifchain::inline convert {
namespace {

// One (KEY VALUE …) of the file; deeper ones are parts of its values that nobody here reads.
struct Setting {
  unsigned line = 0;
  std::vector<std::string> words;
};

struct Settings {
  std::vector<Setting> all;
  unsigned open_since = 0;  // the line of a parenthesis or quote that nothing closes; 0: none
  unsigned closed_too_often = 0;
};

bool ends_atom(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '(' || c == ')' || c == '#';
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Settings all() {
    while (at_ < text_.size()) next();
    if (depth_ > 0) settings_.open_since = opened_;
    return std::move(settings_);
  }

 private:
  void next() {
    const char c = text_[at_];
    if (c == '#') return skip_line();
    if (c == '(') return open();
    if (c == ')') return close();
    if (c == '\'' || c == '"') return quoted(c);
    if (ends_atom(c)) return advance();
    atom();
  }

  void advance() {
    if (text_[at_++] == '\n') ++line_;
  }

  void skip_line() {
    while (at_ < text_.size() && text_[at_] != '\n') ++at_;
  }

  void open() {
    if (depth_++ == 0) {
      settings_.all.push_back({line_, {}});
      opened_ = line_;
    }
    ++at_;
  }

  void close() {
    ++at_;
    if (depth_ > 0)
      --depth_;
    else if (settings_.closed_too_often == 0)
      settings_.closed_too_often = line_;
  }

  void word(std::string text) {
    if (depth_ == 1) settings_.all.back().words.push_back(std::move(text));
  }

  void quoted(char quote) {
    const unsigned begin = line_;
    std::string text;
    for (++at_; at_ < text_.size() && text_[at_] != quote; advance()) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      text += text_[at_];
    }
    if (at_ >= text_.size()) {
      settings_.open_since = begin;
      depth_ = 0;
      return;
    }
    ++at_;
    word(std::move(text));
  }

  void atom() {
    const auto begin = at_;
    while (at_ < text_.size() && !ends_atom(text_[at_])) ++at_;
    word(std::string(text_.substr(begin, at_ - begin)));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  unsigned line_ = 1;
  unsigned opened_ = 0;
  std::size_t depth_ = 0;
  Settings settings_;
};

// xend splits the text at single blanks; the words of a list are taken as well.
std::vector<std::string> called(const Setting& setting) {
  std::vector<std::string> words;
  for (std::size_t i = 1; i < setting.words.size(); ++i)
    for (auto& word : words_of(setting.words[i])) words.push_back(std::move(word));
  return words;
}

constexpr std::string_view scripts = "/etc/xen/scripts/";

// xend puts the operation behind the program, and what the file says behind that.
void tell_network_script(const Setting& setting, const Said& at, const Include& include,
                         Telling& telling) {
  auto words = called(setting);
  if (words.empty() || last_part(words.front()) == "network-dummy") return;
  words.insert(words.begin() + 1, "start");
  const auto& program = words.front();
  if (program.find("..") != program.npos || program.find_first_of("*?[") != program.npos)
    return telling.draft.lose(at, "\"" + program + "\" is no name of a script");
  const auto path = program.starts_with('/') ? program : std::string(scripts) + program;
  const auto files = include(path, at.file);
  if (files.size() == 1 && !is_xens_own(files.front()))
    return tell_script(files.front(), {words.begin() + 1, words.end()}, telling);
  if (files.empty() && !last_part(program).starts_with("network-"))
    return telling.draft.lose(at, path + " is not there to be read: give it as well");
  tell({.words = words, .into = {}, .at = at}, telling);
}

void tell_bridge_word(std::string_view word, const Said& at, DraftConfig& draft) {
  if (word.starts_with("bridge=")) {
    const auto name = word.substr(7);
    if (const auto why_not = why_no_link_name(name); !why_not.empty())
      return draft.lose(at, "no bridge can be called so: it " + why_not);
    draft.default_bridge = std::string(name);
  } else if (word == "antispoof=yes") {
    draft.antispoof = Antispoof::mac;
  } else {
    draft.lose(at, "\"" + std::string(word) + "\" means nothing to vif-chain");
  }
}

void tell_vif_script(const Setting& setting, const Said& at, DraftConfig& draft) {
  const auto words = called(setting);
  if (words.empty()) return;
  const std::string script(last_part(words.front()));
  if (script == "vif-route" || script == "vif-nat")
    return draft.lose(at, "guests of " + script + " have no bridge: vif-chain is not for them");
  if (script != "vif-bridge" && script != "vif-chain")
    return draft.lose(at, "vif-chain takes the place of vif-bridge alone: what else " + script +
                              " does goes into vif-post.d");
  for (std::size_t i = 1; i < words.size(); ++i) tell_bridge_word(words[i], at, draft);
}

Said said_of(const Setting& setting, const std::string& file) {
  std::string text = "(";
  for (const auto& word : setting.words) {
    const bool several = word.find(' ') != word.npos;
    text += (text.size() > 1 ? " " : "") + (several ? "'" + word + "'" : word);
  }
  return said_in(file, setting.line, text + ")");
}

void tell_setting(const Setting& setting, const std::string& file, const Include& include,
                  Telling& telling) {
  if (setting.words.empty()) return;
  const auto at = said_of(setting, file);
  if (setting.words.front() == "network-script")
    return tell_network_script(setting, at, include, telling);
  if (setting.words.front() == "vif-script") return tell_vif_script(setting, at, telling.draft);
}

}  // namespace

void read_xend(const std::vector<SourceFile>& files, const Include& include, DraftConfig& draft) {
  Telling telling{draft};
  for (const auto& file : files) {
    if (file.text.find('\0') != std::string::npos) {
      draft.lose({file.name}, "is no text, and is not read");
      continue;
    }
    const auto settings = Reader(file.text).all();
    for (const auto& setting : settings.all) tell_setting(setting, file.name, include, telling);
    if (settings.open_since != 0)
      draft.lose({file.name, settings.open_since},
                 "what is opened here is not closed: the rest of the file is part of it");
    if (settings.closed_too_often != 0)
      draft.lose({file.name, settings.closed_too_often}, "a ) that closes nothing");
  }
}

}  // namespace vifchain::inline convert
