// SPDX-License-Identifier: Apache-2.0
// The filters' table read back from the kernel.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "core/filter/filter_elements.hpp"
#include "edge/netlink/nft_socket.hpp"

namespace vifchain::inline edge::inline filter {

using PortElements = std::map<LinkName, std::vector<FilterElement>>;

// Each call throws Error when the kernel cannot be asked, with EPERM where this process may not.
class FilterReader {
 public:
  // There is no table; it is as it was made, but for its elements; or somebody changed it.
  enum class State : std::uint8_t { missing, whole, changed };

  // In a number of questions that does not depend on the number of ports: flags of the table, the
  // chain that the kernel calls, and all rules are as its seal says.
  State state();

  // What the table is now, for its seal.
  std::optional<std::uint64_t> fingerprint();

  // The element of the map of modes that the port has, and of that of places, which says whose it
  // is.
  std::optional<FilterElement> mode_of(const LinkName& port);
  std::optional<FilterElement> place_of(const LinkName& port);

  // Whether each of them is there, exactly; one question for each set.
  bool are_there(const std::vector<FilterElement>& elements);
  bool is_guarded(const LinkName& bridge);

  // How many elements and rules speak of a chain; 0 where there is none.
  std::uint32_t uses_of(const std::string& chain);

  // The ports of which the set of MACs has this one.
  std::vector<LinkName> ports_of(const Mac& mac);

  // The elements of all ports, and the bridges that are guarded. Sets that are missing are empty.
  PortElements all();
  std::set<LinkName> guarded();

 private:
  Message about(int type, int flags) const;
  std::optional<FilterElement> element_of(std::string_view map, const LinkName& port);
  std::vector<FilterElement> elements(std::string_view set, const std::vector<std::string>& keys);
  std::optional<std::string> description();

  NftSocket socket_;
};

}  // namespace vifchain::inline edge::inline filter
