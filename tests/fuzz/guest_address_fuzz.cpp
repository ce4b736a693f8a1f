// SPDX-License-Identifier: Apache-2.0
// libFuzzer: whatever a vif's ip node is, it is answered with networks that do not overlap, or with
// what is wrong.
#include <algorithm>
#include <string>

#include "core/vif/guest_address.hpp"
#include "require.hpp"

namespace {

using namespace vifchain;

std::string written_out(const std::vector<LinkAddress>& addresses) {
  std::string text;
  for (const auto& one : addresses)
    text += (text.empty() ? "" : " ") + one.address.str() + "/" + std::to_string(one.prefix);
  return text;
}

void require_network(const LinkAddress& network) {
  const unsigned bits = network.address.v6 ? 128 : 32;
  require(network.prefix <= bits, "a prefix is not longer than the address");
  for (unsigned bit = network.prefix; bit < 128; ++bit)
    require((network.address.bytes[bit / 8] >> (7 - bit % 8) & 1) == 0, "host bits are clear");
}

// Multicast or loopback, which nobody sends from.
void require_usable(const LinkAddress& network) {
  const auto first = network.address.bytes[0];
  const bool v6 = network.address.v6;
  const bool multicast =
      v6 ? first == 0xff && network.prefix >= 8 : first >> 4 == 0xe && network.prefix >= 4;
  require(!multicast, "no guest has a multicast address");
  require(v6 || first != 127 || network.prefix < 8, "no guest has a loopback address");
}

// Bit by bit, not as the code under test does it.
bool overlap(const LinkAddress& a, const LinkAddress& b) {
  if (a.address.v6 != b.address.v6) return false;
  for (unsigned bit = 0; bit < std::min(a.prefix, b.prefix); ++bit)
    if (((a.address.bytes[bit / 8] ^ b.address.bytes[bit / 8]) >> (7 - bit % 8) & 1) != 0)
      return false;
  return true;
}

void require_right(const std::vector<LinkAddress>& networks) {
  for (std::size_t i = 0; i < networks.size(); ++i) {
    require_network(networks[i]);
    require_usable(networks[i]);
    if (i == 0) continue;
    require(networks[i - 1] < networks[i], "networks are in order");
    require(!overlap(networks[i - 1], networks[i]), "networks do not overlap");
  }
}

void require_same(const std::vector<LinkAddress>& networks, const std::string& text,
                  const char* law) {
  const auto read = read_guest_addresses(text);
  const auto* same = std::get_if<std::vector<LinkAddress>>(&read);
  require(same != nullptr && *same == networks, law);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto read = read_guest_addresses(text);
  if (const auto* bad = std::get_if<BadSpec>(&read)) {
    require_placed(*bad, text);
    return 0;
  }
  const auto& networks = std::get<std::vector<LinkAddress>>(read);
  require_right(networks);
  const auto reversed = std::vector(networks.rbegin(), networks.rend());
  require_same(networks, written_out(networks), "written out, it is the same");
  require_same(networks, written_out(reversed), "the order of addresses means nothing");
  require_same(networks, text + "," + text, "saying it twice means nothing");
  return 0;
}
