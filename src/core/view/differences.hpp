// Where a host is otherwise than its file says: for every link, in words.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/topology.hpp"

namespace vifchain {

// Everything that the file wants of this host: the links it names, and those of the bridges that
// its templates have made.
struct FileLinks {
  Actual links;
  std::map<LinkName, std::vector<LinkName>> ports;  // of each bond and bridge, as in the file
  std::vector<LinkName> bridges;                    // in the order of the file, then by name
};
FileLinks links_of_file(const Topology& topology, const Actual& there);

// What is said of a link that is missing.
inline constexpr const char* not_there = "is not there";

// For each link that is not as the file says, what is otherwise, and what stands in the way of
// mending it. Each is half a sentence: "mtu is 1500, wanted 9000", "is not there".
std::map<LinkName, std::vector<std::string>> differences_from(const FileLinks& file,
                                                              const Actual& there);

}  // namespace vifchain
