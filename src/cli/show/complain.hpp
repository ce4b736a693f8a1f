// SPDX-License-Identifier: Apache-2.0
// What is said of something wrong, in its shape: to standard error, or as text for standard output.
#pragma once

#include <string>
#include <string_view>

namespace vifchain::inline cli {

// "vifchain: LEVEL: WHAT: DETAIL", and "hint: LINE" below it where the problem has one. The level
// is error, warning or note.
void complain(std::string_view level, std::string_view problem);

// The same lines, each with its end, without the program's name.
std::string told(std::string_view level, std::string_view problem);

}  // namespace vifchain::inline cli
