// Hearing what changes in xenstore.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace vifchain {

class StoreWatch {
 public:
  virtual ~StoreWatch() = default;

  // Readable when there may be something to take.
  [[nodiscard]] virtual int descriptor() const = 0;

  // Readable when xenstored has hung up; -1 where it cannot be told, as the kernel has the
  // connection (a driver domain) and no xenstored ever ends it.
  [[nodiscard]] virtual int lifeline() const = 0;

  // The nodes that have changed, come or gone since the last call, in that order; the watched node
  // itself is the first that is ever told (docs/misc/xenstore.txt, "WATCH"). Never waits. Throws
  // Error when xenstored has hung up.
  virtual std::vector<std::string> take() = 0;
};

// Of everything at and below this node. Throws Error when xenstored cannot be reached.
std::unique_ptr<StoreWatch> watch_store(const std::string& path);

}  // namespace vifchain
