// SPDX-License-Identifier: Apache-2.0
#include "core/text/flat_map.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

namespace vifchain {
namespace {

using Names = FlatMap<int, std::string>;

TEST(FlatMap, IsWalkedInTheOrderOfItsKeys) {
  Names names;
  for (const int key : {5, 1, 9, 3}) names.emplace(key, std::to_string(key));
  std::string keys;
  for (const auto& [key, name] : names) keys += name;
  EXPECT_EQ(keys, "1359");
  EXPECT_EQ(names, (Names{{9, "9"}, {3, "3"}, {5, "5"}, {1, "1"}}));
}

TEST(FlatMap, LeavesAnEntryThatIsThere) {
  Names names{{1, "first"}, {1, "second"}};
  const auto [at, added] = names.emplace(1, "third");
  EXPECT_FALSE(added);
  EXPECT_EQ(at->second, "first");
  EXPECT_EQ(names.size(), 1U);
}

TEST(FlatMap, ThrowsForAKeyThatIsNotThere) {
  const Names names{{1, "one"}, {3, "three"}};
  EXPECT_EQ(names.at(3), "three");
  for (const int key : {0, 2, 4}) EXPECT_THROW((void)names.at(key), std::out_of_range) << key;
}

TEST(FlatMap, DoesWhatAMapDoes) {
  std::mt19937 random(20261123);  // NOLINT: the same each time
  for (int round = 0; round < 200; ++round) {
    FlatMap<int, int> flat;
    std::map<int, int> map;
    for (int change = 0; change < 40; ++change) {
      const int key = static_cast<int>(random() % 16);
      switch (random() % 6) {
        case 0:
          EXPECT_EQ(flat.emplace(key, change).second, map.emplace(key, change).second);
          break;
        case 1:
          flat[key] += change;
          map[key] += change;
          break;
        case 2:
          flat.insert_or_assign(key, change);
          map.insert_or_assign(key, change);
          break;
        case 3:
          EXPECT_EQ(flat.erase(key), map.erase(key));
          break;
        case 4:
          if (const auto found = flat.find(key); found != flat.end()) flat.erase(found);
          map.erase(key);
          break;
        default:
          const auto odd = [](const auto& entry) { return entry.second % 7 == 0; };
          EXPECT_EQ(erase_if(flat, odd), std::erase_if(map, odd));
      }
      EXPECT_EQ(flat.contains(key), map.contains(key));
      EXPECT_TRUE(std::equal(
          flat.begin(), flat.end(), map.begin(), map.end(),
          [](const auto& a, const auto& b) { return a.first == b.first && a.second == b.second; }));
    }
  }
}

}  // namespace
}  // namespace vifchain
