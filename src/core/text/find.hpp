// SPDX-License-Identifier: Apache-2.0
// Looking up what may not be there.
#pragma once

namespace vifchain::inline core::inline text {

// What a map has for the key; null when it has nothing.
template <class Map>
const typename Map::mapped_type* find_in(const Map& map, const typename Map::key_type& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

// The same as a value of its own, a default one when there is nothing.
template <class Map>
typename Map::mapped_type value_in(const Map& map, const typename Map::key_type& key) {
  const auto* found = find_in(map, key);
  return found == nullptr ? typename Map::mapped_type{} : *found;
}

// All entries that a multimap has for the key.
template <class Iterator>
struct Entries {
  Iterator first, last;
  [[nodiscard]] Iterator begin() const { return first; }
  [[nodiscard]] Iterator end() const { return last; }
};
template <class Map>
auto all_in(const Map& map, const typename Map::key_type& key) {
  const auto [first, last] = map.equal_range(key);
  return Entries<typename Map::const_iterator>{first, last};
}

}  // namespace vifchain::inline core::inline text
