// SPDX-License-Identifier: Apache-2.0
#include "convert/import/script/script.hpp"

#include "convert/import/readers.hpp"
#include "convert/import/script/shell.hpp"

namespace vifchain::inline convert {
namespace {

bool is_binary(std::string_view text) {
  return text.substr(0, 4096).find('\0') != text.npos;
}

// Something that no shell reads: its first line names who does.
std::string other_language(std::string_view text) {
  if (!text.starts_with("#!")) return {};
  const auto line = text.substr(0, text.find('\n'));
  for (const std::string_view language : {"perl", "python", "ruby", "awk", "php"})
    if (line.find(language) != line.npos) return std::string(language);
  return {};
}

}  // namespace

bool is_xens_own(const SourceFile& file) {
  const auto name = last_part(file.name);
  return is_one_of(name, "network-nat network-route network-dummy network-chain") ||
         file.text.find("op_start") != std::string::npos;
}

void tell_script(const SourceFile& file, const std::vector<std::string>& arguments,
                 Telling& telling) {
  const Said whole{file.name};
  if (is_binary(file.text)) return telling.draft.lose(whole, "is no text, and is not read");
  if (const auto language = other_language(file.text); !language.empty())
    return telling.draft.lose(whole, "is written in " + language + ", which is not followed");
  if (is_xens_own(file))
    return telling.draft.lose(whole,
                              "is one of Xen's own, and does what it is told: give the "
                              "script or the configuration that calls it");
  const auto read =
      read_shell({.file = file.name, .text = file.text, .name = file.name, .arguments = arguments});
  for (const auto& command : read.commands) tell(command, telling);
  for (const auto& remark : read.remarks) telling.draft.lose(remark.at, remark.why);
}

void read_script(const std::vector<SourceFile>& files, DraftConfig& draft) {
  Telling telling{draft};
  for (const auto& file : files) tell_script(file, {"start"}, telling);
}

}  // namespace vifchain::inline convert
