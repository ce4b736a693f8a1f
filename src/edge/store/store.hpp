// SPDX-License-Identifier: Apache-2.0
// The door to xenstore: named nodes with short values, kept by xenstored.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace vifchain::inline edge::inline store {

struct StoreNode {
  std::string path;
  std::string value;

  bool operator==(const StoreNode&) const = default;
};

// Paths are handed over as they are: an absolute one names a node of the whole store, a relative
// one (libxl's XENBUS_PATH) a node of the caller's own domain, which xenstored knows and we do not
// (docs/misc/xenstore.txt). Path and value together hold at most 4096 bytes.
//
// Every call is one round trip unless it says otherwise. Each throws Error, with the path in its
// sentence, when xenstored refuses (EACCES in a driver domain, ENOSPC at a quota), cannot be
// reached, or does not answer (ETIMEDOUT). A node that one may not see is EACCES, never absent.
class Store {
 public:
  virtual ~Store() = default;

  // The names directly below path, in no order; empty if there are none, or no such node.
  [[nodiscard]] virtual std::vector<std::string> children(const std::string& path) = 0;

  // Empty if there is no such node. A node that only has children reads as "".
  [[nodiscard]] virtual std::optional<std::string> read(const std::string& path) = 0;

  // The node has this value; it and its parents exist.
  virtual void write(const std::string& path, const std::string& value) = 0;

  // All of the nodes have their values, for every reader at the same moment; or, after an Error,
  // none has. One transaction: two round trips more than there are nodes, and all of them again
  // when somebody else changed one of the nodes meanwhile. Gives up with EAGAIN in the end.
  virtual void write_together(std::span<const StoreNode> nodes) = 0;

  // As write_together(), while `folder` exists: false, and nothing is written, when it does not. A
  // node that lies elsewhere is passed over when there is no folder for it; so no folder is ever
  // made. It is asked in the same transaction, a round trip for each folder.
  [[nodiscard]] virtual bool write_within(const std::string& folder,
                                          std::span<const StoreNode> nodes) = 0;

  // There is no such node, nor anything below it, whether there was one or not.
  virtual void remove(const std::string& path) = 0;

  // There is no such node; false, and it stays, when something is below it. One transaction.
  virtual bool remove_if_empty(const std::string& path) = 0;

  // xenstored did not answer the last question in time.
  [[nodiscard]] virtual bool is_silent() const = 0;
};

// How long xenstored is waited for.
struct StorePatience {
  std::chrono::milliseconds answer{15000};  // to one question
  std::chrono::milliseconds again{1000};    // to each that follows one that was not answered
  // Called when a signal interrupts the waiting, which then goes on unless this throws.
  std::function<void()> on_interrupt = {};
};

// The host's xenstore, found as libxenstore finds it: $XENSTORED_PATH, xenstored's socket, or the
// kernel's device. Connects at the first call, and anew at the call after one that threw, so
// opening costs nothing and cannot fail.
[[nodiscard]] std::unique_ptr<Store> open_store(StorePatience patience = {});

}  // namespace vifchain::inline edge::inline store
