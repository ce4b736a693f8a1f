// SPDX-License-Identifier: Apache-2.0
// Hearing what changes in xenstore.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace vifchain::inline edge::inline store {

class StoreWatch {
 public:
  virtual ~StoreWatch() = default;

  // Readable when there may be something to take, and when xenstored has hung up.
  [[nodiscard]] virtual int descriptor() const = 0;

  // The nodes that have changed, come or gone since the last call, in that order; the watched node
  // itself is the first that is ever told (docs/misc/xenstore.txt, "WATCH"), as soon as xenstored
  // answers. Never waits. Throws Error when xenstored has hung up, or refused to tell.
  virtual std::vector<std::string> take() = 0;
};

// Of everything at and below this node. Waits for nothing: what xenstored has to say to it is told
// by the first take(). Throws Error when xenstored cannot be reached.
std::unique_ptr<StoreWatch> watch_store(const std::string& path);

}  // namespace vifchain::inline edge::inline store
