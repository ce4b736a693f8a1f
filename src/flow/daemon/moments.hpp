// SPDX-License-Identifier: Apache-2.0
// What waits, each until a moment of its own.
#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

namespace vifchain::inline flow::inline daemon {

using Moment = std::chrono::steady_clock::time_point;

template <class Key>
using Moments = std::map<Key, Moment>;

// The first of them; Moment::max() when nothing waits.
template <class Key>
Moment first_of(const Moments<Key>& all) {
  Moment first = Moment::max();
  for (const auto& [key, until] : all) first = std::min(first, until);
  return first;
}

// Those whose moment has come; they wait no more.
template <class Key>
std::set<Key> take_due(Moments<Key>& all, Moment now) {
  std::set<Key> due;
  for (const auto& [key, until] : all)
    if (until <= now) due.insert(key);
  for (const auto& key : due) all.erase(key);
  return due;
}

}  // namespace vifchain::inline flow::inline daemon
