// SPDX-License-Identifier: Apache-2.0
// vifchain check --on HOST GUEST…: would a guest find its bridges on another host?
#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"

namespace vifchain::inline cli {

struct CheckOnOptions {
  std::string host;                 // as ssh(1) takes it
  std::vector<std::string> guests;  // each a file, or one that runs: its name or number
  bool json = false;
  std::string xen = {};  // a release; empty: this host's
};

// Asks HOST's vifchain over ssh, or by the command in $VIFCHAIN_SSH, and prints what it finds; the
// exit code: 1 when there is an obstacle. Throws Refusal when there is no answer, and says why.
int check_on(const CheckOnOptions& options);

}  // namespace vifchain::inline cli
