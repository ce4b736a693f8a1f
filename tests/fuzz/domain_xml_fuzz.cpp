// SPDX-License-Identifier: Apache-2.0
// libFuzzer: whatever lies where libvirt keeps its guests, it is a tree within bounds or it is
// said why not, and of its interfaces there are vifs.
#include <algorithm>
#include <string>

#include "core/guests/libvirt_guest.hpp"
#include "core/vif/request.hpp"
#include "edge/parse/xml.hpp"
#include "require.hpp"

namespace {

using namespace vifchain;

std::size_t require_bounds(const XmlElement& element, unsigned depth, std::size_t lines) {
  require(depth <= 32, "no tree is deeper than 32");
  require(element.line >= 1 && element.line <= lines, "an element is on a line of the text");
  std::size_t count = 1;
  for (const auto& child : element.children) count += require_bounds(child, depth + 1, lines);
  return count;
}

void require_vifs(const XmlElement& domain) {
  NetworkBridges networks{{"default", "virbr0"}};
  for (const auto& name : networks_of(domain)) require(!name.empty(), "a network has a name");
  const auto guest = read_libvirt_guest("f", domain, networks);
  for (const auto& vif : guest.vifs)
    for (const auto& remark : vif.spec.remarks) require(!remark.text.empty(), "has a text");
  const auto wanted = wanted_vifs(guest, {});
  require(wanted.size() == guest.vifs.size(), "no vif is lost");
  for (const auto& vif : wanted) (void)read_request(vif.nodes);
  (void)bridge_of_network(domain);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto read = parse_xml(text);
  if (const auto* mistake = std::get_if<XmlMistake>(&read)) {
    require(!mistake->text.empty(), "what is wrong is said");
    return 0;
  }
  const auto& root = std::get<XmlElement>(read);
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  require(require_bounds(root, 1, lines) <= 100000, "no tree has more elements");
  require_vifs(root);
  return 0;
}
