// SPDX-License-Identifier: Apache-2.0
// The host of a storm: bridges of every policy, guests that forge without pause, and somebody on
// each bridge who only listens.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/model/policy.hpp"
#include "edge/store/store.hpp"
#include "running_daemon.hpp"
#include "storm_traffic.hpp"

namespace vifchain::test {

// A program that was started: as itself, so that a signal reaches it.
class StormRun {
 public:
  explicit StormRun(const std::string& words);
  ~StormRun();
  StormRun(const StormRun&) = delete;
  StormRun& operator=(const StormRun&) = delete;

  void kill() const { ::kill(process_, SIGKILL); }
  // Waits for it; its exit code. Throws runtime_error when it does not answer within a minute.
  int end();
  // Of the last that ended.
  static std::string said();

 private:
  pid_t process_;
};

class StormWorld {
 public:
  static constexpr unsigned first_guest = 10, first_listener = 60;
  // The first guests have an emulated NIC beside the vif, which is another sender.
  static constexpr unsigned emulated = 4;
  static bool has_emulated(unsigned guest) { return guest < first_guest + emulated; }

  // All bridges stand, and all guests are on one.
  explicit StormWorld(unsigned guests);

  [[nodiscard]] std::vector<unsigned> guests(bool attached) const;
  [[nodiscard]] static unsigned bridges();
  [[nodiscard]] static const std::string& bridge(unsigned index);
  // Which bridge the toolstack wants it on.
  [[nodiscard]] unsigned desired(unsigned guest) const;
  // The bridge that it is a port of, while it is up; or nothing.
  [[nodiscard]] static std::string place(unsigned guest);

  // ---- What is run, as words of a shell; `before` stands before the program

  [[nodiscard]] static std::string online(unsigned guest, const std::string& before = "");
  // Of the emulated NIC.
  [[nodiscard]] static std::string add(unsigned guest, const std::string& before = "");
  [[nodiscard]] static std::string remove(unsigned guest);
  [[nodiscard]] static std::string offline(unsigned guest, const std::string& before = "");
  [[nodiscard]] static std::string move(unsigned guest, unsigned bridge,
                                        const std::string& before = "");
  [[nodiscard]] static std::string apply(const std::string& before = "");

  // An event that has to see what was taken away by these words of nft(8): of whom they name, or of
  // somebody who is filtered in every way.
  [[nodiscard]] std::string next_event(const std::string& loss) const;

  // ---- What the toolstack does before it runs something

  void comes(unsigned guest, unsigned bridge);
  void goes(unsigned guest);
  // Its link is another one from now on, as after its domain died and came again.
  void link_anew(unsigned guest);
  // The device model's link, there while it runs.
  void tap_comes(unsigned guest);
  void tap_goes(unsigned guest);

  // Of one bridge, in the file; guests follow with the next apply, and then only_new_policy() is to
  // be called.
  void write_policy(Antispoof policy);
  void only_new_policy();

  // ---- What is so

  // The table is as it was in the beginning, and every port is judged as the bridge of its desired
  // has it, but those on a bridge whose policy is about to change. A guest that may be midway is
  // judged by the bridge that it is on, if any. A filter that is too many may stay until the next
  // apply.
  [[nodiscard]] std::string what_is_missing(unsigned midway = 0) const;
  // Ports that are to have no filter, and have one.
  [[nodiscard]] std::string what_is_too_many() const;
  // The ports of guests that went which still have a filter: that harms nobody.
  [[nodiscard]] std::string what_is_left_behind() const;
  // Every guest is where the store says, and heard by others.
  [[nodiscard]] std::string who_is_mute(std::int64_t since) const;
  // What was heard, judged.
  Ledger& judged();

  Traffic& traffic() { return *traffic_; }
  Ledger& ledger() { return ledger_; }

 private:
  // By link, of ports that are up.
  [[nodiscard]] static std::map<std::string, std::string> places();
  void write_file() const;
  void add_guest(unsigned guest, unsigned bridge);
  [[nodiscard]] static std::string link(unsigned guest);
  [[nodiscard]] static std::string emulated_link(unsigned guest);
  // A port that should stand, by its link, whose frames are known by `sender`.
  struct Port {
    std::string link;
    unsigned guest, sender;
  };
  [[nodiscard]] std::vector<Port> ports() const;
  [[nodiscard]] std::optional<unsigned> bridge_of(const Port& port, bool as_it_is) const;

  Host host_;
  std::unique_ptr<Store> store_;
  std::vector<Antispoof> policies_;
  bool policy_is_new_ = false;
  std::map<unsigned, bool> attached_;  // by guest
  std::string table_;
  Ledger ledger_;
  std::optional<Traffic> traffic_;
};

}  // namespace vifchain::test
