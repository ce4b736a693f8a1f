// SPDX-License-Identifier: Apache-2.0
#include "core/model/policy.hpp"

#include <array>

namespace vifchain::inline core::inline model {
std::string_view word_of(Antispoof antispoof) {
  constexpr std::array<std::string_view, 4> words{"off", "mac", "mac-ip", "closed"};
  return words.at(static_cast<std::size_t>(antispoof));
}

VifPolicy over(const VifPolicy& own, const VifPolicy& defaults) {
  VifPolicy policy = own;
  const auto fill_in = [&](auto... members) {
    const auto one = [&](auto member) {
      if (!(policy.*member)) policy.*member = defaults.*member;
    };
    (one(members), ...);
  };
  using P = VifPolicy;
  fill_in(&P::antispoof, &P::isolated, &P::learning, &P::bpdu_guard, &P::mcast_flood, &P::flood,
          &P::ipv6_link_local, &P::wait, &P::receive_rate, &P::routers);
  return policy;
}

}  // namespace vifchain::inline core::inline model
