// SPDX-License-Identifier: Apache-2.0
// list_frames: what the filter's tests send, for a guest to send it: KIND HEX WHAT, one a line.
#include <cstdio>

#include "filter_frames.hpp"

namespace vifchain::test {
namespace {

void list(const char* kind, const std::vector<Sent>& frames) {
  for (const auto& [what, bytes] : frames) {
    std::printf("%s ", kind);
    for (const unsigned byte : bytes) std::printf("%02x", byte);
    // A real or emulated NIC sends no shorter ones (IEEE 802.3 section 3.2.8).
    for (auto size = bytes.size(); size < 60; ++size) std::printf("00");
    std::printf(" %s\n", what);
  }
}

}  // namespace
}  // namespace vifchain::test

int main() {
  using namespace vifchain::test;
  list("forged", forgeries());
  list("honest", honest_frames());
  list("forged-mac", forged_macs());
  list("honest-mac", frames_with_its_mac());
}
