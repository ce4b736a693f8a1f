// SPDX-License-Identifier: Apache-2.0
// Hearing when somebody changes nftables.
#pragma once

#include <memory>

namespace vifchain::inline edge::inline filter {

struct NftNews {
  bool of_ours = false;  // the table of filters, or something in it, came, changed or went
  bool lost = false;     // the kernel could not keep all that it had to say (ENOBUFS)
};

class NftMonitor {
 public:
  virtual ~NftMonitor() = default;

  // Readable when there may be something to take.
  [[nodiscard]] virtual int descriptor() const = 0;

  // What was told since the last call, or since it was made. Never waits. Throws Error.
  virtual NftNews take() = 0;
};

// Of the network namespace that the calling thread is in (NFNLGRP_NFTABLES). `receive_buffer` is in
// bytes. Throws Error, where the kernel has no nftables too.
std::unique_ptr<NftMonitor> monitor_nftables(int receive_buffer = 1 << 20);

}  // namespace vifchain::inline edge::inline filter
