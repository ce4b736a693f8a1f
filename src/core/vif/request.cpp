// SPDX-License-Identifier: Apache-2.0
#include "core/vif/request.hpp"

#include "core/text/decimal.hpp"
#include "core/text/escape.hpp"
#include "core/vif/guest_address.hpp"
#include "core/vif/vif_name.hpp"
#include "core/vif/vlan_grammar.hpp"

namespace vifchain::inline core::inline vif {
namespace {

// The least an Ethernet link may have, and the most netback grants
// (ETH_MIN_MTU; ETH_MAX_MTU - ETH_HLEN in drivers/net/xen-netback/interface.c).
constexpr unsigned min_mtu = 68, max_mtu = 65517;

// "-emu"
constexpr std::size_t longest_emulated = 11;

std::string of(const char* key, const std::string& value) {
  return std::string(key) + " " + quoted(value);
}

std::string in_words(const char* key, const std::string& value, const BadSpec& bad) {
  return of(key, value) + " is wrong at character " + std::to_string(bad.column) + ": " +
         bad.reason;
}

class Reader {
 public:
  Reader(const std::map<std::string, std::string>& nodes,
         const std::map<std::string, std::string>& words)
      : nodes_(nodes), words_(words) {}

  std::variant<VifRequest, BadRequest> read() {
    request_.bridge = value_of("bridge");
    request_.emulated = value_of("type") == "vif_ioemu";
    for (const auto part : {&Reader::read_mtu, &Reader::read_name, &Reader::read_vlans})
      if (auto reason = (this->*part)(); !reason.empty()) return BadRequest{std::move(reason)};
    read_mac();
    read_addresses();
    return std::move(request_);
  }

 private:
  [[nodiscard]] std::string value_of(const char* key) const {
    for (const auto* source : {&nodes_, &words_})
      if (const auto found = source->find(key); found != source->end() && !found->second.empty())
        return found->second;
    return {};
  }

  std::string read_mtu() {
    const auto mtu = value_of("mtu");
    if (mtu.empty()) return {};
    request_.mtu = decimal(mtu);
    if (request_.mtu >= min_mtu && request_.mtu <= max_mtu) return {};
    return "mtu: expected " + std::to_string(min_mtu) + " to " + std::to_string(max_mtu) +
           " bytes, found " + quoted(mtu);
  }

  std::string read_name() {
    const auto name = value_of("vifname");
    if (name.empty()) return {};
    for (const auto rule : {why_no_link_name, why_no_vif_name})
      if (const auto why_not = rule(name); !why_not.empty())
        return of("vifname", name) + " " + why_not;
    if (request_.emulated && name.size() > longest_emulated)
      return of("vifname", name) + " is " + std::to_string(name.size()) + " bytes long, at most " +
             std::to_string(longest_emulated) + " are allowed beside an emulated NIC (" +
             emulated_name("NAME") + ")";
    request_.name = LinkName::parse(name);
    return {};
  }

  std::string read_vlans() {
    const auto text = value_of("vlan");
    if (text.empty()) return {};
    auto spec = read_vlan_spec(text);
    if (const auto* bad = std::get_if<BadSpec>(&spec)) return in_words("vlan", text, *bad);
    request_.vlans = std::move(std::get<VlanSpec>(spec).vlans);
    request_.warnings = std::move(std::get<VlanSpec>(spec).warnings);
    return {};
  }

  void read_mac() {
    if (const auto mac = value_of("mac"); !mac.empty()) request_.mac = Mac::parse(mac);
  }

  // Free text, which stock scripts may even ignore.
  void read_addresses() {
    const auto text = value_of("ip");
    auto addresses = read_guest_addresses(text);
    if (auto* read = std::get_if<std::vector<LinkAddress>>(&addresses))
      request_.addresses = std::move(*read);
    else
      request_.wrong_addresses = in_words("ip", text, std::get<BadSpec>(addresses));
  }

  const std::map<std::string, std::string>& nodes_;
  const std::map<std::string, std::string>& words_;
  VifRequest request_;
};

}  // namespace

std::variant<VifRequest, BadRequest> read_request(const std::map<std::string, std::string>& nodes,
                                                  const std::map<std::string, std::string>& words) {
  return Reader(nodes, words).read();
}

std::string emulated_name(const std::string& name) {
  return name + "-emu";
}

}  // namespace vifchain::inline core::inline vif
