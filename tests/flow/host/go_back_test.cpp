// SPDX-License-Identifier: Apache-2.0
// What going back does with files, with what it remembers, and with what cannot be put back.
#include "flow/host/go_back.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "edge/base/descriptor.hpp"
#include "edge/base/durable_file.hpp"
#include "edge/state/change_lock.hpp"
#include "edge/state/rollback_file.hpp"
#include "fake_env.hpp"
#include "flow/run/converge.hpp"
#include "names.hpp"

namespace vifchain {
namespace {

FileState state(const std::string& text, unsigned mode = 0644) {
  return {.text = text, .mode = mode, .uid = ::getuid(), .gid = ::getgid()};
}

// A file that was applied before as "old", and then as "new".
struct Host : FakeEnv {
  Host() {
    keep_file(env.places.config, "new");
    way.files = {{env.places.config, state("new"), state("old", 0600)}};
  }

  [[nodiscard]] std::string beside(const std::string& suffix) const {
    return read_file(env.places.config + suffix).value_or("(none)");
  }
  void go_back() { put_files_back(way, env.places, log); }

  RollbackRecord way{.phase = Phase::going_back, .window = 60};
};

TEST(AFileThatGoesBack, IsNotKeptBesideWhereNobodyHasEditedIt) {
  Host host;
  host.go_back();
  EXPECT_EQ(host.beside(""), "old");
  EXPECT_EQ(host.beside(".unconfirmed"), "new");
  EXPECT_EQ(host.beside(".edited"), "(none)");
}

TEST(AFileThatGoesBack, KeepsWhatSomebodyWritesInTheLastMoment) {
  Host host;
  host.log.tell_also([&](Level, std::string_view) {
    if (host.beside("") == "new") keep_file(host.env.places.config, "a last word");
  });
  host.go_back();
  EXPECT_EQ(host.beside(""), "old");
  EXPECT_EQ(host.beside(".edited"), "a last word");
}

TEST(AFileThatGoesBack, HasItsModeBackThoughItsTextIsThatAlready) {
  Host host;
  keep_file(host.env.places.config, "old", 0644);
  host.go_back();
  EXPECT_EQ(owner_of(host.env.places.config).mode, 0600U);
  EXPECT_EQ(host.beside(".unconfirmed"), "(none)");
}

TEST(AFileThatGoesBack, WasConfirmedWhereTheChangeHadNoWindow) {
  Host host;
  host.way.window = 0;
  host.go_back();
  EXPECT_EQ(host.beside(".undone"), "new");
  EXPECT_EQ(host.beside(".unconfirmed"), "(none)");
}

TEST(WhatIsRemembered, IsOfFilesThatAreThere) {
  Host host;
  const auto& places = host.env.places;
  const std::string other = host.folder / "other.toml";
  keep_file(other, "");
  remember_files(places, {{other, state("a"), {}}});
  EXPECT_TRUE(applied_file(places, other, {}).before);
  drop_file(other);
  remember_files(places, {{places.config, state("new"), {}}});
  EXPECT_FALSE(applied_file(places, other, {}).before);
}

TEST(WhatIsRemembered, IsUnconfirmedNoMore) {
  Host host;
  const auto& places = host.env.places;
  keep_file(places.unconfirmed, "new");
  EXPECT_TRUE(is_unconfirmed(places));
  keep_file(places.config, "another");
  EXPECT_FALSE(is_unconfirmed(places)) << "that text was never applied at all";
  keep_file(places.config, "new");
  remember_files(places, {{places.config, state("new"), {}}});
  EXPECT_FALSE(is_unconfirmed(places));
}

TEST(WhatIsRemembered, KnowsTheChangesOfTwoBootsApart) {
  Host host;
  host.way.boot = "one";
  remember_applied(host.env.places, host.way);
  host.way.boot = "another";
  remember_applied(host.env.places, host.way);
  forget_last_applied(host.env.places, host.way);
  ASSERT_TRUE(last_applied(host.env.places));
  EXPECT_EQ(last_applied(host.env.places)->boot, "one");
}

TEST(Rollback, HasOurLinksWithTheirMacsAndOurClientsAlone) {
  HostPlan plan;
  const Mac mac{{2, 0, 0, 0, 0, 1}};
  plan.before.emplace(name("br0"),
                      Link{.name = name("br0"), .kind = Bridge{}, .mac = mac, .ours = true});
  plan.desired.emplace(name("br0"), Link{.name = name("br0"), .kind = Bridge{}, .mtu = 1400});
  plan.clients = {{.link = name("br0"), .ours = true}, {.link = name("eth1"), .ours = false}};
  const RollbackRecord way = rollback_record_from(plan, {});
  EXPECT_EQ(way.goal.at(name("br0"))->birth.mac, mac);
  ASSERT_EQ(way.clients.size(), 1U);
  EXPECT_EQ(way.clients.front().link, name("br0"));
}

// eth0 was a port of br0, and xenbr1 was not there; now somebody has eth0.
struct Taken : Host {
  Taken() {
    kernel.add_nic({.name = name("eth0"), .mac = {{2, 0, 0, 0, 0, 1}}});
    for (const char* bridge : {"br0", "xenbr1"})
      kernel.perform({{Create{{.name = name(bridge), .kind = Bridge{}, .up = true}}, "a test"}});
    kernel.try_step_as_somebody(Create{{.name = name("theirs"), .kind = Bridge{}}});
    kernel.try_step_as_somebody(Join{name("eth0"), name("theirs")});
    way.goal.emplace(name("xenbr1"), std::nullopt);
    way.goal.emplace(name("br0"), Link{.name = name("br0"), .kind = Bridge{}});
    way.goal.emplace(name("eth0"), Link{.name = name("eth0"), .controller = name("br0")});
  }
};

TEST(Rollback, DoesWhatCanBeDoneAndSaysTheRest) {
  Taken host;
  EXPECT_EQ(undone_in_words(host.kernel, host.way).front(), "delete xenbr1");
  EXPECT_FALSE(is_as_before(host.env, host.way));
  const HostPlan done = put_links_back(host.env, host.way, {.allow_disrupt = true});
  EXPECT_FALSE(host.kernel.everything().contains(name("xenbr1")));
  ASSERT_FALSE(done.left_out.empty());
  EXPECT_NE(in_words(done.left_out.front()).find("already a port of foreign bridge theirs"),
            std::string::npos)
      << in_words(done.left_out.front());
  EXPECT_FALSE(is_as_before(host.env, host.way));
  host.kernel.try_step_as_somebody(Leave{name("eth0")});
  put_links_back(host.env, host.way, {.allow_disrupt = true});
  EXPECT_EQ(host.kernel.everything().at(name("eth0")).controller, name("br0"));
  EXPECT_TRUE(is_as_before(host.env, host.way));
}

// A bridge that was made since, and that somebody uses, who is no guest.
TEST(Rollback, IsDoneThoughALinkThatIsInUseStays) {
  Taken host;
  host.way.goal.erase(name("eth0"));
  ASSERT_EQ(host.kernel.try_step_as_somebody(Leave{name("eth0")}), 0);
  ASSERT_EQ(host.kernel.try_step_as_somebody(Join{name("eth0"), name("xenbr1")}), 0);
  const HostPlan done = put_links_back(host.env, host.way, {.allow_disrupt = true});
  EXPECT_TRUE(done.left_out.empty()) << in_words(done.left_out.front());
  EXPECT_TRUE(host.kernel.everything().contains(name("xenbr1")));
  EXPECT_TRUE(is_as_before(host.env, host.way));
}

TEST(Rollback, LeavesGuestsTheirBridgeWithoutTheRoutesOfThisHost) {
  Host host;
  host.kernel.add_nic({.name = name("vif5.0"), .mac = vif_mac});
  const Route route{.to = LinkAddress::parse("2001:db8:9::/48").value()};
  ASSERT_EQ(host.kernel.try_step(Create{{.name = name("br0"), .kind = Bridge{}, .up = true}}), 0);
  const auto address = LinkAddress::parse("192.0.2.1/24").value();
  ASSERT_EQ(host.kernel.try_step(SetAddresses{name("br0"), {address}, {}}), 0);
  ASSERT_EQ(host.kernel.try_step(SetRoutes{name("br0"), {route}, {}}), 0);
  ASSERT_EQ(host.kernel.try_step(Join{name("vif5.0"), name("br0")}), 0);
  host.way.goal.emplace(name("br0"), std::nullopt);
  put_links_back(host.env, host.way, {.allow_disrupt = true});
  EXPECT_EQ(host.kernel.everything().at(name("vif5.0")).controller, name("br0"));
  const Actual links = host.kernel.snapshot({{.name = name("br0"), .routes = true}});
  EXPECT_EQ(links.at(name("br0")).routes, std::vector<Route>{});
}

TEST(Rollback, NamesTheFileThatGoesBackToo) {
  Host host;
  const std::vector<std::string> lines{"restore " + host.env.places.config +
                                       " as it was applied before"};
  EXPECT_EQ(undone_in_words(host.kernel, host.way), lines);
}

TEST(Rollback, DISABLED_NamesThisProgram) {
  EXPECT_EQ(rollback_record_from({}, {}).program, std::getenv("PROGRAM"));
}

// As an upgrade replaces it: another version has its place by then.
TEST(Rollback, NamesAProgramThatWasReplacedSinceByItsPlace) {
  const TempFolder folder;
  const std::string program = folder / "program";
  std::filesystem::copy_file("/proc/self/exe", program);
  const Descriptor open(::open(program.c_str(), O_RDONLY | O_CLOEXEC));
  std::filesystem::remove(program);
  const pid_t child = ::fork();
  if (child == 0) {
    ::setenv("PROGRAM", program.c_str(), 1);
    std::string words[] = {"test", "--gtest_also_run_disabled_tests",
                           "--gtest_filter=Rollback.DISABLED_NamesThisProgram"};
    char* const argv[] = {words[0].data(), words[1].data(), words[2].data(), nullptr};
    ::unsetenv("GTEST_OUTPUT");
    ::fexecve(open.number(), argv, environ);
    ::_exit(2);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(WhoeverWantsToChangeTheHost, IsRefusedWhileAChangeWaitsAndNotOnceItIsConfirmed) {
  Host host;
  const auto& places = host.env.places;
  const auto watcher = ChangeLock::if_free(places.state_folder(), Hold::exclusive);
  host.way.phase = Phase::waiting;
  keep_file(places.rollback, document_of(host.way));
  EXPECT_THROW(refuse_if_forgotten(places), Refusal);
  EXPECT_THROW(take_turn(host.env, Hold::exclusive), Refusal);
  host.way.phase = Phase::confirmed;
  keep_file(places.rollback, document_of(host.way));
  EXPECT_NO_THROW(refuse_if_forgotten(places));
}

TEST(WhoeverWantsToChangeTheHost, HasItForThemselves) {
  Host host;
  const auto& places = host.env.places;
  const ChangeLock turn = take_turn(host.env, Hold::exclusive);
  EXPECT_FALSE(ChangeLock::if_free(places.state_folder(), Hold::shared));
}

TEST(TheChangeLock, IsHeldByThoseWhoShareItToo) {
  const TempFolder folder;
  const auto one = ChangeLock::if_free(folder.path(), Hold::shared);
  EXPECT_TRUE(ChangeLock::is_held(folder.path()));
}

TEST(TheWindow, EndsByTheClockOfTheWallTooForThoseWhoComeAfterTheNextBoot) {
  RollbackRecord way{.boot = "another", .window = 60};
  begin_window(way);
  EXPECT_GT(time_left(way), 50'000);
  EXPECT_LE(time_left(way), 60'000);
}

}  // namespace
}  // namespace vifchain
