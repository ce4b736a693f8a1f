// SPDX-License-Identifier: Apache-2.0
// The manuals as a reader of their source sees them: lines, examples, the words of a command.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace vifchain {

// The project's folder.
std::filesystem::path project();

// Every page in xen-scripts, by name.
std::vector<std::filesystem::path> man_pages();

std::string text_of(const std::filesystem::path& file);

// As people read it: "\-" is "-", "\(dq" is a quotation mark, "\fI" is nothing.
std::string unescaped(std::string text);

// What is between each .EX and .EE, unescaped.
std::vector<std::string> examples_of(const std::filesystem::path& page);

// The same of Markdown: each block that is indented by four blanks, without these.
std::vector<std::string> blocks_of(const std::filesystem::path& markdown);

// Each line of the examples that calls vifchain, without what a shell does with its output.
std::vector<std::string> commands_of(const std::vector<std::string>& examples);

// Whether an example is a part of vifchain.toml, and not of another program's file.
bool is_configuration(const std::string& example);

}  // namespace vifchain
