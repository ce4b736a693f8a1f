// SPDX-License-Identifier: Apache-2.0
// The filter's table as nft(8) has it: whether it is whole, and what people and programs take away
// from it.
#pragma once

#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "core/model/policy.hpp"

namespace vifchain::test {

using Luck = std::mt19937;

// Below `below`, which is more than 0.
unsigned some(Luck& luck, unsigned below);

// All of the table but the elements of its sets and its empty chains, whose names are all that they
// are for; empty when there is none.
std::string table_without_elements();

// By port, the chain that judges it.
std::map<std::string, std::string> judged_ports();
std::string chain_for(Antispoof policy);

// One way to take something away; it says of what. Needs no table to be there.
struct Loss {
  const char* name;
  std::function<std::string(Luck&)> work;
};
// Of the table itself: after one a guest may be without its filter.
const std::vector<Loss>& losses_of_the_table();
// Of /run/vifchain, which no filter needs.
const std::vector<Loss>& losses_of_records();

}  // namespace vifchain::test
