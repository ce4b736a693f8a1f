// SPDX-License-Identifier: Apache-2.0
// Messages to xenstored and back, over its socket or the kernel's device, by the protocol of
// xen/io/xs_wire.h: libxenstore's own calls wait for an answer without end, whatever signal comes.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "edge/base/descriptor.hpp"

namespace vifchain::inline edge::inline store {

struct WireMessage {
  std::uint32_t type = 0;         // XS_READ and its like
  std::uint32_t transaction = 0;  // 0: none
  std::string body = {};          // strings, each with its NUL but where the type has none
};

// How long the other side is waited for.
struct WireWait {
  std::chrono::steady_clock::time_point until;
  // Called when a signal interrupts the waiting, which then goes on unless this throws.
  const std::function<void()>& on_interrupt;
};

// What went wrong: an errno, and words for it where it alone says little. ETIMEDOUT: the other side
// was silent. EBADF: it hung up, or broke the protocol. In every case there is nothing more to be
// had from this connection.
struct WireFailure {
  int error = 0;
  std::string words = {};
};

// One connection. Not for several threads.
class StoreWire {
 public:
  // To the host's xenstore, found as libxenstore finds it: $XENSTORED_PATH, xenstored's socket, or
  // the kernel's device. Throws WireFailure.
  explicit StoreWire(const WireWait& wait);

  // Readable when take() may have something.
  [[nodiscard]] int descriptor() const { return file_.number(); }

  // Throws WireFailure, or what on_interrupt throws.
  void send(const WireMessage& message, const WireWait& wait);
  WireMessage receive(const WireWait& wait);

  // The next message that has come whole; never waits. Throws WireFailure.
  std::optional<WireMessage> take();

 private:
  bool read_more();
  std::optional<WireMessage> first_whole();

  bool is_socket_ = false;
  Descriptor file_;
  std::string came_;  // and was not taken yet
};

// The strings of a body, each ended by a NUL.
std::vector<std::string> strings_in(std::string_view body);

}  // namespace vifchain::inline edge::inline store
