// SPDX-License-Identifier: Apache-2.0
// libFuzzer: whatever a vif's text is, it is read as xl reads it, and what is wrong with it can be
// said.
#include <string>

#include "core/guests/guest_config.hpp"
#include "core/guests/xl_rate.hpp"
#include "core/guests/xl_vif.hpp"
#include "core/vif/request.hpp"
#include "require.hpp"

namespace {

using namespace vifchain;

constexpr XenRelease oldest{4, 14}, newest{4, 20};

void require_sayable_remarks(const VifSpec& spec, std::size_t size) {
  for (const auto& remark : spec.remarks) {
    require(!remark.text.empty(), "what is said is something");
    require(remark.text.size() <= 600 + 3 * size,
            "what is said does not grow faster than the text");
  }
}

void require_same(const VifSpec& a, const VifSpec& b, const char* law) {
  require(a.bridge == b.bridge && a.script == b.script && a.backend == b.backend && a.ip == b.ip &&
              a.vifname == b.vifname && a.vlan == b.vlan && a.mac == b.mac &&
              a.emulated == b.emulated && a.rate == b.rate && a.mtu == b.mtu &&
              a.devid == b.devid && a.trusted == b.trusted,
          law);
}

// No value of a text has a comma in it: that ends it.
void require_cut(const std::optional<std::string>& value) {
  if (value) require(value->find(',') == std::string::npos, "a value ends at a comma");
}

void require_right(const std::string& text, const XenRelease& xen) {
  const auto spec = read_xl_vif(text, xen);
  require_sayable_remarks(spec, text.size());
  for (const auto& value : {spec.bridge, spec.script, spec.ip, spec.vifname, spec.vlan})
    require_cut(value);
  require(!(xen < XenRelease{4, 19} && spec.vlan), "no old xl knows vlan=");
  const auto cut = text.substr(0, text.find('\0'));
  require_same(spec, read_xl_vif(",,   " + cut + ",,", xen), "what is empty means nothing");
  require_same(spec, read_xl_vif(cut + "," + cut, xen), "saying it twice means nothing");
  GuestConfig guest{.file = "f", .name = "n"};
  guest.vifs.push_back({1, text, spec});
  for (const auto& vif : wanted_vifs(guest, {})) (void)read_request(vif.nodes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  require_right(text, oldest);
  require_right(text, newest);
  const auto rate = read_xl_rate(text.substr(0, text.find('\0')));
  if (const auto* bad = std::get_if<BadRate>(&rate)) require(!bad->reason.empty(), "has a reason");
  return 0;
}
