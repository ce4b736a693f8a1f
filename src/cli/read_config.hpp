// SPDX-License-Identifier: Apache-2.0
// The file, for commands that cannot do without.
#pragma once

#include "cli/command.hpp"
#include "core/model/topology.hpp"
#include "core/plan/rollback_record.hpp"

namespace vifchain::inline cli {

// What the file says. Prints everything that is wrong with it, and throws Refusal then; throws
// Error when it cannot be read.
Topology read_config(const Common& common);

// The same with the very text that was read, and whose the file is.
struct ConfigRead {
  Topology topology;
  FileState file;
};
ConfigRead read_config_and_text(const Common& common);

// The same for who prints JSON: an object with the file and its "mistakes" is printed then.
Topology read_config_for_json(const Common& common);
void print_mistakes_json(const std::string& config, const std::vector<std::string>& mistakes);

// Whether the file, where there is one that is right, has the bridge.
bool is_in_file(const Common& common, const std::string& bridge);

// The same as read_config() with one bridge more, which has this port, or none where it is empty;
// there need be no file. Throws Refusal where the file has the bridge, and without this port.
Topology read_config_and(const Common& common, const std::string& bridge, const std::string& port);

// The names, which the file knows as bridges or templates' ones. Throws Refusal for one that it
// does not, with the names that it does.
std::vector<LinkName> bridges_in(const Topology& topology, const std::vector<std::string>& names,
                                 const Common& common);

}  // namespace vifchain::inline cli
