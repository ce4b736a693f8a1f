// SPDX-License-Identifier: Apache-2.0
// Who is called for a vif, and whether that can be.
#include "core/guests/context.hpp"
#include "core/text/problem.hpp"

namespace vifchain::inline core::inline guests {
namespace {

std::string last_part(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

std::string how_to_have_ours(const WantedVif& vif) {
  if (vif.by_libvirt)
    return std::string("<script path='") + script_folder + "/vif-chain'/> with type='bridge'";
  return "vif.default.script=\"vif-chain\" in /etc/xen/xl.conf";
}

void say_missing(const VifContext& context, const std::string& script) {
  const auto blank = script.find(' ');
  context.say(Weight::obstacle,
              problem(script + ": no such script; libxl refuses the guest",
                      blank == std::string::npos
                          ? ""
                          : "script=" + last_part(script.substr(0, blank)) + ", without words"));
}

Server judge_other(const VifContext& context, const std::string& script) {
  const std::string name = last_part(script);
  if (name != "vif-bridge") {
    context.say(Weight::note, "script is " + script + ", not vif-chain; its bridge is not checked");
    return Server::another;
  }
  context.say(
      Weight::warning,
      problem("script is vif-bridge, which creates no chain and sets no VLANs and no filter",
              how_to_have_ours(context.vif)));
  return Server::stock;
}

}  // namespace

bool is_elsewhere(const WantedVif& vif) {
  return !vif.backend.empty() && vif.backend != "0" && vif.backend != "Domain-0";
}

Server look_at_script(const VifContext& context) {
  if (is_elsewhere(context.vif)) {
    context.say(Weight::note,
                "backend in domain " + context.vif.backend + ": its bridge is not checked here");
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
    context.say(Weight::obstacle, problem(script + ": not executable; libxl refuses the guest",
                                          "chmod +x " + script));
  return judge_other(context, script);
}

}  // namespace vifchain::inline core::inline guests
