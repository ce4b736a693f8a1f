// SPDX-License-Identifier: Apache-2.0
// vifchaind killed at any moment, while vifs come and go in its driver domain.
// VIFCHAIN_CRASH_MOMENTS says how often (1000), VIFCHAIN_CRASH_SEED with which luck.
#include <gtest/gtest.h>
#include <time.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <sstream>

#include "edge/store/store.hpp"
#include "running_daemon.hpp"

namespace vifchain {
namespace {

constexpr unsigned moments_between_looks = 50;

unsigned number_from(const char* variable, unsigned otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

// Whose moments are random has nothing to wait for but time.
void let_pass(unsigned microseconds) {
  const timespec time{.tv_sec = 0, .tv_nsec = 1000L * microseconds};
  ::nanosleep(&time, nullptr);
}

// What is on which bridge, and up, by the names of both.
std::map<std::string, std::string> vifs_on_bridges() {
  std::map<std::string, std::string> ports;
  std::istringstream lines(sh("ip -o link show up type veth"));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string index, name, word, master;
    words >> index >> name;
    while (words >> word)
      if (word == "master") words >> master;
    if (name.starts_with("vif") && !master.empty()) ports[name.substr(0, name.find('@'))] = master;
  }
  return ports;
}

class Crashes : public ::testing::Test {
 protected:
  struct Vif {
    unsigned domid;
    std::string bridge;
  };

  void SetUp() override {
    host_.emplace();
    Host::add_nic("eth0");
    Host::add_nic("eth1");
    Host::write_config(
        "[bridge.xenbr0]\nports = [\"eth0\"]\n"
        "[bridge.xenbr1]\nports = [\"eth1\"]\nteardown = \"last-vif\"\nlinger = 1\n");
    store_ = open_store();
    store_->write("/local/domain/0/domid", "3");
  }

  void TearDown() override {
    if (HasFailure()) std::printf("%s", said_last().c_str());
  }

  // But what it says all the time.
  static std::string said_last() {
    std::istringstream lines(RunningDaemon::said());
    std::string all;
    for (std::string line; std::getline(lines, line);)
      if (!has(line, " reloaded") && !has(line, "is on xenbr")) all += line + "\n";
    return all.substr(all.size() - std::min<std::size_t>(all.size(), 8000));
  }

  static std::string link(unsigned domid) { return "vif" + std::to_string(domid) + ".0"; }
  static std::string backend(unsigned domid) {
    return "/local/domain/3/backend/vif/" + std::to_string(domid) + "/0";
  }

  // ---- The world around the daemon

  // What netback does before it says so in the store, for as many vifs as may come.
  void make_links(unsigned count) {
    std::ofstream batch("/run/batch");
    for (; made_ < next_ + count; ++made_)
      batch << "link add " << link(made_) << " address fe:ff:ff:ff:ff:ff type veth peer name g"
            << made_ << "\n";
    batch.close();
    sh("ip -batch /run/batch");
  }

  void one_comes() {
    const Vif vif{next_++, "xenbr" + std::to_string(luck(2))};
    wanted_.push_back(vif);
    for (const auto& [node, value] : {std::pair{"bridge", vif.bridge.c_str()},
                                      {"script", "/etc/xen/scripts/vif-chain"},
                                      {"online", "1"},
                                      {"hotplug-status", ""},
                                      {"state", "2"}})
      store_->write(backend(vif.domid) + "/" + node, value);
  }

  void one_ends(std::size_t which) {
    const unsigned domid = wanted_[which].domid;
    wanted_.erase(wanted_.begin() + static_cast<std::ptrdiff_t>(which));
    ended_.insert(domid);
    store_->write(backend(domid) + "/online", "0");
    store_->write(backend(domid) + "/state", "6");
  }

  void something_happens() {
    if (wanted_.empty() || luck(16) >= wanted_.size())
      one_comes();
    else
      one_ends(luck(static_cast<unsigned>(wanted_.size())));
  }

  // ---- The daemon's end

  // From its first instruction on, or once it has looked at everything; vifs come and go before it
  // begins and while it runs.
  void one_crash() {
    if (luck(2) == 0) something_happens();
    RunningDaemon daemon(
        "", luck(2) == 0 ? RunningDaemon::Begun::at_once : RunningDaemon::Begun::waited_for);
    const unsigned before = luck(20'000);
    let_pass(luck(before + 1));
    something_happens();
    let_pass(luck(20'000 - before));
    daemon.kill();
  }

  // ---- What must be so in the end

  std::string what_is_wrong() {
    const auto ports = vifs_on_bridges();
    for (const auto& vif : wanted_) {
      const auto status = store_->read(backend(vif.domid) + "/hotplug-status").value_or("(none)");
      if (status != "connected") return link(vif.domid) + " says \"" + status + "\"";
      const auto port = ports.find(link(vif.domid));
      if (port == ports.end()) return link(vif.domid) + " is on no bridge";
      if (port->second != vif.bridge) return link(vif.domid) + " is on " + port->second;
    }
    for (const unsigned domid : ended_) {
      if (store_->read(backend(domid))) return backend(domid) + " is still there";
      if (ports.contains(link(domid))) return link(domid) + " is still on " + ports.at(link(domid));
    }
    if (ports.size() != wanted_.size()) return std::to_string(ports.size()) + " ports";
    return {};
  }

  void expect_all_right() {
    const RunningDaemon daemon;
    eventually([&] { return what_is_wrong().empty(); });
    ASSERT_EQ(what_is_wrong(), "");
  }

  // As netback does when the directory has gone.
  void remove_ended() {
    std::ofstream batch("/run/batch");
    for (const unsigned domid : ended_) batch << "link del " << link(domid) << "\n";
    batch.close();
    sh("ip -batch /run/batch");
    ended_.clear();
  }

  unsigned luck(unsigned below) { return static_cast<unsigned>(luck_() % below); }

  std::optional<Host> host_;
  std::unique_ptr<Store> store_;
  std::mt19937 luck_{number_from("VIFCHAIN_CRASH_SEED", 1)};
  unsigned next_ = 5, made_ = 5;  // domains: the next one, and the first without a link
  std::vector<Vif> wanted_;
  std::set<unsigned> ended_;
};

TEST_F(Crashes, AtRandomMomentsLeaveNothingWrong) {
  const unsigned moments = number_from("VIFCHAIN_CRASH_MOMENTS", 1000);
  for (unsigned done = 0; done < moments; ++done) {
    SCOPED_TRACE("moment " + std::to_string(done) +
                 ", VIFCHAIN_CRASH_SEED=" + std::to_string(number_from("VIFCHAIN_CRASH_SEED", 1)));
    if (done % moments_between_looks == 0) {
      ASSERT_NO_FATAL_FAILURE(expect_all_right());
      remove_ended();
      make_links(2 * moments_between_looks);
    }
    one_crash();
  }
  ASSERT_NO_FATAL_FAILURE(expect_all_right());
  while (!wanted_.empty()) one_ends(0);
  ASSERT_NO_FATAL_FAILURE(expect_all_right());
  const RunningDaemon daemon;
  EXPECT_TRUE(eventually([] { return !has(sh("ip link"), "xenbr1"); }))
      << "its last vif has left:\n"
      << sh("ip link show master xenbr1; ip address show dev xenbr1");
  EXPECT_TRUE(has(sh("ip link"), "xenbr0"));
}

}  // namespace
}  // namespace vifchain
