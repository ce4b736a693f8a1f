// SPDX-License-Identifier: Apache-2.0
#include "core/model/policy.hpp"

#include <array>

namespace vifchain::inline core::inline model {
namespace {

template <typename T>
void fill_in(std::optional<T>& own, const std::optional<T>& usual) {
  if (!own) own = usual;
}

}  // namespace

std::string_view word_of(Antispoof antispoof) {
  constexpr std::array<std::string_view, 4> words{"off", "mac", "mac-ip", "closed"};
  return words.at(static_cast<std::size_t>(antispoof));
}

VifPolicy over(const VifPolicy& own, const VifPolicy& defaults) {
  VifPolicy policy = own;
  fill_in(policy.antispoof, defaults.antispoof);
  fill_in(policy.isolated, defaults.isolated);
  fill_in(policy.learning, defaults.learning);
  fill_in(policy.bpdu_guard, defaults.bpdu_guard);
  fill_in(policy.mcast_flood, defaults.mcast_flood);
  fill_in(policy.flood, defaults.flood);
  fill_in(policy.ipv6_link_local, defaults.ipv6_link_local);
  fill_in(policy.wait, defaults.wait);
  fill_in(policy.receive_rate, defaults.receive_rate);
  fill_in(policy.routers, defaults.routers);
  return policy;
}

}  // namespace vifchain::inline core::inline model
