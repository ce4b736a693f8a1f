// SPDX-License-Identifier: Apache-2.0
#include "core/guests/xl_guest.hpp"

#include "core/guests/xl_vif.hpp"
#include "core/text/escape.hpp"
#include "core/text/find.hpp"
#include "core/text/problem.hpp"

namespace vifchain::inline core::inline guests {
namespace {

class GuestReader {
 public:
  GuestReader(const std::string& file, const XlSettings& settings, const XenRelease& xen)
      : settings_(settings), xen_(xen) {
    guest_.file = file;
  }

  GuestConfig run() {
    read_name();
    read_type();
    read_vifs();
    look_for_other_spellings();
    return std::move(guest_);
  }

 private:
  [[nodiscard]] const XlValue* setting(const std::string& key) const {
    return find_in(settings_, key);
  }

  [[nodiscard]] std::string text_of(const std::string& key) const {
    const auto* value = setting(key);
    const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(&value->value);
    return text == nullptr ? "" : *text;
  }

  void remark(unsigned line, Weight weight, std::string text) {
    guest_.remarks.push_back({line, {weight, std::move(text)}});
  }

  void read_name() {
    guest_.name = text_of("name");
    if (guest_.name.empty()) remark(0, Weight::obstacle, "no name=; xl refuses the guest");
  }

  // builder is what type was called before Xen 4.10.
  void read_type() {
    const auto type = text_of("type");
    if (type.empty()) {
      if (text_of("builder") == "hvm") guest_.type = GuestType::hvm;
      const auto pvh = text_of("pvh");
      if (!pvh.empty() && pvh != "0") guest_.type = GuestType::pvh;
    } else if (type == "hvm") {
      guest_.type = GuestType::hvm;
    } else if (type == "pvh") {
      guest_.type = GuestType::pvh;
    } else if (type != "pv") {
      remark(setting("type")->line, Weight::obstacle,
             "type: expected pv, pvh or hvm, found " + quoted(type) + "; xl refuses the guest");
    }
  }

  void read_vifs() {
    const auto* vif = setting("vif");
    if (vif == nullptr) return;
    const auto* items = std::get_if<std::vector<XlItem>>(&vif->value);
    if (items == nullptr)
      return remark(
          vif->line, Weight::obstacle,
          problem("vif is no list: xl gives the guest no NIC", "vif = [ 'bridge=NAME' ]"));
    for (const auto& item : *items) {
      if (!item.text)
        return remark(item.line, Weight::obstacle,
                      "vif has a list inside: xl ignores it and all vifs after it");
      read_vif(item);
    }
  }

  void read_vif(const XlItem& item) {
    ConfiguredVif vif{item.line, *item.text, read_xl_vif(*item.text, xen_)};
    if (guest_.type != GuestType::hvm) refuse_emulation(vif.spec);
    guest_.vifs.push_back(std::move(vif));
  }

  [[nodiscard]] std::string kind() const { return guest_.type == GuestType::pv ? "PV" : "PVH"; }

  void refuse_emulation(VifSpec& spec) const {
    if (spec.emulated.value_or(false))
      spec.remarks.push_back(
          {Weight::obstacle,
           "type=ioemu is for HVM guests; libxl refuses this " + kind() + " guest"});
    if (spec.model)
      spec.remarks.push_back(
          {Weight::note, "model= is for HVM guests, ignored for this " + kind() + " guest"});
  }

  void look_for_other_spellings() {
    if (const auto* old = setting("vif2"))
      remark(old->line, Weight::warning,
             "xl has no vif2 (netchannel2) and creates none of these; use vif");
    for (const char* key : {"vifs", "Vif", "VIF", "nics", "network"})
      if (const auto* other = setting(key))
        remark(other->line, Weight::warning,
               "xl ignores " + std::string(key) + "; did you mean vif?");
  }

  const XlSettings& settings_;
  const XenRelease& xen_;
  GuestConfig guest_;
};

std::optional<std::string> first_text(const XlSettings& settings,
                                      std::initializer_list<const char*> keys) {
  for (const char* key : keys)
    if (const auto* found = find_in(settings, key))
      if (const auto* text = std::get_if<std::string>(&found->value)) return *text;
  return std::nullopt;
}

}  // namespace

GuestConfig read_xl_guest(const std::string& file, const XlSettings& settings,
                          const XenRelease& xen) {
  return GuestReader(file, settings, xen).run();
}

VifDefaults read_xl_conf_defaults(const XlSettings& settings) {
  return {.bridge = first_text(settings, {"vif.default.bridge", "defaultbridge"}),
          .script = first_text(settings, {"vif.default.script", "vifscript"}),
          .backend = first_text(settings, {"vif.default.backend"})};
}

}  // namespace vifchain::inline core::inline guests
