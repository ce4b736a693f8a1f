// SPDX-License-Identifier: Apache-2.0
// A real xenstored of a test's own, on any machine: no Xen, no root.
#pragma once

#include <sys/types.h>

#include <stdexcept>
#include <string>

#include "temp_folder.hpp"

namespace vifchain {

enum class StoreKind { c, ocaml };  // xenstored, oxenstored

// This machine has no such daemon; what() says which package would bring it.
class NoXenstored : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// While it lives the daemon answers, with an empty store, and $XENSTORED_PATH of this process leads
// libxenstore, and so open_store() and every child, to it. The caller's home is /local/domain/0.
//
// The launcher and the shim (tests/store) are named by $XENSTORED_LAUNCHER and $XENSTORED_SHIM; if
// they are not set, they lie beside the test program as xenstored.sh and xenstored_shim.so.
class Xenstored {
 public:
  // Lose: every third transaction or so ends with EAGAIN (oxenstored only, its test-eagain).
  enum class Races { as_they_come, lose };

  // Throws NoXenstored, or runtime_error with the daemon's own words if it is not ready in 10 s.
  explicit Xenstored(StoreKind kind = StoreKind::c, Races races = Races::as_they_come);
  ~Xenstored();
  Xenstored(const Xenstored&) = delete;
  Xenstored& operator=(const Xenstored&) = delete;

  [[nodiscard]] std::string socket() const { return folder_ / "socket"; }

  // It stops (SIGSTOP), and answers nobody until it goes on.
  void stop() const;
  void go_on() const;

  // The daemon dies without a word, its socket stays.
  void kill();

  // Another takes its place, at the same socket, with an empty store.
  void again();

 private:
  void begin();
  void wait_until_ready(int ready);

  StoreKind kind_;
  Races races_;
  TempFolder folder_;
  pid_t process_ = -1;
};

}  // namespace vifchain
