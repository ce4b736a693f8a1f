// SPDX-License-Identifier: Apache-2.0
// What every exporter asks of a topology.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "convert/export/exporters.hpp"
#include "core/model/vid_ranges.hpp"

namespace vifchain::inline convert {

// Every link once. What a link stands on comes before it, except that the ports of one bond or
// bridge keep their order among each other.
std::vector<const Link*> in_order(const Topology& topology);

// The options of its own kind with those that it is born with.
Options all_options(const Link& link);

const std::vector<LinkName>& ports_of(const Topology& topology, const LinkName& name);
std::vector<const Link*> vlans_on(const Topology& topology, const LinkName& name);
bool in_bond(const Topology& topology, const Link& link);
const Hosting& hosting_of(const Topology& topology, const LinkName& name);

// A default route as `gateway` has it.
bool is_gateway(const Route& route);
// "default" or "198.51.100.0/24".
std::string target_of(const Route& route);
// Its metric where it is not the usual one; empty otherwise.
std::string metric_of(const Route& route);

// The tagged VLANs of a bridge port, as ranges; and the untagged one.
VidRanges tagged_vlans(const Link& port);
std::optional<VlanId> pvid_of(const Link& port);
// "10-20" or "10".
std::string text_of(const std::pair<VlanId, VlanId>& range);

// What a format cannot say, in whole sentences.
class Lost {
 public:
  // Everything that vifchain alone does: templates, policies, teardown, the DHCP client by name.
  Lost(const Topology& topology, std::string format);

  void add(const LinkName& link, const std::string& what);
  // "bond1: use_carrier = false has no word in netplan."
  void add(const LinkName& link, Option option, const Value& value);

  // Those about the host, and about one link.
  [[nodiscard]] std::vector<std::string> of_host() const;
  [[nodiscard]] std::vector<std::string> of(const LinkName& link) const;
  [[nodiscard]] std::vector<std::string> all() const;

 private:
  [[nodiscard]] std::vector<std::string> of(std::string_view link) const;

  struct Sentence {
    std::string link, text;
  };
  std::vector<Sentence> sentences_;
  std::string format_;
};

// Each sentence as lines of a comment, "# …", of at most 100 bytes where words allow.
std::string comments(const std::vector<std::string>& sentences, std::string_view indent = {});

}  // namespace vifchain::inline convert
