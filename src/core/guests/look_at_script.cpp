// SPDX-License-Identifier: Apache-2.0
// Who is called for a vif, and whether that can be.
#include "core/guests/context.hpp"

namespace vifchain::inline core::inline guests {
namespace {

std::string last_part(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

std::string how_to_have_ours(const WantedVif& vif) {
  if (vif.by_libvirt)
    return std::string("give the interface <script path='") + script_folder +
           "/vif-chain'/>, and type='bridge', which may have one";
  return "set vif.default.script=\"vif-chain\" in /etc/xen/xl.conf, or script=vif-chain in the vif";
}

void say_missing(const VifContext& context, const std::string& script) {
  std::string text = "there is no script " + script +
                     ": libxl cannot call it, and the guest does "
                     "not start";
  if (const auto blank = script.find(' '); blank != std::string::npos)
    text += ": libxl takes the whole text for a file's name: leave out what is behind " +
            last_part(script.substr(0, blank));
  context.say(Weight::obstacle, text);
}

Server judge_other(const VifContext& context, const std::string& script) {
  const std::string name = last_part(script);
  if (name != "vif-bridge") {
    context.say(Weight::note,
                "its script is " + script + ", not vif-chain, so its bridge is not looked at");
    return Server::another;
  }
  context.say(Weight::warning,
              "its script is vif-bridge, which makes no chain, sets no VLANs and no filter: " +
                  how_to_have_ours(context.vif));
  return Server::stock;
}

}  // namespace

bool is_elsewhere(const WantedVif& vif) {
  return !vif.backend.empty() && vif.backend != "0" && vif.backend != "Domain-0";
}

Server look_at_script(const VifContext& context) {
  if (is_elsewhere(context.vif)) {
    context.say(Weight::note, "its other end is in the domain " + context.vif.backend +
                                  ", whose bridges and vifchain.toml are not these: run vifchain "
                                  "check there");
    return Server::elsewhere;
  }
  const auto script = context.node("script");
  const auto found = context.host.scripts.find(script);
  if (found == context.host.scripts.end() || found->second.ours) return Server::we;
  if (!found->second.there) {
    say_missing(context, script);
    return last_part(script) == "vif-chain" ? Server::we : Server::another;
  }
  if (!found->second.runnable)
    context.say(Weight::obstacle, script +
                                      " may not be executed: libxl cannot call it, and the "
                                      "guest does not start: chmod +x " +
                                      script);
  return judge_other(context, script);
}

}  // namespace vifchain::inline core::inline guests
