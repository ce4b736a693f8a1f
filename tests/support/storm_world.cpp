// SPDX-License-Identifier: Apache-2.0
#include "storm_world.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <stdexcept>

#include "storm_table.hpp"

namespace vifchain::test {
namespace {

struct Declared {
  std::string name;
  Antispoof policy;
};

const std::vector<Declared>& declared() {
  using enum Antispoof;
  static const std::vector<Declared> all{{"free0", off},     {"mac0", mac},       {"ip0", mac_ip},
                                         {"mac1", mac},      {"closed0", closed}, {"ip1", mac_ip},
                                         {"changes", mac_ip}};
  return all;
}

constexpr unsigned changing_bridge = 6;  // the one whose policy may change

const char* in_the_file(Antispoof policy) {
  switch (policy) {
    case Antispoof::off:
      return "off";
    case Antispoof::mac:
      return "mac";
    case Antispoof::mac_ip:
      return "mac-ip";
    case Antispoof::closed:
      return "closed";
  }
  return "";
}

constexpr auto run_output = "/run/storm.out";

void must_work(const std::string& words) {
  StormRun run(words);
  if (run.end() != 0) throw std::runtime_error(words + ": " + StormRun::said());
}

std::string vif_chain(const std::string& command, unsigned guest, const std::string& before,
                      const std::string& type = "vif") {
  const std::string number = std::to_string(guest);
  return "script=/etc/xen/scripts/vif-chain XENBUS_TYPE=vif XENBUS_PATH=backend/vif/" + number +
         "/0 XENBUS_BASE_PATH=backend netdev= vif=vif" + number + ".0 " + before + " " +
         vif_chain_program() + " " + command + " type_if=" + type;
}

// In the place of what may be there.
void make_link(const std::string& link, const std::string& end) {
  sh("ip link del " + link + " 2>/dev/null; ip link add " + link +
     " address fe:ff:ff:ff:ff:ff type veth peer name " + end + " && ip link set " + end + " up");
}

}  // namespace

StormRun::StormRun(const std::string& words) : process_(::fork()) {
  if (process_ != 0) return;
  const int out = ::open(run_output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  ::dup2(out, 1);
  ::dup2(out, 2);
  const std::string command = "exec " + environment() + words;
  ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
  ::_exit(127);
}

StormRun::~StormRun() {
  if (process_ < 0) return;
  kill();
  exit_code_of(process_);
}

int StormRun::end() {
  constexpr int most_looks = 30'000;
  for (int look = 0; look < most_looks; ++look) {
    int status = 0;
    if (::waitpid(process_, &status, WNOHANG) == process_) {
      process_ = -1;
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    ::poll(nullptr, 0, 2);
  }
  throw std::runtime_error("no answer within a minute: " + said());
}

std::string StormRun::said() {
  std::ostringstream text;
  text << std::ifstream(run_output).rdbuf();
  return text.str();
}

StormWorld::StormWorld(unsigned guests) : store_(open_store()) {
  sh("mkdir -p /run/bin /etc/xen/scripts/vif-post.d");
  for (const auto& [name, policy] : declared()) policies_.push_back(policy);
  write_file();
  traffic_.emplace();
  for (unsigned index = 0; index < bridges(); ++index) {
    const std::string nic = "eth" + std::to_string(index);
    Host::add_nic(nic);
    traffic_->listen(index, nic + "_far");
    ledger_.may_be(index, policies_[index]);
    add_guest(first_listener + index, index);
    traffic_->listen(index, "g" + std::to_string(first_listener + index) + ".0");
  }
  for (unsigned guest = first_guest; guest < first_guest + guests; ++guest) {
    add_guest(guest, guest % bridges());
    attached_.emplace(guest, true);
    if (!has_emulated(guest)) continue;
    tap_comes(guest);
    must_work(add(guest));
  }
  table_ = table_without_elements();
}

void StormWorld::add_guest(unsigned guest, unsigned bridge) {
  link_anew(guest);
  comes(guest, bridge);
  must_work(online(guest));
}

unsigned StormWorld::bridges() {
  return static_cast<unsigned>(declared().size());
}

const std::string& StormWorld::bridge(unsigned index) {
  return declared().at(index).name;
}

std::vector<unsigned> StormWorld::guests(bool attached) const {
  std::vector<unsigned> some;
  for (const auto& [guest, is_attached] : attached_)
    if (is_attached == attached) some.push_back(guest);
  return some;
}

std::vector<StormWorld::Port> StormWorld::ports() const {
  std::vector<Port> all;
  for (const unsigned guest : guests(true)) {
    all.push_back({link(guest), guest, guest});
    if (has_emulated(guest)) all.push_back({emulated_link(guest), guest, guest + as_emulated});
  }
  for (unsigned guest = first_listener; guest < first_listener + bridges(); ++guest)
    all.push_back({link(guest), guest, guest});
  return all;
}

unsigned StormWorld::desired(unsigned guest) const {
  const auto wanted = store_->read(Host::backend(guest, 0) + "/bridge").value_or("");
  for (unsigned index = 0; index < bridges(); ++index)
    if (bridge(index) == wanted) return index;
  throw std::runtime_error(link(guest) + " is to be on \"" + wanted + "\"");
}

std::string StormWorld::link(unsigned guest) {
  return "vif" + std::to_string(guest) + ".0";
}

std::string StormWorld::emulated_link(unsigned guest) {
  return link(guest) + "-emu";
}

std::map<std::string, std::string> StormWorld::places() {
  const std::regex port("[0-9]+: (vif[^@:]+)[@:].* master ([^ ]+) .*");
  std::istringstream lines(sh("ip -o link show up type veth"));
  std::map<std::string, std::string> places;
  for (std::string line; std::getline(lines, line);) {
    std::smatch found;
    if (std::regex_match(line, found, port)) places.emplace(found[1], found[2]);
  }
  return places;
}

std::string StormWorld::place(unsigned guest) {
  const auto all = places();
  const auto found = all.find(link(guest));
  return found == all.end() ? "" : found->second;
}

std::string StormWorld::online(unsigned guest, const std::string& before) {
  return vif_chain("online", guest, before);
}

std::string StormWorld::offline(unsigned guest, const std::string& before) {
  return vif_chain("offline", guest, before);
}

std::string StormWorld::add(unsigned guest, const std::string& before) {
  return vif_chain("add", guest, before, "tap");
}

std::string StormWorld::remove(unsigned guest) {
  return vif_chain("remove", guest, "", "tap");
}

std::string StormWorld::move(unsigned guest, unsigned bridge, const std::string& before) {
  return before + " " + vifchain_program() + " vif " + std::to_string(guest) +
         "/0 bridge=" + StormWorld::bridge(bridge);
}

std::string StormWorld::apply(const std::string& before) {
  return before + " " + vifchain_program() + " apply";
}

std::string StormWorld::next_event(const std::string& loss) const {
  const auto is_named = [&](const std::string& name) { return has(loss, '"' + name + '"'); };
  for (const Port& port : ports())
    if (is_named(port.link))
      return port.link == link(port.guest) ? online(port.guest) : add(port.guest);
  for (unsigned index = 0; index < bridges(); ++index)
    if (is_named(bridge(index))) return online(first_listener + index);
  return online(first_listener + 2);
}

void StormWorld::comes(unsigned guest, unsigned bridge) {
  const std::string number = std::to_string(guest), backend = Host::backend(guest, 0);
  const std::vector<StoreNode> nodes{{backend + "/bridge", StormWorld::bridge(bridge)},
                                     {backend + "/mac", storm_mac(guest).str()},
                                     {backend + "/ip", storm_address(guest)},
                                     {backend + "/script", "/etc/xen/scripts/vif-chain"},
                                     {backend + "/type", has_emulated(guest) ? "vif_ioemu" : "vif"},
                                     {backend + "/online", "1"},
                                     {backend + "/hotplug-status", ""},
                                     {backend + "/state", "2"},
                                     {Host::frontend(guest, 0) + "/state", "1"},
                                     {"/local/domain/" + number + "/name", "guest" + number},
                                     {"/libxl/" + number + "/device/vif/0/backend", backend}};
  store_->write_together(nodes);
  if (attached_.contains(guest)) attached_[guest] = true;
}

void StormWorld::goes(unsigned guest) {
  const std::string backend = Host::backend(guest, 0);
  const std::vector<StoreNode> nodes{{backend + "/online", "0"}, {backend + "/state", "6"}};
  store_->write_together(nodes);
  attached_[guest] = false;
}

void StormWorld::link_anew(unsigned guest) {
  const std::string end = "g" + std::to_string(guest) + ".0";
  traffic_->unplug(guest);
  make_link(link(guest), end);
  traffic_->plug(
      guest, guest, end,
      guest < first_listener ? Traffic::Sends::everything : Traffic::Sends::honest_frames);
}

void StormWorld::tap_comes(unsigned guest) {
  const std::string end = "t" + std::to_string(guest) + ".0";
  make_link(emulated_link(guest), end);
  traffic_->plug(guest + as_emulated, guest, end, Traffic::Sends::everything);
}

void StormWorld::tap_goes(unsigned guest) {
  traffic_->unplug(guest + as_emulated);
  sh("ip link del " + emulated_link(guest) + " 2>/dev/null || true");
}

// Whole at any moment, as daemons read it while it is written.
void StormWorld::write_file() const {
  std::ofstream file("/etc/xen/vifchain.new");
  for (unsigned index = 0; index < bridges(); ++index)
    file << "[bridge." << bridge(index) << "]\nports = [\"eth" << index
         << "\"]\nvif = { antispoof = \"" << in_the_file(policies_[index]) << "\" }\n";
  file.close();
  std::filesystem::rename("/etc/xen/vifchain.new", "/etc/xen/vifchain.toml");
}

void StormWorld::write_policy(Antispoof policy) {
  ledger_.may_be(changing_bridge, policy);
  policies_[changing_bridge] = policy;
  policy_is_new_ = true;
  write_file();
}

void StormWorld::only_new_policy() {
  policy_is_new_ = false;
  ledger_.is_only(changing_bridge, policies_[changing_bridge]);
}

std::optional<unsigned> StormWorld::bridge_of(const Port& port, bool as_it_is) const {
  if (!as_it_is) return desired(port.guest);
  const auto all = places();
  const auto where = all.find(port.link);
  for (unsigned index = 0; where != all.end() && index < bridges(); ++index)
    if (bridge(index) == where->second) return index;
  return std::nullopt;
}

std::string StormWorld::what_is_missing(unsigned midway) const {
  if (table_without_elements() != table_) return "the table is not as it was";
  const auto judged = judged_ports();
  for (const Port& port : ports()) {
    const auto index = bridge_of(port, port.guest == midway);
    if (!index || (policy_is_new_ && *index == changing_bridge)) continue;
    const auto wanted = chain_for(policies_[*index]);
    const auto found = judged.contains(port.link) ? judged.at(port.link) : "";
    if (found != wanted && !wanted.empty())
      return port.link + " on " + bridge(*index) + ": wanted \"" + wanted + "\", found \"" + found +
             "\"";
  }
  return {};
}

std::string StormWorld::what_is_too_many() const {
  std::string names;
  for (const auto& [port, chain] : judged_ports())
    for (const Port& one : ports())
      if (one.link == port && chain_for(policies_[desired(one.guest)]).empty()) names += port + " ";
  return names;
}

std::string StormWorld::what_is_left_behind() const {
  auto judged = judged_ports();
  for (const Port& port : ports()) judged.erase(port.link);
  std::string names;
  for (const auto& [port, chain] : judged) names += (names.empty() ? "" : ", ") + port;
  return names;
}

std::string StormWorld::who_is_mute(std::int64_t since) const {
  const auto all = places();
  for (const Port& port : ports()) {
    const auto index = desired(port.guest);
    const auto where = all.contains(port.link) ? all.at(port.link) : "no bridge";
    if (where != bridge(index))
      return port.link + " is on " + where + " and not on " + bridge(index);
    if (policies_[index] != Antispoof::closed && traffic_->last_honest(port.sender, index) <= since)
      return port.link + " is not heard behind " + bridge(index);
  }
  return {};
}

Ledger& StormWorld::judged() {
  for (const auto& heard : traffic_->take()) ledger_.judge(heard);
  return ledger_;
}

}  // namespace vifchain::test
