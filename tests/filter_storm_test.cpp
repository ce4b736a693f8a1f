// Guests that forge without pause while everything happens that can happen to a host: they come,
// move and go, others take the filter away or our records of it, programs are killed, hooks and
// calls of the kernel fail.
//
// VIFCHAIN_STORM_FAULTS says how many, VIFCHAIN_STORM_SEED with which luck, VIFCHAIN_STORM_ONLY
// (a regular expression) which kinds of them.
#include <gtest/gtest.h>
#include <poll.h>
#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <regex>

#include "storm_table.hpp"
#include "storm_world.hpp"

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

// What runs while something happens to it.
enum class Act : std::uint8_t { nothing, online, again, offline, move, apply };

std::string_view words(Act act) {
  constexpr std::array<std::string_view, 6> all{"nothing", "online", "online again",
                                                "offline", "a move", "apply"};
  return all.at(static_cast<std::size_t>(act));
}

class FilterStorm : public testing::Test {
 protected:
  void begin(unsigned guests) {
    world_.emplace(guests);
    ASSERT_EQ(world_->what_is_missing(), "");
    ASSERT_TRUE(eventually([&] { return world_->who_is_mute(begun_).empty(); }))
        << world_->who_is_mute(begun_);
  }

  // Every guest has sent all it has, and nothing of it passed that might not.
  void expect_no_hole() {
    world_->traffic().let_a_round_pass();
    const auto holes = world_->judged().take_holes();
    if (holes.empty()) return;
    const auto& first = holes.front();
    note("  A HOLE: " + std::string(words(first.mark.kind)) + " of guest " +
         std::to_string(first.mark.guest) + " passed " + StormWorld::bridge(first.bridge) + ", " +
         std::to_string((first.mark.sent - fault_begun_) / 1000) +
         " us after this began; such frames: " + std::to_string(holes.size()));
    ADD_FAILURE() << log_.back();
  }

  unsigned luck(unsigned below) { return some(luck_, below); }
  template <typename Item>
  const Item& one_of(const std::vector<Item>& all) {
    return all[luck(static_cast<unsigned>(all.size()))];
  }

  void note(const std::string& what) { log_.push_back(what); }

  void TearDown() override {
    if (!HasFailure()) return;
    const auto from = log_.size() - std::min<std::size_t>(log_.size(), 60);
    for (auto line = from; line < log_.size(); ++line) std::printf("%s\n", log_[line].c_str());
    const std::string said = Host::log() + RunningDaemon::said();
    std::printf("%s\n",
                said.substr(said.size() - std::min<std::size_t>(said.size(), 6000)).c_str());
  }

  const std::int64_t begun_ = now_ns();
  std::int64_t fault_begun_ = begun_;
  const unsigned seed_ = number_from("VIFCHAIN_STORM_SEED", 1);
  Luck luck_{seed_};
  std::vector<std::string> log_;
  std::optional<StormWorld> world_;
};

class AStorm : public FilterStorm {
 protected:
  // What happens to a run: before it, on its command line, in the middle of it.
  struct Fault {
    std::string name;
    std::function<void()> before = [] {};
    std::function<std::string()> prefix = [] { return std::string(); };
    std::function<void(StormRun*)> amid = [](StormRun*) {};
    std::function<void()> after = [] {};
  };

  // Of each group as often as of the others.
  void SetUp() override {
    begin_group();
    for (const auto& loss : losses_of_the_table())
      add({.name = std::string("flush ") + loss.name, .amid = [&](StormRun*) { flush(loss); }});
    begin_group();
    for (const auto& loss : losses_of_records())
      add({.name = std::string("lose ") + loss.name,
           .amid = [&](StormRun*) { note("  " + loss.work(luck_)); }});
    add_faults_of_daemons();
    begin_group();
    add_faults_of_runs();
    begin_group();
    add_faults_of_links();
    begin_group();
    if (!sh("command -v strace || true").empty()) add_faults_of_the_kernel();
    std::erase_if(groups_, [](const auto& group) { return group.empty(); });
  }

  void begin_group() { groups_.emplace_back(); }
  void add(const Fault& fault) {
    static const std::regex only(text_from("VIFCHAIN_STORM_ONLY", ".*"));
    if (std::regex_search(fault.name, only)) groups_.back().push_back(fault);
  }

  void flush(const Loss& loss) {
    world_->ledger().open_gap(loss.name);
    note("  " + loss.work(luck_));
  }

  void add_faults_of_daemons() {
    add({.name = "daemon killed", .amid = [&](StormRun*) {
           if (daemon_) daemon_->kill();
           daemon_.reset();
           if (luck(2) == 0) begin_daemon(RunningDaemon::Begun::at_once);
         }});
    add({.name = "daemon begins", .amid = [&](StormRun*) {
           if (!daemon_) begin_daemon(RunningDaemon::Begun::at_once);
         }});
  }

  void add_faults_of_runs() {
    add({.name = "nothing"});
    add({.name = "killed", .amid = [](StormRun* run) {
           if (run != nullptr) run->kill();
         }});
    add({.name = "hook fails",
         .before = [&] { set_hook("[ \"$bridge\" = " + old_bridge_ + " ]"); },
         .after = [&] { set_hook(""); }});
    add({.name = "hooks fail",
         .before = [&] { set_hook("false"); },
         .after = [&] { set_hook(""); }});
    add({.name = "twice",
         .before = [&] { begin_beside(StormWorld::online(guest_)); },
         .after = [&] { end_beside(); }});
    add({.name = "two moves",
         .before = [&] { begin_beside(StormWorld::move(guest_, any_bridge())); },
         .after = [&] { end_beside(); }});
  }

  void add_faults_of_links() {
    add({.name = "churn", .before = [&] { begin_churn(); }, .after = [&] { end_churn(); }});
    add({.name = "port taken off", .amid = [&](StormRun*) { disturb_link("nomaster"); }});
    add({.name = "port down", .amid = [&](StormRun*) { disturb_link("down"); }});
    add({.name = "link anew", .amid = [&](StormRun*) { world_->link_anew(guest_); }});
  }

  void add_faults_of_the_kernel() {
    for (const char* call : {"sendmsg", "sendto", "recvmsg", "openat", "rename", "write", "flock"})
      for (const char* way : {"error=EPERM", "error=ENOBUFS", "error=ENOSPC", "signal=KILL",
                              "delay_enter=30000", "delay_exit=30000"})
        for (const char* from : {"", "+"}) {
          const std::string what = std::string(call) + ":" + way + ":when=";
          add({.name = what + from, .prefix = [this, what, from] {
                 return inject(what + std::to_string(1 + luck(25)) + from);
               }});
        }
  }

  std::string inject(const std::string& what) {
    note("  " + what);
    return "ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o /dev/null -e trace=" +
           what.substr(0, what.find(':')) + " -e inject=" + what;
  }

  void set_hook(const std::string& command) {
    const std::string hook = "/etc/xen/scripts/vif-post.d/storm.hook";
    sh(command.empty()
           ? "rm -f " + hook
           : "printf '#!/bin/sh\\n%s\\n' '" + command + "' >" + hook + " && chmod +x " + hook);
  }

  void begin_churn() {
    sh("for i in $(seq 100); do echo 'link add churn type veth peer name churnp'; "
       "echo 'link del churn'; done >/run/churn");
    churn_.emplace("sh -c 'while :; do ip -batch /run/churn || ip link del churn; done' ");
  }

  void end_churn() {
    churn_.reset();
    sh("ip link del churn 2>/dev/null || true");
  }

  // Nobody brings a guest online that is just ending.
  void begin_beside(const std::string& words) {
    if (act_ != Act::offline) beside_.emplace(words);
  }

  void end_beside() {
    if (beside_) note("  the other ends with " + std::to_string(beside_->end()));
    beside_.reset();
  }

  void disturb_link(const std::string& words) {
    sh("ip link set vif" + std::to_string(guest_) + ".0 " + words + " 2>/dev/null || true");
  }

  void begin_daemon(RunningDaemon::Begun begun) {
    daemon_.reset();
    daemon_.emplace("", begun);
    note("  vifchaind begins");
  }

  unsigned any_bridge() { return luck(StormWorld::bridges()); }

  // ---- What runs

  Act any_act(bool moves) {
    if (moves) return Act::move;
    constexpr std::array<Act, 6> acts{Act::nothing, Act::nothing, Act::online,
                                      Act::again,   Act::offline, Act::apply};
    const Act act = acts.at(luck(acts.size()));
    if (act == Act::online && world_->guests(false).empty()) return Act::offline;
    if (act == Act::offline && world_->guests(false).size() > 4) return Act::online;
    return act;
  }

  std::string prepare(Act act, const std::string& before) {
    switch (act) {
      case Act::nothing:
        return {};
      case Act::online:
        world_->comes(guest_, any_bridge());
        return StormWorld::online(guest_, before);
      case Act::again:
        return StormWorld::online(guest_, before);
      case Act::offline:
        world_->goes(guest_);
        return StormWorld::offline(guest_, before);
      case Act::move: {
        const auto to = any_bridge();
        note("  to " + StormWorld::bridge(to));
        return StormWorld::move(guest_, to, before);
      }
      case Act::apply:
        return prepare_apply(before);
    }
    return {};
  }

  std::string prepare_apply(const std::string& before) {
    using enum Antispoof;
    if (luck(3) != 0)
      world_->write_policy(StormWorld::changing_bridge,
                           one_of(std::vector<Antispoof>{off, mac, mac_ip, closed}));
    return StormWorld::apply(before);
  }

  // A run is disturbed at any moment of the time that it takes where nothing happens.
  int run(Act act, const Fault& fault) {
    const auto words_of_it = prepare(act, fault.prefix());
    if (act == Act::nothing) {
      fault.amid(nullptr);
      return 0;
    }
    const auto start = now_ns();
    StormRun run(words_of_it);
    std::int64_t& usual = usual_.try_emplace(act, 30'000'000).first->second;
    let_pass(luck(static_cast<unsigned>(usual)));
    fault.amid(&run);
    const int code = run.end();
    usual = (usual * 7 + std::min<std::int64_t>(now_ns() - start, 500'000'000)) / 8;
    return code;
  }

  // ---- And afterwards

  // While vifchaind runs it puts right what is missing; otherwise the next event does so.
  void expect_repair() {
    if (!world_->ledger().in_a_gap()) return;
    if (daemon_) {
      ASSERT_TRUE(eventually([&] { return world_->what_is_missing(guest_).empty(); }))
          << "vifchaind runs, and " << world_->what_is_missing(guest_);
    } else {
      ASSERT_NO_FATAL_FAILURE(event_of_a_filtered_guest());
      ASSERT_EQ(world_->what_is_missing(guest_), "") << "after an event";
    }
    world_->ledger().close_gap();
    note("  repaired by " + std::string(daemon_ ? "vifchaind" : "an event"));
  }

  void event_of_a_filtered_guest() {
    StormRun run(StormWorld::online(StormWorld::first_listener + 1 + luck(5)));
    ASSERT_EQ(run.end(), 0) << StormRun::said();
  }

  // A run that was refused, failed or killed is tried again, as whoever called it would.
  void try_again(Act act) {
    const bool gone = act == Act::offline;
    StormRun run(act == Act::apply ? StormWorld::apply()
                 : gone            ? StormWorld::offline(guest_)
                                   : StormWorld::online(guest_));
    ASSERT_EQ(run.end(), 0) << StormRun::said();
    note("  tried again");
  }

  void expect_all_in_its_place() {
    const auto now = now_ns();
    const auto lost = [&] {
      world_->judged();
      return world_->who_is_mute(now);
    };
    ASSERT_TRUE(eventually([&] { return lost().empty(); })) << lost();
    ASSERT_TRUE(eventually([&] { return world_->what_is_missing().empty(); }))
        << world_->what_is_missing();
  }

  void choose_guest(Act act) {
    const auto all = world_->guests(act != Act::online);
    guest_ = one_of(all);
    old_bridge_ = StormWorld::place(guest_);
  }

  void one_fault(bool moves) {
    const Act act = act_ = any_act(moves);
    const Fault& fault = one_of(one_of(groups_));
    choose_guest(act);
    note(std::to_string(log_.size()) + ": " + fault.name + " in " + std::string(words(act)) +
         " of guest " + std::to_string(guest_) + " on " + old_bridge_);
    world_->traffic().favour(guest_);
    fault_begun_ = now_ns();
    fault.before();
    const int code = run(act, fault);
    note("  ends with " + std::to_string(code));
    fault.after();
    ++done_[fault.name];
    ASSERT_NO_FATAL_FAILURE(expect_repair());
    expect_no_hole();
    if (code != 0 || fault.name.starts_with("port") || fault.name.starts_with("link")) {
      ASSERT_NO_FATAL_FAILURE(try_again(act));
    }
    if (act == Act::apply) world_->only_new_policy();
    ASSERT_NO_FATAL_FAILURE(expect_all_in_its_place());
    expect_no_hole();
  }

  void let_daemons_come_and_go() {
    if (!daemon_ && luck(4) == 0) begin_daemon(RunningDaemon::Begun::waited_for);
  }

  void report() {
    std::vector<std::int64_t> times;
    std::size_t passed = 0;
    for (const auto& gap : world_->ledger().gaps()) {
      times.push_back((gap.until - gap.from) / 1'000'000);
      passed += gap.passed;
    }
    std::ranges::sort(times);
    std::printf("%zu forged frames sent, %zu honest ones heard, %zu rounds\n",
                world_->traffic().forged_sent(), world_->traffic().honest_heard(),
                world_->traffic().rounds());
    if (times.empty()) return;
    std::printf(
        "%zu times the filter was taken away and put right, in %lld ms (middle), %lld ms "
        "(longest); %zu forged frames passed meanwhile\n",
        times.size(), static_cast<long long>(times[times.size() / 2]),
        static_cast<long long>(times.back()), passed);
  }

  std::vector<std::vector<Fault>> groups_;
  std::map<std::string, unsigned> done_;
  std::map<Act, std::int64_t> usual_;
  Act act_ = Act::nothing;
  unsigned guest_ = 0;
  std::string old_bridge_;
  std::optional<RunningDaemon> daemon_;
  std::optional<StormRun> churn_, beside_;
};

TEST_F(AStorm, OpensNoFilter) {
  const unsigned faults = number_from("VIFCHAIN_STORM_FAULTS", 120);
  std::printf("VIFCHAIN_STORM_SEED=%u VIFCHAIN_STORM_FAULTS=%u\n", seed_, faults);
  ASSERT_NO_FATAL_FAILURE(begin(24));
  begin_daemon(RunningDaemon::Begun::waited_for);
  for (unsigned done = 0; done < faults; ++done) {
    SCOPED_TRACE("fault " + std::to_string(done) +
                 ", VIFCHAIN_STORM_SEED=" + std::to_string(seed_));
    let_daemons_come_and_go();
    ASSERT_NO_FATAL_FAILURE(one_fault(done % 2 == 0));
  }
  report();
}

// ---- The storm's own eyes

TEST_F(FilterStorm, SeesWhatAnUnfilteredGuestForges) {
  ASSERT_NO_FATAL_FAILURE(begin(7));
  world_->traffic().let_a_round_pass();
  const auto heard_all = [&] {
    for (std::size_t kind = 0; kind < frame_kinds; ++kind)
      if (const auto which = static_cast<FrameKind>(kind);
          !is_honest(which) && world_->judged().permitted(which) == 0)
        return false;
    return true;
  };
  EXPECT_TRUE(eventually(heard_all));
  EXPECT_EQ(world_->judged().holes().size(), 0U);
}

TEST_F(FilterStorm, SeesAHole) {
  ASSERT_NO_FATAL_FAILURE(begin(7));
  world_->traffic().let_a_round_pass();
  EXPECT_EQ(world_->judged().holes().size(), 0U);
  sh("nft 'delete element bridge vifchain mode { \"vif12.0\" }; "
     "add element bridge vifchain mode { \"vif12.0\" : accept }'");
  ASSERT_TRUE(eventually([&] { return !world_->judged().holes().empty(); }));
  EXPECT_EQ(world_->ledger().take_holes().front().mark.guest, 12U);
  EXPECT_NE(world_->what_is_missing(), "");
}

TEST_F(FilterStorm, SeesAGuestThatIsMute) {
  ASSERT_NO_FATAL_FAILURE(begin(7));
  sh("nft flush set bridge vifchain own_ip4");
  world_->traffic().let_a_round_pass();
  const auto now = now_ns();
  world_->traffic().let_a_round_pass();
  EXPECT_NE(world_->who_is_mute(now), "");
}

}  // namespace
}  // namespace vifchain::test
