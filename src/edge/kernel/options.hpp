// SPDX-License-Identifier: Apache-2.0
// Every option as rtnetlink carries it: one table for writing and for reading back, so that no
// option can be written and then not be seen.
#pragma once

#include <functional>
#include <map>

#include "core/model/option.hpp"

struct nl_msg;
struct nlattr;

namespace vifchain::inline edge::inline kernel {

// The kernel's name for the kind that has these options, which is also the name for its ports
// (IFLA_INFO_KIND, IFLA_INFO_SLAVE_KIND).
const char* kernel_kind(Owner owner);

// Where the option belongs, by the same table.
Owner owner_of(Option option);

// The index of a link by its name.
using IndexOf = std::function<unsigned(const LinkName&)>;

// Appends the options to a message: the contents of IFLA_INFO_DATA or IFLA_INFO_SLAVE_DATA.
void put_options(nl_msg& message, const Options& options, const IndexOf& index_of);

// The options that such contents hold. What the kernel leaves out because it is empty (targets,
// QoS maps) is there, empty; what the kernel does not know is absent.
struct ReadOptions {
  Options options;
  std::map<Option, unsigned> ports = {};  // options that name a link, still as its index
};
ReadOptions read_options(Owner owner, const nlattr* data);

}  // namespace vifchain::inline edge::inline kernel
