// SPDX-License-Identifier: Apache-2.0
// vifchain check --domain and --all: would the guests of these configurations find their bridges?
#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"

namespace vifchain::inline cli {

struct CheckGuestsOptions {
  std::vector<std::string> files;
  bool json = false;
  std::string xen = {};  // a release; empty: this host's
};

// Prints what is found; the exit code: 1 when there is an obstacle. Throws Refusal when the file
// `common` names is wrong.
int check_guests(const CheckGuestsOptions& options, const Common& common);

// vifchain check --vifs -: the same about vifs on standard input, for another host's vifchain
// check --on, which reads the answer on standard output. 0 when there is an answer.
int answer_about_vifs(const Common& common);

}  // namespace vifchain::inline cli
