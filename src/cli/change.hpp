// SPDX-License-Identifier: Apache-2.0
// What commands that change the host share.
#pragma once

#include <functional>
#include <string>

#include "cli/command.hpp"
#include "flow/host/apply.hpp"
#include "flow/host/changes.hpp"

namespace vifchain::inline cli {

// Throws Refusal to whoever is not root.
void must_be_root();

// Opens this host's doors for the command `name`, and calls `work`. Throws Refusal without
// privileges.
int with_host(const std::string& name, const Common& common,
              const std::function<int(Env& env)>& work);

// The same under the lock of those who change the host as a whole: what was never confirmed, and
// nobody looks after, goes back first, and then nothing else is done.
int change_host(const std::string& name, const Common& common,
                const std::function<int(Env& env, const ChangeLock& lock)>& work);

// Prints each step as it is done: ApplyOptions for people on a terminal or not.
ApplyOptions talkative(bool allow_disrupt, std::set<std::string> accepted = {});

// "Done", "Nothing to do", or "Done, 2 skipped".
std::string done_in_words(const HostPlan& plan);

// Says what was done.
void print_done(const HostPlan& plan, const std::string& what_it_is_now);

// Says here and in the log what was left out. False when nothing was.
bool print_left_out(const HostPlan& plan, Log& log);

}  // namespace vifchain::inline cli
