// SPDX-License-Identifier: Apache-2.0
// The record of a change: what is written can be read, by people too; what cannot be read is named.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "edge/base/durable_file.hpp"
#include "edge/base/error.hpp"
#include "edge/state/change_lock.hpp"
#include "edge/state/link_json.hpp"
#include "edge/state/nic_memory.hpp"
#include "edge/state/rollback_file.hpp"
#include "fake_env.hpp"
#include "flow/host/checkpoint.hpp"
#include "flow/run/converge.hpp"
#include "names.hpp"
#include "random_links.hpp"

namespace vifchain {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

RollbackRecord read(const std::string& document) {
  auto way = rollback_record_in(document);
  if (const auto* why = std::get_if<std::string>(&way)) throw std::runtime_error(*why);
  return std::get<RollbackRecord>(std::move(way));
}

std::string why_not(const std::string& document) {
  const auto way = rollback_record_in(document);
  const auto* why = std::get_if<std::string>(&way);
  return why == nullptr ? "" : *why;
}

// All that a link can have, so that a member whose value is lost is seen.
Link full_link() {
  Link link{.name = name("bond1.3")};
  link.kind = Vlan{.parent = name("bond1"),
                   .id = VlanId::from(3).value(),
                   .protocol = VlanProtocol::ieee_802_1ad,
                   .options = {{Option::vlan_egress_qos_map, QosMap{{1, 2}, {3, 4}}}}};
  link.controller = name("xenbr0");
  link.keep_controller = true;
  link.may_leave = name("xenbr1");
  link.port = {{Option::port_learning, std::int64_t{0}}, {Option::port_cost, std::int64_t{7}}};
  link.vlans = {{VlanId::from(9).value(), true, true}};
  link.fdb = {{{{2, 0, 0, 0, 0, 1}}, VlanId::from(9)}, {{{2, 0, 0, 0, 0, 2}}}};
  link.mtu = 9000;
  link.mac = Mac{{2, 0, 0, 0, 0, 3}};
  link.up = false;
  link.addr_gen = AddrGen::stable_privacy;
  LinkAddress address = LinkAddress::parse("10.0.0.5/24").value();
  address.traits.label = "eth0:1";
  address.traits.valid = 77;
  link.addresses = {address, LinkAddress::parse("2001:db8::5/64").value()};
  Route route = default_route(IpAddress::parse("2001:db8::1").value());
  route.features = {{2, 1400}};
  link.routes = {route};
  link.keep_addresses = true;
  link.slb = SlbRules{{name("eth0")}, true};
  link.birth = {{{Option::bridge_stp, std::int64_t{0}}}, Mac{{2, 0, 0, 0, 0, 4}}, 1400};
  link.permanent_mac = Mac{{2, 0, 0, 0, 0, 5}};
  link.ours = true;
  return link;
}

TEST(RollbackDocument, KeepsAllThatALinkHas) {
  const Link link = full_link();
  const Link again = link_from(json_of(link));
  EXPECT_EQ(again, link);
  EXPECT_EQ(again.addresses->front().traits.label, "eth0:1");
  EXPECT_EQ(again.addresses->front().traits.valid, 77U);
}

// A member that full_link() does not set would be lost without a word.
TEST(RollbackDocument, IsTriedWithEveryMember) {
  const Json empty = json_of(Link{.name = name("bond1.3")});
  std::size_t members = 0;
  const Json full = json_of(full_link());
  for (const auto& [key, value] : full.items()) {
    ++members;
    EXPECT_EQ(empty.contains(key), key == "name" || key == "kind") << key;
  }
  EXPECT_EQ(members, 19U) << "the members of a link (core/model/link.hpp): set the new one above";
}

TEST(RollbackDocument, KeepsWhatAnyHostMayHave) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    RollbackRecord way;
    for (const auto& [link, value] : host_of(random_case(seed)).everything())
      way.goal.emplace(link, value);
    way.goal.emplace(name("gone0"), std::nullopt);
    EXPECT_EQ(read(document_of(way)), way) << seed;
  }
}

RollbackRecord some_change() {
  return {.phase = Phase::waiting,
          .opened = {.pid = 812, .user = "root", .terminal = "pts/1", .command = "vifchain apply"},
          .boot = this_boot(),
          .window = 60,
          .files = {{"/etc/xen/vifchain.toml",
                     {.text = "# one\n[bridge.xenbr0]\n", .mode = 0600, .uid = 5, .gid = 6},
                     FileState{.text = "no end of line"}},
                    {"/etc/other.toml", {.text = ""}, {}}}};
}

TEST(RollbackDocument, HasSeveralFilesLineByLine) {
  const auto way = some_change();
  const auto document = document_of(way);
  EXPECT_EQ(read(document), way);
  EXPECT_TRUE(has(document, "\"[bridge.xenbr0]\",\n")) << document;
}

TEST(RollbackDocument, KeepsWhatIsNoText) {
  RollbackRecord way;
  way.goal.emplace(name("e\xff"), std::nullopt);
  way.opened.user = "u\xff";
  way.files = {{"/etc/\xff.toml", {.text = "# \xff\n"}, {}}};
  EXPECT_EQ(read(document_of(way)), way);
}

TEST(RollbackDocument, OfTheNextVersionIsReadUnlessItMeansSomethingElse) {
  Json json = Json::parse(document_of(some_change()));
  json["more"] = {1, 2};
  EXPECT_EQ(read(json.dump()), some_change());
  json["format"] = 2;
  EXPECT_TRUE(has(why_not(json.dump()), "format 2, and this version reads format 1"));
}

TEST(RollbackDocument, WhateverIsBrokenInItIsSaid) {
  const auto whole = document_of(some_change());
  for (std::size_t size = 0; size + 2 < whole.size(); size += 7)
    EXPECT_NE(why_not(whole.substr(0, size)), "") << size;
  EXPECT_EQ(why_not("{}"), "found no such document in it");
  for (const char* odd :
       {R"({"format":1,"phase":"dancing"})", R"({"format":1,"links":[{"name":"a/b"}]})",
        R"({"format":1,"links":[{"name":"a","kind":{"is":"bridge","options":{"bond.x":1}}}]})",
        R"({"format":1,"links":7})", R"({"format":1,"window":"soon"})",
        R"({"format":1,"links":[{"name":"a","kind":{"is":"given"},"mtu":-1}]})"})
    EXPECT_NE(why_not(odd), "") << odd;
}

TEST(KeptNic, IsAsItWasOrNotKept) {
  const TempFolder folder;
  const Link nic{.name = name("eth0"), .mtu = 1480, .up = true, .addr_gen = AddrGen::none};
  keep_nic(folder.path(), nic);
  EXPECT_EQ(recorded_nic(folder.path(), name("eth0")), nic);
  keep_file(folder / "eth1", "what is this");
  EXPECT_FALSE(recorded_nic(folder.path(), name("eth1")));
}

TEST(ReplacedFile, IsTheOneThatTheLinkLeadsTo) {
  const TempFolder folder;
  keep_file(folder / "real.toml", "before");
  ASSERT_EQ(::symlink("real.toml", (folder / "link.toml").c_str()), 0);
  const FileOwner owner{.mode = 0640, .uid = ::getuid(), .gid = ::getgid()};
  replace_file(folder / "link.toml", "after", owner);
  EXPECT_EQ(contents_of(folder / "real.toml"), "after");
  struct stat facts {};
  ASSERT_EQ(::lstat((folder / "link.toml").c_str(), &facts), 0);
  EXPECT_TRUE(S_ISLNK(facts.st_mode));
  EXPECT_EQ(owner_of(folder / "link.toml").mode, 0640U);
}

TEST(ReplacedFile, LeavesNoPieceBesideWhereItCannotBe) {
  const TempFolder folder;
  ASSERT_EQ(::mkdir((folder / "taken").c_str(), 0700), 0);
  keep_file(folder / "taken/in", "");
  EXPECT_THROW(replace_file(folder / "taken", "text", {}), Error);
  EXPECT_THROW(keep_file(folder / "taken", "text"), Error);
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path()))
    ++files;
  EXPECT_EQ(files, 1U);
}

TEST(TheChangeLock, IsOnePersonsUntilAllWhoInheritedItHaveEnded) {
  const TempFolder folder;
  int line[2];
  ASSERT_EQ(::pipe(line), 0);
  auto lock = ChangeLock::if_free(folder.path(), Hold::exclusive);
  ASSERT_TRUE(lock);
  const pid_t child = ::fork();
  if (child == 0) {
    char byte = 0;
    ::close(line[1]);
    ::_exit(::read(line[0], &byte, 1) == 0 ? 0 : 1);
  }
  EXPECT_TRUE(ChangeLock::is_held(folder.path()));
  EXPECT_FALSE(ChangeLock::if_free(folder.path(), Hold::shared));
  lock.reset();
  EXPECT_TRUE(ChangeLock::is_held(folder.path())) << "the child has it";
  ::close(line[1]);
  ::waitpid(child, nullptr, 0);
  EXPECT_FALSE(ChangeLock::is_held(folder.path()));
}

TEST(TheChangeLock, CanBeHadByManyWhoShareIt) {
  const TempFolder folder;
  const auto one = ChangeLock::if_free(folder.path(), Hold::shared);
  const auto other = ChangeLock::if_free(folder.path(), Hold::shared);
  EXPECT_TRUE(one && other);
  EXPECT_FALSE(ChangeLock::if_free(folder.path(), Hold::exclusive));
}

struct FakeChange : FakeEnv {
  FakeChange() {
    env.places.rollback = folder / "state/rollback";
    env.places.applied = folder / "state/applied";
    env.places.unconfirmed = folder / "state/unconfirmed.toml";
  }

  void open(Phase phase) {
    RollbackRecord way = some_change();
    begin_window(way);
    way.phase = phase;
    keep_file(env.places.rollback, document_of(way));
  }

  std::string refusal(const std::function<void()>& work) {
    try {
      work();
    } catch (const Refusal& refused) {
      return refused.what();
    }
    return "";
  }
};

TEST(OpenChange, CanBeConfirmedOnlyWhileItWaits) {
  FakeChange change;
  const auto& places = change.env.places;
  EXPECT_TRUE(has(change.refusal([&] { confirm(places); }), "no change is pending confirmation"));
  for (const Phase phase : {Phase::changing, Phase::going_back, Phase::undoing, Phase::confirmed}) {
    change.open(phase);
    EXPECT_TRUE(has(change.refusal([&] { confirm(places); }), "process 812, vifchain apply"));
    EXPECT_EQ(open_change(places)->phase, phase);
  }
  change.open(Phase::waiting);
  EXPECT_EQ(change.refusal([&] { confirm(places); }), "");
  EXPECT_EQ(open_change(places)->phase, Phase::confirmed);
}

TEST(OpenChange, GoesBackOnceAskedAndIsNotConfirmedThen) {
  FakeChange change;
  const auto& places = change.env.places;
  change.open(Phase::waiting);
  ask_to_go_back(places);
  EXPECT_TRUE(has(change.refusal([&] { confirm(places); }), "being rolled back"));
  change.open(Phase::confirmed);
  EXPECT_TRUE(has(change.refusal([&] { ask_to_go_back(places); }), ": confirmed"));
}

TEST(OpenChange, OnlyGoingBackCanBeGivenUp) {
  FakeChange change;
  const auto& places = change.env.places;
  EXPECT_NE(change.refusal([&] { give_up(places); }), "");
  for (const Phase phase : {Phase::changing, Phase::waiting, Phase::confirmed}) {
    change.open(phase);
    EXPECT_NE(change.refusal([&] { give_up(places); }), "");
  }
  change.open(Phase::going_back);
  give_up(places);
  EXPECT_FALSE(is_change_open(places));
}

TEST(OpenChange, ThatCannotBeReadIsNamedAndCanBeGivenUp) {
  FakeChange change;
  const auto& places = change.env.places;
  keep_file(places.rollback, R"({"format": 7})");
  for (const auto& work :
       std::vector<std::function<void()>>{[&] { confirm(places); }, [&] { ask_to_go_back(places); },
                                          [&] { refuse_if_forgotten(places); }}) {
    const auto text = change.refusal(work);
    EXPECT_TRUE(has(text, "rollback: found format 7") && has(text, "rollback --give-up")) << text;
  }
  give_up(places);
  EXPECT_FALSE(is_change_open(places));
  EXPECT_TRUE(has(contents_of(places.rollback + ".unreadable"), "7"));
}

TEST(OpenChange, SaysTheSecondsThatAreLeft) {
  RollbackRecord way = some_change();
  begin_window(way);
  EXPECT_TRUE(has(state_in_words(way, true), "in 60 s") || has(state_in_words(way, true), "59 s"));
  way.until_uptime -= 50'500;
  EXPECT_TRUE(has(state_in_words(way, true), " s, at "));
  EXPECT_LT(time_left(way), 9'600);
  way.boot = "another";
  way.until -= 100;
  EXPECT_LT(time_left(way), 0) << "of another boot the clock tells";
}

TEST(FilesOfAChange, GoBackToTheirTextAndOwnerAndAnEditIsKeptBeside) {
  FakeChange change;
  const std::string path = change.folder / "vifchain.toml";
  RollbackRecord way = some_change();
  way.phase = Phase::going_back;
  const unsigned me = ::getuid(), mine = ::getgid();
  way.files = {{path,
                {.text = "new", .mode = 0644, .uid = me, .gid = mine},
                FileState{.text = "old", .mode = 0600, .uid = me, .gid = mine}}};
  for (const char* edit : {"edit", "another edit"}) {
    keep_file(path, edit);
    put_files_back(way, change.env.places, change.log);
    EXPECT_EQ(contents_of(path), "old");
    EXPECT_EQ(owner_of(path).mode, 0600U);
    EXPECT_EQ(contents_of(path + ".unconfirmed"), "new");
  }
  EXPECT_EQ(contents_of(path + ".edited"), "edit");
  EXPECT_EQ(contents_of(path + ".edited-2"), "another edit");
}

TEST(FilesOfAChange, ThatWereNeverAppliedBeforeStayAndAreMarked) {
  FakeChange change;
  auto& places = change.env.places;
  places.config = change.folder / "vifchain.toml";
  keep_file(places.config, "new");
  RollbackRecord way{.window = 5, .files = {{places.config, {.text = "new"}, {}}}};
  put_files_back(way, places, change.log);
  EXPECT_EQ(contents_of(places.config), "new");
  EXPECT_TRUE(is_unconfirmed(places));
}

TEST(WhatWasApplied, IsKeptByItsPathAndTwiceBack) {
  FakeChange change;
  const auto& places = change.env.places;
  const std::string one = change.folder / "one.toml", two = change.folder / "two.toml";
  keep_file(one, ""), keep_file(two, "");
  const auto apply = [&](const std::string& path, const std::string& text, std::int64_t time) {
    RollbackRecord way = some_change();
    way.opened.time = time;
    way.files = {applied_file(places, path, {.text = text})};
    remember_applied(places, way);
    remember_applied(places, way);  // once more does no harm
    return way;
  };
  apply(one, "a", 1);
  apply(two, "b", 2);
  EXPECT_FALSE(applied_file(places, change.folder / "three", {}).before);
  const auto last = apply(one, "c", 3);
  EXPECT_EQ(last.files[0].before->text, "a") << "not that of another file";
  EXPECT_EQ(last_applied(places), last);
  forget_last_applied(places, last);
  EXPECT_EQ(applied_file(places, one, {}).before->text, "a");
  EXPECT_EQ(last_applied(places)->opened.time, 2);
  forget_last_applied(places, *last_applied(places));
  EXPECT_FALSE(last_applied(places)) << "two are kept";
}

}  // namespace
}  // namespace vifchain
