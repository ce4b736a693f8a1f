// SPDX-License-Identifier: Apache-2.0
// Who runs this process, and with which words.
#pragma once

#include <cstdint>
#include <string>

namespace vifchain::inline edge::inline process {

struct ThisProcess {
  std::int64_t pid = 0, uid = 0;
  std::string sudo_user = {};  // who became that uid by sudo(8)
  std::string caller = {};  // $VIFCHAIN_CALLER: the program of ours that called it, and its words
};

ThisProcess this_process();

// "vifchain apply --confirm 60", the program without its folder and words as a shell would take
// them; empty where the kernel does not tell (/proc is not there).
std::string command_line();

}  // namespace vifchain::inline edge::inline process
