// SPDX-License-Identifier: Apache-2.0
// A host of a test's own, inside this machine: its network, its /etc, /run and logs, its xenstore.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "xenstored.hpp"

namespace vifchain {

// How one run of a program ended.
struct Ran {
  int exit_code = -1;  // 128 + N when signal N ended it
  std::string out;     // what came on stdout
  std::string err;     // and on stderr
};

// While it lives this process has places of its own (own_places.hpp), so nothing of the machine is
// read or changed. Needs root. Not undone at the end: the next test's Host takes its place.
class Host {
 public:
  explicit Host(StoreKind store = StoreKind::c);
  ~Host() { end_programs(); }
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  // Ends, without a word, what programs of ours still run on this host: those that watch over a
  // change, as a test that does not wait for them leaves them.
  static void end_programs();

  // /etc/xen/vifchain.toml has this content.
  static void write_config(const std::string& toml);

  // A NIC, down, whose other end has no name here ("NAME_far").
  static void add_nic(const std::string& name);

  // This host is reached over the NIC: it is up, with 10.0.0.5/24 and a default route by 10.0.0.1.
  static void live_on(const std::string& nic);

  // What netback and libxl leave for a new vif: the link vifD.N, down, and its backend and frontend
  // directories, in state 2 with an empty hotplug-status.
  static void add_vif(unsigned domid, unsigned devid, const std::string& bridge);

  // The same for device 0 of `count` domains from `first` on.
  static void add_vifs(unsigned first, unsigned count, const std::string& bridge);

  // Runs vif-chain as libxl does, stdin from /dev/null, and waits for it.
  static Ran vif_chain(const std::string& command, unsigned domid, unsigned devid,
                       const std::string& type = "type_if=vif");

  // The same with this environment alone, and XENSTORED_PATH; of a vif, unless the words, separated
  // by blanks, say otherwise.
  static Ran vif_chain_with(const std::vector<std::string>& environment, const std::string& words);

  // As vif_chain(), not waited for.
  static pid_t start_vif_chain(const std::string& command, unsigned domid, unsigned devid);

  // xenstored dies and comes again, empty.
  void restart_store() { store_.again(); }

  // A node of the store by absolute path; "(none)" when there is none.
  static std::string node(const std::string& path);
  static void set_node(const std::string& path, const std::string& value);
  static std::string backend(unsigned domid, unsigned devid);
  static std::string frontend(unsigned domid, unsigned devid);

  // Everything that vifchain could have changed: links, controllers, options, which are up.
  // Without what differs from run to run: indices, timers, carrier, what LACP is just saying, and
  // the path cost that a bridge guesses from the speed that a port has when it joins.
  static std::string links();

  // xenstored answers nobody (SIGSTOP), until it goes on.
  void stop_store() const { store_.stop(); }
  void let_store_go_on() const { store_.go_on(); }
  // It dies without a word.
  void kill_store() { store_.kill(); }

  // /var/log/xen/xen-hotplug.log
  static std::string log();

 private:
  Xenstored store_;
};

// While it lives somebody else holds the flock on `path`.
class HeldLock {
 public:
  explicit HeldLock(const std::string& path);
  ~HeldLock();
  HeldLock(const HeldLock&) = delete;
  HeldLock& operator=(const HeldLock&) = delete;

 private:
  int descriptor_;
};

// Runs a shell command line; its output. Throws runtime_error when it fails.
std::string sh(const std::string& command);

// The path of the vif-chain under test: $VIF_CHAIN.
std::string vif_chain_program();

// The path of the vifchain under test: $VIFCHAIN.
std::string vifchain_program();

// "env …", to stand before a program on a shell's command line: where this test's store and the
// programs under test are, and that programs in /run/bin come first.
std::string environment();

// Runs words of a shell's in that environment; what it says is in /run/out and /run/err, so it
// throws logic_error where those are not the test's own (own_places.hpp).
Ran run(const std::string& words);

// The same for vifchain; `before` stands before the program.
Ran vifchain(const std::string& words, const std::string& before = "");

// True when `part` is somewhere in the text.
bool has(const std::string& text, const std::string& part);

// Why this kernel cannot make a link of this kind ("bond", "vlan"); empty when it can.
std::string why_no_kind(const std::string& kind);

// The processes in this test's own network whose command line has these words.
std::vector<pid_t> processes_here(const std::string& words);

// SIGKILL, SIGSTOP, … to each of them.
void signal_here(const std::string& words, int number);

// Waits until `state` holds, at most 20 s; false when it never did. While it throws it does not
// hold, unless that is an Error of vifchain, which is handed on, as is what it throws in the end.
bool eventually(const std::function<bool()>& state);

// Whether the process holds a file open whose path has this in it; false when it is gone.
bool has_open(pid_t process, const std::string& path);

// Waits until somebody here listens to what the kernel says of links, as vif-chain does from when
// it has found that something is missing until it ends; false when nobody ever did.
bool is_waited_for_a_link();

// Waits for a child; its exit code, or 128 + N when signal N ended it.
int exit_code_of(pid_t child);

}  // namespace vifchain
