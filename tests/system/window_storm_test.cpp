// SPDX-License-Identifier: Apache-2.0
// Whoever comes when: apply --confirm, confirm, rollback, other changes, edits, deaths of the
// process that watches, holders of locks and links that come and go, in random order. The host is
// as confirmed or as before, and what was said to people is what holds.
//
// WINDOW_ROUNDS says how many rounds (without it as many as 40 s hold), WINDOW_SEED where to begin.
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>

#include "host.hpp"
#include "random_links.hpp"
#include "temp_folder.hpp"

namespace vifchain {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* config = "/etc/xen/vifchain.toml";

// What a file may say: bridges, each with a NIC or none.
using Wanted = std::map<std::string, std::string>;

std::string text_of(const Wanted& wanted) {
  std::string text;
  for (const auto& [bridge, nic] : wanted)
    text += "[bridge." + bridge + "]\nports = [" + (nic.empty() ? "" : "\"" + nic + "\"") + "]\n";
  return text;
}

Wanted random_wanted(Dice& dice) {
  Wanted wanted;
  std::vector<std::string> nics{"eth0", "eth1", "", "", ""};
  for (const char* bridge : {"xenbr0", "xenbr1", "xenbr2"}) {
    if (dice.chance(40)) continue;
    const auto chosen = dice.roll(nics.size());
    wanted.emplace(bridge, nics[chosen]);
    nics.erase(nics.begin() + static_cast<std::ptrdiff_t>(chosen));
  }
  if (wanted.empty()) wanted.emplace("xenbr0", "");
  return wanted;
}

// What a host is like: its bridges with their NICs ("eth0", "eth0eth1" or none), and the NIC by
// which it is reached, on which or on whose bridge its address is. No file says where that is.
struct State {
  Wanted bridges;
  std::string way = "eth0";

  [[nodiscard]] std::string bridge() const {
    for (const auto& [bridge, nics] : bridges)
      if (has(nics, way)) return bridge;
    return {};
  }
};

std::string without(std::string nics, const std::string& nic) {
  if (const auto at = nics.find(nic); at != nics.npos) nics.erase(at, nic.size());
  return nics;
}

// What becomes of it by a file. The address follows its NIC, but where the bridge keeps another one
// or, as its NIC is nobody's any more, gets another one.
State after_apply(const State& before, const Wanted& wanted) {
  State after{wanted, before.way};
  const auto old = before.bridge();
  if (old.empty() || !wanted.contains(old) || after.bridge() == old) return after;
  const auto& now = wanted.at(old);
  if (!now.empty() && (after.bridge().empty() || has(before.bridges.at(old), now))) after.way = now;
  return after;
}

// What becomes of it when one bridge of the file is made, and nothing else.
State after_up(const State& before, const Wanted& wanted, const std::string& bridge) {
  State after = before;
  if (!wanted.contains(bridge)) return after;
  const auto& nic = wanted.at(bridge);
  for (auto& [other, nics] : after.bridges) nics = without(nics, nic);
  auto& nics = after.bridges[bridge];
  nics = nic == "eth0" ? nic + nics : nics + nic;
  return after;
}

// The host in the words of host_now().
std::string host_as(const State& state) {
  std::string text;
  for (const auto& [bridge, nics] : state.bridges) text += bridge + "(" + nics + ") ";
  const auto top = state.bridge().empty() ? state.way : state.bridge();
  return text + "10.0.0.5 " + top + " default " + top;
}

std::string host_now() {
  return sh(
      "for b in xenbr0 xenbr1 xenbr2; do ip link show dev $b >/dev/null 2>&1 || continue; "
      "printf '%s(' $b; for n in eth0 eth1; do ip -o link show dev $n | grep -q \"master $b \" && "
      "printf %s $n; done; printf ') '; done; "
      "printf '10.0.0.5 %s ' $(ip -o -4 addr | grep 10.0.0.5 | cut -d' ' -f2); "
      "printf 'default %s' $(ip route show default | sed 's/.*dev \\([^ ]*\\).*/\\1/')");
}

std::string random_pause(Dice& dice, unsigned most) {
  return "sleep 0." + std::to_string(1000 + dice.roll(most)).substr(1) + "; ";
}

// One who does something in the background; what he says is in /run/said.N.
struct Actor {
  std::string name;
  std::string command;
};

class WindowStorm : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.emplace();
    Host::add_nic("eth0");
    Host::add_nic("eth1");
    sh("ip link set eth1 up");
    Host::live_on("eth0");
  }
  void TearDown() override { signal_here("confirm --or-go-back", SIGKILL); }

  // What differs from run to run is drawn before anybody starts.
  std::vector<Actor> cast(Dice& dice, const std::string& edit) {
    const std::string program = vifchain_program();
    const std::vector<Actor> all{
        {"confirm", program + " confirm"},
        {"confirm", program + " confirm"},
        {"rollback", program + " rollback"},
        {"apply", program + " apply --allow-empty"},
        {"apply", program + " apply --confirm 60 --allow-empty"},
        {"up", program + " up xenbr0"},
        {"status", program + " status >/dev/null"},
        {"edit", "printf '" + edit + "' >/run/edit && chmod 644 /run/edit && mv /run/edit " +
                     std::string(config)},
        {"kill watcher", kill("confirm --or-go-bac[k]", "KILL")},
        {"kill watcher", kill("confirm --or-go-bac[k]", "KILL")},
        {"kill apply", kill("apply --confir[m]", "KILL")},
        {"stop watcher", kill("confirm --or-go-bac[k]", "STOP") + random_pause(dice, 600) +
                             kill("confirm --or-go-bac[k]", "CONT")},
        {"hold a lock", "f=$(find /run/vifchain -name 'xenbr" + std::to_string(dice.roll(3)) +
                            ".lock' | head -1); [ -n \"$f\" ] && flock $f sleep 0.5"},
        {"churn",
         "for i in 1 2 3 4 5 6 7 8; do ip link add c$i type veth peer name d$i; "
         "ip link del c$i; done"},
    };
    std::vector<Actor> chosen;
    const auto many = 1 + dice.roll(5);
    for (std::size_t i = 0; i < many; ++i) {
      Actor actor = dice.pick(all);
      actor.command = random_pause(dice, 700) + actor.command;
      chosen.push_back(std::move(actor));
    }
    return chosen;
  }

  // Those in this network alone, whoever else runs tests on the machine.
  static std::string kill(const std::string& words, const std::string& signal) {
    return "pkill -" + signal + " --ns $$ --nslist net -f -- '" + words + "'; ";
  }

  std::optional<Host> host_;
};

struct Said {
  int code = -1;
  std::string words;
};

void play(const std::vector<Actor>& actors) {
  std::string script;
  for (std::size_t i = 0; i < actors.size(); ++i) {
    const auto number = std::to_string(i);
    std::ofstream("/run/act." + number) << actors[i].command << "\n";
    script += "(sh /run/act." + number + " >/run/said." + number + " 2>&1; echo $? >/run/code." +
              number + ") & ";
  }
  sh("rm -f /run/said.* /run/code.*; " + environment() + "sh -c '" + script + "wait'; true");
}

Said said(std::size_t actor) {
  const auto number = std::to_string(actor);
  const auto code = contents_of("/run/code." + number);
  return {code.empty() ? -1 : std::stoi(code), contents_of("/run/said." + number)};
}

// Once the change is over a rollback is a change of its own.
bool went_further_back(const std::string& told) {
  return has(told, "the host is as it was before the last apply");
}

bool is_open() {
  return sh("ls /var/lib/vifchain").find("rollback\n") != std::string::npos;
}

// The change ends, whoever has to be told.
std::string come_to_rest(Dice& dice, bool soon_over) {
  std::string told;
  for (int i = 0; i < 600 && is_open(); ++i) {
    if (i % 20 == 0 && (!soon_over || dice.chance(30))) {
      const Ran ran = vifchain(dice.chance(50) ? "confirm" : "rollback");
      told += ran.exit_code == 0 ? ran.out : "";
    } else if (i % 20 == 10) {
      vifchain("status");
    }
    ::poll(nullptr, 0, 50);
  }
  return told;
}

// From any of these, by the file or one bridge of it.
void add_what_others_make(std::vector<State>& states, const Wanted& wanted) {
  for (std::size_t i = 0, many = states.size(); i < many; ++i) {
    const State up = after_up(states[i], wanted, "xenbr0");
    states.push_back(after_apply(states[i], wanted));
    states.push_back(up);
    states.push_back(after_apply(up, wanted));
  }
}

bool has_text_beside(const std::string& text) {
  return has(sh("cat /etc/xen/vifchain.toml* 2>/dev/null; true"), text);
}

std::uint64_t number_in(const char* variable, std::uint64_t otherwise) {
  const char* value = std::getenv(variable);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

TEST_F(WindowStorm, TheHostIsAsConfirmedOrAsBeforeAndWhatWasSaidHolds) {
  const auto seed = number_in("WINDOW_SEED", static_cast<std::uint64_t>(std::time(nullptr)));
  const auto rounds = number_in("WINDOW_ROUNDS", 0);
  const auto end = Clock::now() + std::chrono::seconds(40);
  std::uint64_t round = 0, confirmed = 0, back = 0;
  State last;
  std::vector<State> stood{last};  // what this host was so far
  for (; rounds > 0 ? round < rounds : Clock::now() < end; ++round) {
    SCOPED_TRACE("WINDOW_SEED=" + std::to_string(seed + round) + " WINDOW_ROUNDS=1");
    Dice dice(seed + round);
    const State before = after_apply(last, random_wanted(dice)),
                after = after_apply(before, random_wanted(dice));
    sh("rm -f /etc/xen/vifchain.toml*");
    Host::write_config(text_of(before.bridges));
    const Ran base = vifchain("apply --allow-empty --allow-disrupt");
    ASSERT_EQ(base.exit_code, 0) << base.err << base.out;
    ASSERT_EQ(host_now(), host_as(before)) << "from " << host_as(last) << "\n" << base.out;
    Host::write_config(text_of(after.bridges));
    const std::string mark = "# edit " + std::to_string(seed + round);
    std::string edit = text_of(after.bridges) + mark + "\n";
    for (std::size_t at = 0; (at = edit.find('\n', at)) != edit.npos; at += 2)
      edit.replace(at, 1, "\\n");
    auto actors = cast(dice, edit);
    const bool short_one = dice.chance(8);
    actors.insert(actors.begin(), {"first", vifchain_program() + " apply --confirm " +
                                                (short_one ? "5 " : "60 ") + "--allow-empty"});
    std::string names;
    for (const auto& actor : actors) names += actor.name + ", ";
    play(actors);
    std::string told = come_to_rest(dice, short_one);
    bool others = false, edited = false;
    std::vector<State> may_be{after, before};
    for (std::size_t i = 0; i < actors.size(); ++i) {
      const Said words = said(i);
      if (words.code == 0) told += words.words;
      others |= words.code == 0 && (actors[i].name == "apply" || actors[i].name == "up");
      edited |= actors[i].name == "edit";
      names += "\n" + actors[i].name + " " + std::to_string(words.code) + ": " + words.words;
    }
    if (went_further_back(told)) {
      others = true;
      may_be.insert(may_be.end(), stood.rbegin(), stood.rend());
    }
    if (others) add_what_others_make(may_be, after.bridges);
    const auto now = host_now();
    const bool was_confirmed = has(told, "Confirmed: the change is kept");
    const bool went_back = has(told, "Rolled back: the host is as it was before the change");
    ASSERT_FALSE(is_open()) << names << Host::log();
    const auto is = std::ranges::find(may_be, now, host_as);
    ASSERT_NE(is, may_be.end()) << now << "\nis neither " << host_as(before) << "\nnor "
                                << host_as(after) << "\n"
                                << names << Host::log();
    if (!others) {
      ASSERT_FALSE(was_confirmed && went_back) << names;
      if (was_confirmed) {
        ASSERT_EQ(now, host_as(after)) << names << Host::log();
      }
      if (went_back) {
        ASSERT_EQ(now, host_as(before)) << names << Host::log();
      }
    }
    if (edited) {
      ASSERT_TRUE(has_text_beside(mark)) << names << sh("head -50 /etc/xen/vifchain.toml*");
    }
    last = *is;
    stood.insert(stood.end(), {before, after});
    confirmed += was_confirmed ? 1 : 0;
    back += went_back || now == host_as(before) ? 1 : 0;
    if (testing::Test::HasFailure()) break;
    sh("rm -f /var/log/xen/xen-hotplug.log /var/lib/vifchain/runs*");
  }
  std::printf("seed %llu: %llu rounds, %llu confirmed, %llu back\n",
              static_cast<unsigned long long>(seed), static_cast<unsigned long long>(round),
              static_cast<unsigned long long>(confirmed), static_cast<unsigned long long>(back));
  EXPECT_GT(round, 0U);
}

}  // namespace
}  // namespace vifchain
