// What commands that change the host share.
#pragma once

#include <functional>
#include <string>

#include "cli/command.hpp"
#include "flow/apply.hpp"

namespace vifchain {

// Opens this host's doors for the command `name`, takes a way back that was forgotten, and calls
// `work`. Throws Refusal without privileges.
int change_host(const std::string& name, const Common& common,
                const std::function<int(Site& site)>& work);

// Prints each step as it is done: ApplyOptions for people on a terminal or not.
ApplyOptions talkative(bool allow_disrupt);

// Says what was done.
void print_done(const HostPlan& plan, const std::string& what_it_is_now);

}  // namespace vifchain
