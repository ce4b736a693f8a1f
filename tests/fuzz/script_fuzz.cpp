// SPDX-License-Identifier: Apache-2.0
// libFuzzer: whatever shell text there is, it is followed to an end, and answered with a right file
// and remarks.
#include "convert/import/readers.hpp"
#include "convert/import/script/shell.hpp"
#include "draft_laws.hpp"

namespace {

using namespace vifchain;

void require_commands(const std::string& text) {
  const auto read = read_shell({.file = "script", .text = text, .arguments = {"start"}});
  require(read.commands.size() <= 20'001, "there is an end of commands");
  for (const auto& command : read.commands) {
    require(!command.words.empty(), "a command has a program");
    require(command.at.line != 0, "a command stands in a line");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  require_commands(text);
  DraftConfig draft;
  read_script({{"script", text}}, draft);
  require_composable(std::move(draft));
  return 0;
}
