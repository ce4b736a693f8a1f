// SPDX-License-Identifier: Apache-2.0
#include "core/guests/xl_vif.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>
#include <string>

#include "core/guests/xl_rate.hpp"
#include "core/text/escape.hpp"
#include "core/text/lines.hpp"
#include "core/text/list.hpp"
#include "core/text/nearest.hpp"
#include "core/text/problem.hpp"
#include "core/vif/vlan_grammar.hpp"

namespace vifchain::inline core::inline guests {
namespace {

struct Key {
  std::string_view name;
  std::optional<std::string> VifSpec::*text = nullptr;  // null: it is more than a text
  bool places = false;  // it says where the vif belongs: without it, the guest is elsewhere
  XenRelease since;     // whose xl knows it
};

constexpr XenRelease always{4, 0};  // all that we serve

// Those of COLO, which go to the device model alone, are known by how they begin.
constexpr std::array keys{
    Key{"bridge", &VifSpec::bridge, true, always},
    Key{"vlan", &VifSpec::vlan, true, {4, 19}},
    Key{"mac", nullptr, true, always},
    Key{"script", &VifSpec::script, true, always},
    Key{"backend", &VifSpec::backend, true, always},
    Key{"vifname", &VifSpec::vifname, false, always},
    Key{"ip", &VifSpec::ip, false, always},
    Key{"type", nullptr, false, always},
    Key{"model", &VifSpec::model, false, always},
    Key{"rate", nullptr, false, always},
    Key{"mtu", nullptr, false, {4, 15}},
    Key{"devid", nullptr, false, always},
    Key{"gatewaydev", &VifSpec::gatewaydev, false, always},
    Key{"netdev", &VifSpec::gatewaydev, false, always},
    Key{"accel", nullptr, false, always},
    Key{"forwarddev", nullptr, false, always},
};

constexpr std::string_view blanks = " \t";

const Key* key_called(std::string_view name) {
  const auto found = std::ranges::find(keys, name, &Key::name);
  return found == keys.end() ? nullptr : found;
}

std::string_view without_end_blanks(std::string_view text) {
  const auto last = text.find_last_not_of(blanks);
  return last == std::string_view::npos ? std::string_view{} : text.substr(0, last + 1);
}

// As strtok(3) does it on ",": what is empty is nothing.
std::vector<std::string_view> pieces_of(std::string_view text) {
  std::vector<std::string_view> pieces;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find(',', at), text.size());
    if (end > at) pieces.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return pieces;
}

// strtoul(3): blanks and a sign may come first, and what follows the number is left over.
struct Number {
  unsigned long value = 0;
  std::size_t size = 0;  // 0: there is none
};
Number leading_number(std::string_view text, int base) {
  const std::string copy(text);
  char* end = nullptr;
  const unsigned long value = std::strtoul(copy.c_str(), &end, base);
  return {value, static_cast<std::size_t>(end - copy.c_str())};
}

// ".10:20" for 10p/20; what cannot be said so, or is wrong, in general.
std::string in_bridge_syntax(std::string_view vlan) {
  const auto read = read_vlan_spec(without_end_blanks(vlan));
  const auto* spec = std::get_if<VlanSpec>(&read);
  constexpr const char* in_general = ".TAG:VID:VID";
  if (spec == nullptr || spec->vlans.size() > 8) return in_general;
  std::string tag, trunk;
  for (const auto& [id, pvid, untagged] : spec->vlans) {
    if (pvid != untagged) return in_general;
    (pvid ? tag : trunk) += (pvid ? "." : ":") + std::to_string(id.number());
  }
  return tag + trunk;
}

class VifReader {
 public:
  VifReader(std::string_view text, const XenRelease& xen) : text_(text), xen_(xen) {}

  VifSpec run() {
    for (auto piece : pieces_of(text_)) {
      piece.remove_prefix(std::min(piece.find_first_not_of(' '), piece.size()));
      read(piece);
    }
    if (unread_vlan_) say_unread_vlan();
    return std::move(spec_);
  }

 private:
  void remark(Weight weight, std::string text) {
    spec_.remarks.push_back({weight, std::move(text)});
  }

  void read(std::string_view piece) {
    if (piece == "trusted" || piece == "untrusted") return read_trust(piece);
    const auto sign = piece.find('=');
    const auto* key = sign == std::string_view::npos ? nullptr : key_called(piece.substr(0, sign));
    if (key == nullptr) return pass_over(piece);
    if (xen_ < key->since) return pass_over_newer(*key, piece);
    if (!seen_.insert(key->name).second)
      remark(Weight::warning, std::string(key->name) + "= is given twice; xl takes the last");
    read_value(*key, piece.substr(sign + 1));
  }

  void read_value(const Key& key, std::string_view value) {
    if (key.text != nullptr) return keep(key, value);
    if (key.name == "mac") return read_mac(value);
    if (key.name == "type") return read_type(value);
    if (key.name == "rate") return read_rate(value);
    if (key.name == "mtu") return read_mtu(value);
    if (key.name == "devid") return read_devid(value);
    if (key.name == "accel") remark(Weight::note, "xl ignores accel=");
  }

  void keep(const Key& key, std::string_view value) {
    spec_.*(key.text) = std::string(value);
    if (key.name == "netdev") remark(Weight::note, "netdev= is the old name of gatewaydev=");
    const auto right = without_end_blanks(value);
    if (right.size() == value.size() || key.name == "ip") return;
    const bool matters = key.places || key.name == "vifname" || key.name == "model";
    remark(matters ? Weight::obstacle : Weight::warning,
           "trailing space after " + std::string(key.name) + "=" + std::string(right) +
               ": xl makes it part of the value; remove it");
  }

  void read_trust(std::string_view word) {
    constexpr XenRelease since{4, 17};
    if (xen_ < since)
      return remark(Weight::warning, std::string(word) + " needs Xen 4.17; xl of Xen " +
                                         xen_.str() + " may ignore it");
    spec_.trusted = word == "trusted";
  }

  // Six numbers, with whatever between them. Those before a wrong one count.
  void read_mac(std::string_view value) {
    const auto whole = value;
    Mac mac;
    for (std::size_t i = 0; i < mac.bytes.size(); ++i) {
      const auto number = leading_number(value, 16);
      // A number that is no byte as xl keeps it, in 32 bits.
      if (number.size == 0 || static_cast<std::uint32_t>(number.value) > 255)
        return refuse_mac(whole, mac, i, value.empty());
      mac.bytes[i] = static_cast<std::uint8_t>(number.value);
      spec_.mac = mac;
      value.remove_prefix(std::min(number.size + 1, value.size()));
    }
    if (mac == Mac{})
      remark(Weight::warning,
             "mac=" + std::string(whole) + " is no MAC: libxl makes one up at every start");
    else if (!value.empty())
      remark(Weight::warning, "mac=" + std::string(whole) + " has more than six bytes: xl takes " +
                                  mac.str() + " and ignores the rest");
  }

  void refuse_mac(std::string_view whole, const Mac& read, std::size_t bytes, bool at_end) {
    std::string text = "mac=" + std::string(whole) + " is no MAC: ";
    if (at_end && bytes > 0) {
      spec_.mac.reset();
      text += "it ends after " + counted(bytes, "byte") + ", and xl reads on in the next key";
    } else if (read == Mac{})
      text += "xl ignores it, and libxl makes one up at every start";
    else
      text += "xl stops in its middle, and the guest gets " + read.str();
    remark(Weight::obstacle, problem(text, "mac=00:16:3e:12:34:56"));
  }

  void read_type(std::string_view value) {
    if (value == "vif" || value == "ioemu")
      spec_.emulated = value == "ioemu";
    else
      remark(Weight::warning, "xl ignores type=" + std::string(value) + ": expected vif or ioemu");
  }

  void read_rate(std::string_view value) {
    const auto rate = read_xl_rate(value);
    if (const auto* bad = std::get_if<BadRate>(&rate))
      return give_up("rate=" + std::string(value), bad->reason);
    spec_.rate = std::get<VifRate>(rate);
    if (value.starts_with('0') || value.find("@0") != std::string_view::npos)
      remark(Weight::warning, "rate=" + std::string(value) +
                                  " has a number that begins with 0: xl reads it as octal");
    if (value.find('@') != std::string_view::npos && !value.ends_with('s') &&
        !value.ends_with('m') && !value.ends_with('u'))
      remark(Weight::warning, "rate=" + std::string(value) +
                                  " has an interval without s, ms or us: xl takes seconds");
    if (spec_.rate->bytes_per_interval == 0)
      remark(Weight::warning, "rate=" + std::string(value) + " is 0 bytes in " +
                                  std::to_string(spec_.rate->interval_usecs) +
                                  " us: the guest can send nothing");
  }

  void read_mtu(std::string_view value) {
    if (const auto number = plain_number("mtu", value)) spec_.mtu = *number;
  }

  void read_devid(std::string_view value) {
    if (const auto number = plain_number("devid", value))
      spec_.devid = static_cast<std::int32_t>(*number);
  }

  std::optional<unsigned long> plain_number(const std::string& key, std::string_view value) {
    const auto number = leading_number(value, 10);
    if (number.size == 0 || number.value == static_cast<unsigned long>(-1)) {
      give_up(key + "=" + std::string(value), "no number");
      return std::nullopt;
    }
    if (number.size < value.size())
      remark(Weight::warning,
             key + "=" + std::string(value) + " has more than a number: xl takes " +
                 std::string(value.substr(0, number.size)) + " and ignores the rest");
    return number.value;
  }

  void give_up(const std::string& what, const std::string& why) {
    remark(Weight::obstacle, what + ": " + why + "; xl refuses the guest");
  }

  void pass_over_newer(const Key& key, std::string_view piece) {
    if (key.name == "vlan") {
      unread_vlan_ = std::string(piece.substr(piece.find('=') + 1));
      return;
    }
    remark(Weight::warning, "xl of Xen " + xen_.str() + " ignores " + quoted(piece) + ": " +
                                std::string(key.name) + "= needs Xen " + key.since.str());
  }

  void say_unread_vlan() {
    spec_.vlans_lost = true;
    const std::string bridge = spec_.bridge.value_or("NAME");
    remark(Weight::obstacle,
           problem("xl of Xen " + xen_.str() + " ignores vlan=" + *unread_vlan_ +
                       " (needs Xen 4.19): the guest would be in the bridge's own VLAN",
                   "bridge=" + std::string(without_end_blanks(bridge)) +
                       in_bridge_syntax(*unread_vlan_) + " in place of bridge= and vlan="));
  }

  // What most likely was meant decides how bad it is.
  void pass_over(std::string_view piece) {
    const auto written = trimmed(piece);
    if (written.empty()) return;
    const auto name = trimmed(written.substr(0, written.find('=')));
    if (name.starts_with("colo_") && written.find('=') != std::string_view::npos) return;
    const Key* meant = meant_by(name);
    if (meant != nullptr && meant->name == "bridge") spec_.bridge_lost = true;
    if (meant != nullptr && meant->name == "vlan") spec_.vlans_lost = true;
    std::string text = "xl ignores unknown key " + quoted(piece);
    if (meant != nullptr && name != meant->name)
      text += "; did you mean " + std::string(meant->name) + "=?";
    else if (meant != nullptr)
      text += why_not(piece, *meant);
    else if (const std::string near = nearest(name, {"trusted", "untrusted"}); !near.empty())
      text += "; did you mean " + near + "?";
    remark(meant != nullptr && meant->places ? Weight::obstacle : Weight::warning, text);
  }

  static std::string why_not(std::string_view piece, const Key& meant) {
    const std::string name(meant.name);
    if (piece.find('=') == std::string_view::npos) return "; expected " + name + "=VALUE";
    if (piece.starts_with('\t')) return "; only spaces, no tab, may precede a key";
    return "; expected " + name + "=VALUE, without spaces around =";
  }

  static const Key* meant_by(std::string_view name) {
    if (const auto* key = key_called(name)) return key;
    std::vector<std::string_view> names;
    for (const auto& key : keys) names.push_back(key.name);
    return key_called(nearest(name, names));
  }

  std::string_view text_;
  const XenRelease& xen_;
  VifSpec spec_;
  std::set<std::string_view> seen_;
  std::optional<std::string> unread_vlan_;
};

}  // namespace

// A value of the configuration ends at its first NUL, as every C text.
VifSpec read_xl_vif(std::string_view text, const XenRelease& xen) {
  return VifReader(text.substr(0, text.find('\0')), xen).run();
}

}  // namespace vifchain::inline core::inline guests
