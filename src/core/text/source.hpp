// SPDX-License-Identifier: Apache-2.0
// Texts that other programs read, and where in them something is said.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/text/document.hpp"

namespace vifchain::inline core::inline text {

struct SourceFile {
  std::string name;  // its path as it was given or found
  std::string text;
};

// A file that a library has read already.
struct SourceTree {
  std::string name;
  Table tree;
};

// One line of a source, for remarks.
struct Said {
  std::string file;
  unsigned line = 0;      // counted from 1; 0: the file as a whole
  std::string text = {};  // as it stands there, without what only continues it
  bool operator==(const Said&) const = default;
};

// What is said in a line of the file: not too much of it, and all of it printable.
Said said_in(std::string_view file, unsigned line, std::string_view text);

// "interfaces:12"
std::string place_of(const Said& said);

// A file's name without its folders.
std::string_view last_part(std::string_view path);

// The files that a file includes: those of the pattern (glob(7)), which may be relative to the
// folder of `from`, in the order of their names; a folder stands for the files in it. Empty when
// there are none.
using Include =
    std::function<std::vector<SourceFile>(const std::string& pattern, const std::string& from)>;

}  // namespace vifchain::inline core::inline text
