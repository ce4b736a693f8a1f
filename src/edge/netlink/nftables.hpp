// SPDX-License-Identifier: Apache-2.0
// The door to nftables: its own library, in this process, loaded when it is first needed.
#pragma once

#include <memory>
#include <string>

namespace vifchain::inline edge::inline netlink {

class Nftables {
 public:
  // Loads libnftables.so.1, and works in the network namespace that the calling thread is in.
  // Throws Error when it is not there.
  Nftables();
  ~Nftables();
  Nftables(const Nftables&) = delete;
  Nftables& operator=(const Nftables&) = delete;

  // Performs the commands (nft(8)) as one transaction. Empty when that went well, and otherwise
  // nothing of it was done: then what the library or the kernel said, in one line.
  std::string run(const std::string& commands);

 private:
  struct Library;
  std::unique_ptr<Library> library_;
};

}  // namespace vifchain::inline edge::inline netlink
