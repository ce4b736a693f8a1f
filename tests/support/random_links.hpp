// SPDX-License-Identifier: Apache-2.0
// Random hosts and random requests for them, all of which the kernel can have.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "core/plan/plan.hpp"
#include "fake_kernel.hpp"

namespace vifchain {

// Dice that fall alike for the same seed. Dice with a twist fall as those of `seed` do, but now and
// then otherwise: what is drawn with them is near to what is drawn without.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : seed_(seed), rng_(seed), twist_(0) {}
  Dice(std::uint64_t seed, std::uint64_t twist, unsigned percent)
      : seed_(seed), twist_seed_(twist), percent_(percent), rng_(seed), twist_(twist) {}

  // The dice for one part of the drawing, so that a twist in one part leaves the others as they
  // are.
  [[nodiscard]] Dice for_part(std::string_view name) const;

  // 0 to below `sides`.
  std::size_t roll(std::size_t sides);
  bool chance(unsigned percent) { return roll(100) < percent; }
  template <class Item>
  const Item& pick(const std::vector<Item>& items) {
    return items[roll(items.size())];
  }
  template <class Number>
  std::int64_t one_of(std::initializer_list<Number> numbers) {
    return static_cast<std::int64_t>(numbers.begin()[roll(numbers.size())]);
  }

 private:
  std::uint64_t seed_ = 0, twist_seed_ = 0;
  unsigned percent_ = 0;
  std::mt19937_64 rng_, twist_;
};

// NICs and vifs.
std::vector<Nic> random_nics(Dice& dice);
bool is_vif(const LinkName& name);

// A table of links that a host with these NICs can have, bonds, VLANs and bridges over them, as
// wanted: options and settings named here and there. Every NIC and vif is in it.
Actual random_desired(const Dice& dice, const std::vector<Nic>& nics);

// Any step at all on these links, legal or not. The NICs themselves are never deleted.
Op random_op(Dice& dice, const Actual& links);

// The steps that bring a desired state about on a host that has nothing but its NICs, in the plain
// order of an administrator's script.
std::vector<Op> script_for(const Actual& desired);

// One thing that happened on the host before vifchain came.
struct Event {
  Op op;
  bool by_us = true;
};

// A host as its history, so that a failing case can be made smaller, and what is wanted of it.
struct Case {
  std::vector<Nic> nics = {};
  std::vector<Event> history = {};  // what the kernel refused of it did not happen
  Desired desired = {};
};

// A desired state that is sometimes near to what is there and sometimes far from it.
Case random_case(std::uint64_t seed);

// The host after its history.
FakeKernel host_of(const Case& scene);

// The history, what is there and what is wanted, as text.
std::string print(const Case& scene);

}  // namespace vifchain
