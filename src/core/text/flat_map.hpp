// SPDX-License-Identifier: Apache-2.0
// A map in one sorted vector: where there are a few dozen entries at most, it is filled, copied and
// freed in one piece.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <stdexcept>
#include <tuple>
#include <utility>
#include <vector>

namespace vifchain::inline core::inline text {

// What is used of std::map, as that has it; but the vector moves: iterators and references hold
// until the next change, and nobody may write to a key.
template <typename Key, typename T>
class FlatMap {
 public:
  using key_type = Key;
  using mapped_type = T;
  using value_type = std::pair<Key, T>;
  using iterator = typename std::vector<value_type>::iterator;
  using const_iterator = typename std::vector<value_type>::const_iterator;

  FlatMap() = default;
  FlatMap(std::initializer_list<value_type> entries) { insert(entries.begin(), entries.end()); }

  iterator begin() { return entries_.begin(); }
  iterator end() { return entries_.end(); }
  [[nodiscard]] const_iterator begin() const { return entries_.begin(); }
  [[nodiscard]] const_iterator end() const { return entries_.end(); }
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  void reserve(std::size_t entries) { entries_.reserve(entries); }
  void clear() { entries_.clear(); }

  iterator find(const Key& key) {
    return entries_.begin() + (std::as_const(*this).find(key) - entries_.cbegin());
  }
  [[nodiscard]] const_iterator find(const Key& key) const {
    const auto at = place_of(key);
    return at != end() && at->first == key ? at : end();
  }
  [[nodiscard]] bool contains(const Key& key) const { return find(key) != end(); }
  T& at(const Key& key) { return const_cast<T&>(std::as_const(*this).at(key)); }
  [[nodiscard]] const T& at(const Key& key) const {
    const auto found = find(key);
    if (found == end()) throw std::out_of_range("FlatMap::at");
    return found->second;
  }
  T& operator[](const Key& key) { return emplace(key).first->second; }

  // Leaves an entry that is there as it is.
  template <typename... Arguments>
  std::pair<iterator, bool> emplace(const Key& key, Arguments&&... arguments) {
    const auto place = place_of(key) - entries_.cbegin();
    const auto at = entries_.begin() + place;
    if (at != entries_.end() && at->first == key) return {at, false};
    entries_.emplace_back(std::piecewise_construct, std::forward_as_tuple(key),
                          std::forward_as_tuple(std::forward<Arguments>(arguments)...));
    std::rotate(entries_.begin() + place, entries_.end() - 1, entries_.end());
    return {entries_.begin() + place, true};
  }
  template <typename Iterator>
  void insert(Iterator first, Iterator last) {
    for (; first != last; ++first) emplace(first->first, first->second);
  }
  template <typename Value>
  void insert_or_assign(const Key& key, Value&& value) {
    (*this)[key] = std::forward<Value>(value);
  }

  void erase(const_iterator at) { entries_.erase(at); }
  std::size_t erase(const Key& key) {
    return erase_if(*this, [&](const value_type& entry) { return entry.first == key; });
  }
  template <typename Predicate>
  friend std::size_t erase_if(FlatMap& map, Predicate predicate) {
    return std::erase_if(map.entries_, std::move(predicate));
  }

  bool operator==(const FlatMap&) const = default;

 private:
  // Mostly entries come in order.
  [[nodiscard]] const_iterator place_of(const Key& key) const {
    if (entries_.empty() || entries_.back().first < key) return entries_.end();
    return std::ranges::lower_bound(entries_, key, {}, &value_type::first);
  }

  std::vector<value_type> entries_;
};

}  // namespace vifchain::inline core::inline text
