// SPDX-License-Identifier: Apache-2.0
// Guests that forge without pause while everything happens that can happen to a host: they come,
// move and go, others take the filter away or our records of it, programs are killed, hooks and
// calls of the kernel fail.
//
// VIFCHAIN_STORM_FAULTS says how many, VIFCHAIN_STORM_SEED with which luck, and
// VIFCHAIN_STORM_ONLY, a regular expression, which of them ("killed in a move").
#include <gtest/gtest.h>
#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <regex>

#include "core/model/policy.hpp"
#include "storm_faults.hpp"

namespace vifchain::test {
namespace {

std::string text_from(const char* variable, const std::string& otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : text;
}

unsigned number_from(const char* variable, unsigned otherwise) {
  return static_cast<unsigned>(std::stoul(text_from(variable, std::to_string(otherwise))));
}

// Whose moments are random has nothing to wait for but time.
void let_pass(std::int64_t nanoseconds) {
  const timespec time{nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000};
  ::nanosleep(&time, nullptr);
}

class AStorm : public testing::Test {
 protected:
  void begin(unsigned guests) {
    storm_.emplace(seed_, guests);
    ASSERT_EQ(world().what_is_missing(), "");
    ASSERT_TRUE(eventually([&] { return world().who_is_mute(begun_).empty(); }))
        << world().who_is_mute(begun_);
  }

  StormWorld& world() { return storm_->world; }
  unsigned luck(unsigned below) { return storm_->any_below(below); }
  template <typename Item>
  const Item& one_of(const std::vector<Item>& all) {
    return all[luck(static_cast<unsigned>(all.size()))];
  }

  // ---- What runs

  Act any_act(bool moves) {
    if (moves) return Act::move;
    constexpr std::array acts{Act::nothing, Act::nothing, Act::online, Act::again,
                              Act::add,     Act::offline, Act::apply};
    const Act act = acts.at(luck(acts.size()));
    if (act == Act::online && world().guests(false).empty()) return Act::offline;
    if (act == Act::offline && world().guests(false).size() > 4) return Act::online;
    if (act == Act::add && guests_for(act).empty()) return Act::again;
    return act;
  }

  std::vector<unsigned> guests_for(Act act) {
    auto guests = world().guests(act != Act::online);
    if (act == Act::add)
      std::erase_if(guests, [](unsigned guest) { return !StormWorld::has_emulated(guest); });
    return guests;
  }

  std::string prepare(const std::string& before) {
    const unsigned guest = storm_->guest;
    switch (storm_->act) {
      case Act::nothing:
        return {};
      case Act::online:
        world().comes(guest, storm_->any_bridge());
        return StormWorld::online(guest, before);
      case Act::again:
        return StormWorld::online(guest, before);
      case Act::add:
        return StormWorld::add(guest, before);
      case Act::offline:
        world().goes(guest);
        return StormWorld::offline(guest, before);
      case Act::move:
        return prepare_move(before);
      case Act::apply:
        return prepare_apply(before);
    }
    return {};
  }

  std::string prepare_move(const std::string& before) {
    const auto to = storm_->any_bridge();
    storm_->note("  to " + StormWorld::bridge(to));
    return StormWorld::move(storm_->guest, to, before);
  }

  std::string prepare_apply(const std::string& before) {
    using enum Antispoof;
    if (luck(3) != 0) {
      const auto policy = one_of(std::vector<Antispoof>{off, mac, mac_ip, closed});
      storm_->note("  " + std::string(word_of(policy)));
      world().write_policy(policy);
    }
    return StormWorld::apply(before);
  }

  // A run is disturbed at any moment of the time that it takes where nothing happens.
  int run(const Fault& fault) {
    const auto words_of_it = prepare(fault.prefix(*storm_));
    if (storm_->act == Act::nothing) {
      fault.amid(*storm_, nullptr);
      return 0;
    }
    const auto start = now_ns();
    StormRun run(words_of_it);
    std::int64_t& usual = usual_.try_emplace(storm_->act, 30'000'000).first->second;
    let_pass(luck(static_cast<unsigned>(usual)));
    fault.amid(*storm_, &run);
    const int code = run.end();
    usual = (usual * 7 + std::min<std::int64_t>(now_ns() - start, 500'000'000)) / 8;
    return code;
  }

  // ---- And afterwards

  // Every guest has sent all it has, and nothing of it passed that might not.
  void expect_no_hole() {
    world().traffic().let_a_round_pass();
    const auto holes = world().judged().take_holes();
    if (holes.empty()) return;
    const auto& first = holes.front();
    const auto us_after_it_began = [&](const HeardFrame& heard) {
      return std::to_string((heard.mark.sent - fault_begun_) / 1000);
    };
    storm_->note("  A HOLE: " + std::string(words(first.mark.kind)) + " of guest " +
                 std::to_string(first.mark.sender) + " passed " + StormWorld::bridge(first.bridge) +
                 ", " + us_after_it_began(first) + " us after this began; such frames: " +
                 std::to_string(holes.size()) + ", until " + us_after_it_began(holes.back()));
    ADD_FAILURE() << storm_->log.back();
  }

  // While vifchaind runs it puts right what is missing; otherwise the next event does so.
  void expect_repair() {
    if (!world().ledger().in_a_gap()) return;
    const bool runs = storm_->daemon.has_value(), is_of_one = world().ledger().in_a_gap_of_one();
    if (!runs && !is_of_one) {
      ASSERT_NO_FATAL_FAILURE(must_run(world().next_event(storm_->loss)));
    }
    const auto missing = [&] { return world().what_is_missing(storm_->guest); };
    if (runs || is_of_one) eventually([&] { return missing().empty(); });
    ASSERT_EQ(missing(), "") << (runs ? "while vifchaind runs" : "after an event");
    const std::string who = is_of_one ? "the run itself" : runs ? "vifchaind" : "an event";
    world().ledger().close_gap(who);
    storm_->note("  repaired by " + who);
  }

  void must_run(const std::string& words) {
    StormRun run(words);
    ASSERT_EQ(run.end(), 0) << words << ": " << StormRun::said();
  }

  // A run that was refused, failed or killed is tried again, as whoever called it would; and who
  // disturbed a link connects it again, as vifchaind lets it be after the third time.
  void try_again(const Fault& fault) {
    const unsigned guest = storm_->guest;
    const Act act = storm_->act;
    storm_->note("  tried again");
    if (act == Act::apply) {
      ASSERT_NO_FATAL_FAILURE(must_run(StormWorld::apply()));
      if (!fault.name.starts_with("link")) return;
    }
    if (act == Act::offline) return must_run(StormWorld::offline(guest));
    ASSERT_NO_FATAL_FAILURE(must_run(StormWorld::online(guest)));
    if (act != Act::online && StormWorld::has_emulated(guest)) must_run(StormWorld::add(guest));
  }

  // It runs while the guest does.
  void let_device_model_follow() {
    const unsigned guest = storm_->guest;
    if (!StormWorld::has_emulated(guest)) return;
    if (storm_->act == Act::online) {
      world().tap_comes(guest);
      must_run(StormWorld::add(guest));
    }
    if (storm_->act == Act::offline) {
      must_run(StormWorld::remove(guest));
      world().tap_goes(guest);
    }
  }

  void expect_all_in_its_place() {
    const auto now = now_ns();
    const auto lost = [&] {
      world().judged();
      return world().who_is_mute(now);
    };
    ASSERT_TRUE(eventually([&] { return lost().empty(); })) << lost();
    ASSERT_TRUE(eventually([&] { return world().what_is_missing().empty(); }))
        << world().what_is_missing();
  }

  void one_fault(bool moves) {
    storm_->act = any_act(moves);
    const Fault& fault = one_of(one_of(faults_));
    const std::string name = fault.name + " in " + std::string(words(storm_->act));
    if (!std::regex_search(name, only_)) return one_fault(!moves);
    storm_->guest = one_of(guests_for(storm_->act));
    storm_->old_bridge = StormWorld::place(storm_->guest);
    storm_->note(std::to_string(storm_->log.size()) + ": " + name + " of guest " +
                 std::to_string(storm_->guest) + " on " + storm_->old_bridge);
    world().traffic().favour(storm_->guest);
    fault_begun_ = now_ns();
    fault.before(*storm_);
    const int code = run(fault);
    storm_->note("  ends with " + std::to_string(code));
    fault.after(*storm_);
    ASSERT_NO_FATAL_FAILURE(expect_all_right(fault, code));
    if (const auto left = world().what_is_left_behind(); left != left_behind_)
      storm_->note("  left behind: " + (left_behind_ = left));
  }

  void expect_all_right(const Fault& fault, int code) {
    ASSERT_NO_FATAL_FAILURE(expect_repair());
    expect_no_hole();
    if (fault.name.starts_with("hook") && code != 0 && !storm_->daemon) {
      EXPECT_EQ(StormWorld::place(storm_->guest), storm_->old_bridge) << "it was refused";
    }
    if (code != 0 || fault.name.starts_with("link")) {
      ASSERT_NO_FATAL_FAILURE(try_again(fault));
    }
    ASSERT_NO_FATAL_FAILURE(let_device_model_follow());
    expect_no_hole();
    if (storm_->act == Act::apply) world().only_new_policy();
    ASSERT_NO_FATAL_FAILURE(expect_all_in_its_place());
    expect_no_hole();
  }

  void TearDown() override {
    if (!HasFailure() || !storm_) return;
    const auto& log = storm_->log;
    for (auto line = log.size() - std::min<std::size_t>(log.size(), 60); line < log.size(); ++line)
      std::printf("%s\n", log[line].c_str());
    for (const std::string& said : {Host::log(), RunningDaemon::said()})
      std::printf("%s\n",
                  said.substr(said.size() - std::min<std::size_t>(said.size(), 20'000)).c_str());
  }

  const std::int64_t begun_ = now_ns();
  std::int64_t fault_begun_ = begun_;
  const unsigned seed_ = number_from("VIFCHAIN_STORM_SEED", 1);
  const std::regex only_{text_from("VIFCHAIN_STORM_ONLY", ".*")};
  const std::vector<std::vector<Fault>> faults_ = storm_faults();
  std::map<Act, std::int64_t> usual_;  // nanoseconds
  std::string left_behind_;
  std::optional<Storm> storm_;
};

TEST_F(AStorm, OpensNoFilter) {
  constexpr std::int64_t long_enough = 90'000'000'000;
  const unsigned wanted = number_from("VIFCHAIN_STORM_FAULTS", 0);
  std::printf("VIFCHAIN_STORM_SEED=%u\n", seed_);
  ASSERT_NO_FATAL_FAILURE(begin(24));
  unsigned done = 0;
  const auto goes_on = [&] {
    if (HasFailure()) return false;  // what follows would be about the same
    return wanted != 0 ? done < wanted : done < 150 && now_ns() - begun_ < long_enough;
  };
  for (; goes_on(); ++done) {
    SCOPED_TRACE("fault " + std::to_string(done) +
                 ", VIFCHAIN_STORM_SEED=" + std::to_string(seed_));
    if (!storm_->daemon && (done == 0 || luck(4) == 0))
      storm_->begin_daemon(RunningDaemon::Begun::waited_for);
    ASSERT_NO_FATAL_FAILURE(one_fault(done % 2 == 0));
  }
  ASSERT_NO_FATAL_FAILURE(must_run(StormWorld::apply()));
  EXPECT_EQ(world().what_is_too_many(), "") << "apply puts it right";
  EXPECT_EQ(world().what_is_left_behind(), "") << "apply takes it away";
  std::printf("%u faults\n%s%s", done, world().traffic().in_words().c_str(),
              world().ledger().in_words().c_str());
}

// ---- Its own eyes

TEST_F(AStorm, SeesWhatAnUnfilteredGuestForges) {
  ASSERT_NO_FATAL_FAILURE(begin(7));
  const auto all_heard = [&] {
    const Ledger& judged = world().judged();
    for (std::size_t kind = 0; kind < frame_kinds; ++kind)
      if (const auto which = static_cast<FrameKind>(kind);
          !is_honest(which) && judged.permitted(which) == 0)
        return false;
    return true;
  };
  EXPECT_TRUE(eventually(all_heard));
  EXPECT_EQ(world().judged().take_holes().size(), 0U);
}

TEST_F(AStorm, SeesAHole) {
  ASSERT_NO_FATAL_FAILURE(begin(7));
  world().traffic().let_a_round_pass();
  EXPECT_EQ(world().judged().take_holes().size(), 0U);
  sh("nft 'delete element bridge vifchain mode { \"vif12.0\" }; "
     "add element bridge vifchain mode { \"vif12.0\" : accept }'");
  std::vector<HeardFrame> holes;
  ASSERT_TRUE(eventually([&] { return !(holes = world().judged().take_holes()).empty(); }));
  EXPECT_EQ(holes.front().mark.sender, 12U);
  EXPECT_NE(world().what_is_missing(), "");
}

TEST_F(AStorm, SeesAGuestThatIsMute) {
  ASSERT_NO_FATAL_FAILURE(begin(7));
  sh("nft flush set bridge vifchain own_ip4");
  world().traffic().let_a_round_pass();
  const auto now = now_ns();
  world().traffic().let_a_round_pass();
  EXPECT_NE(world().who_is_mute(now), "");
}

}  // namespace
}  // namespace vifchain::test
