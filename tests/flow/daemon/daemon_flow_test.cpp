// SPDX-License-Identifier: Apache-2.0
// The daemon's decisions: every fault at every call, on the fake kernel and store, and a
// clock that is set by hand.
#include "flow/daemon/daemon.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "edge/base/durable_file.hpp"
#include "edge/base/error.hpp"
#include "edge/state/chain_requests.hpp"
#include "edge/state/change_lock.hpp"
#include "edge/state/lock.hpp"
#include "edge/state/rollback_file.hpp"
#include "edge/state/vif_lock.hpp"
#include "fake_env.hpp"
#include "flow/host/changes.hpp"
#include "names.hpp"

namespace vifchain {
namespace {

using namespace std::chrono_literals;

// A domain with eth0, vif5.0 and a bridge in the file.
struct FakeDomain : FakeEnv {
  explicit FakeDomain(unsigned own_domid = 0) : domid(own_domid) {
    std::ofstream(env.places.config) << "[bridge.xenbr0]\nports = [\"eth0\"]\n";
    kernel.add_nic({.name = name("eth0"), .mac = {{2, 0, 0, 0, 0, 1}}, .up = true});
    kernel.add_nic({.name = name("vif5.0"), .mac = vif_mac});
    set("script", "/etc/xen/scripts/vif-chain");
    set("bridge", "xenbr0");
    set("online", "1");
    set("hotplug-status", "");
    set("state", "2");
    begin_anew();
  }

  // As a program that was killed and started again.
  void begin_anew() { daemon.emplace(program, ServedDomain{store, domid}, log, env.places); }

  void run(const std::string& call, const Places& places, const DaemonHost::Work& work) {
    if (!call.empty()) calls.push_back(call);
    if (before_work) before_work();
    const Places before = std::exchange(env.places, places);
    work(env);
    env.places = before;
  }

  // The program that the daemon lives in.
  struct Program final : DaemonHost {
    explicit Program(FakeDomain& of) : domain(of) {}
    void run(const std::string& call, const Places& places, const Work& work) override {
      domain.run(call, places, work);
    }
    void look(const std::function<void(Kernel&)>& work) override { work(domain.kernel); }
    [[nodiscard]] const std::map<unsigned, SeenLink>& links() const override { return domain.seen; }
    [[nodiscard]] Moment now() const override { return domain.now; }
    [[nodiscard]] std::int64_t time() const override { return 1000; }

    FakeDomain& domain;
  };

  [[nodiscard]] std::string backend() const {
    return "/local/domain/" + std::to_string(domid) + "/backend/vif/5/0";
  }
  void set(const std::string& node, const std::string& value) {
    store.write(backend() + "/" + node, value);
  }
  std::string get(const std::string& node) {
    return store.read(backend() + "/" + node).value_or("(none)");
  }

  void tell(const std::string& node) {
    const std::array paths{backend() + "/" + node};
    daemon->store_changed(paths);
  }

  // What the kernel says when a port has left its bridge.
  void tell_left(const char* port) {
    daemon->links_changed(
        {.changes = {{SeenLink{name(port), 7, 0, true}, SeenLink{name(port), 0, 0, true}}}});
  }
  void tell_gone(const char* link) {
    daemon->links_changed({.changes = {{SeenLink{name(link), 0, our_group, true}, {}}}});
  }

  void pass(std::chrono::milliseconds time) {
    now += time;
    if (daemon->due() <= now) daemon->tick();
  }

  std::optional<LinkName> bridge_of(const char* port) {
    return kernel.everything().at(name(port)).controller;
  }

  unsigned domid;
  Daemon::Moment now{1h};
  std::map<unsigned, SeenLink> seen;
  std::vector<std::string> calls;
  std::function<void()> before_work;
  Program program{*this};
  std::optional<Daemon> daemon;
};

TEST(DaemonFlow, ConnectsAVifAndThenHasNothingToDo) {
  FakeDomain domain;
  domain.tell("state");
  EXPECT_EQ(domain.get("hotplug-status"), "connected");
  EXPECT_EQ(domain.bridge_of("vif5.0"), name("xenbr0"));
  const auto runs = domain.calls.size();
  for (const char* node : {"state", "online", "hotplug-status", "mac", "bridge"}) domain.tell(node);
  EXPECT_EQ(domain.calls.size(), runs);
  EXPECT_EQ(domain.daemon->due(), Daemon::Moment::max());
}

TEST(DaemonFlow, DoesNotTryAgainUntilTheCauseHasChanged) {
  FakeDomain domain;
  domain.set("bridge", "xenbr7");
  domain.tell("state");
  EXPECT_EQ(domain.get("hotplug-status"), "error");
  const auto runs = domain.calls.size();
  for (int i = 0; i < 5; ++i) domain.tell("hotplug-status");
  EXPECT_EQ(domain.calls.size(), runs);
  std::ofstream(domain.env.places.config) << "[bridge.xenbr7]\nports = [\"eth0\"]\n";
  domain.daemon->file_changed();
  domain.pass(1s);
  EXPECT_EQ(domain.get("hotplug-status"), "connected");
  EXPECT_TRUE(domain.daemon->report().waiting.empty());
}

TEST(DaemonFlow, ServesTwoHundredVifsWithoutReadingAllLinks) {
  FakeDomain domain;
  domain.tell("state");  // which makes the chain
  const int before = domain.kernel.dumps();
  std::vector<std::string> paths;
  for (unsigned domid = 100; domid < 300; ++domid) {
    const std::string number = std::to_string(domid);
    const std::string folder = "/local/domain/0/backend/vif/" + number + "/0/";
    domain.kernel.add_nic({.name = name(("vif" + number + ".0").c_str()), .mac = vif_mac});
    for (const auto& [node, value] : {std::pair{"script", "vif-chain"},
                                      {"bridge", "xenbr0"},
                                      {"hotplug-status", ""},
                                      {"state", "2"}})
      domain.store.write(folder + node, value);
    paths.push_back(folder + "state");
  }
  domain.daemon->store_changed(paths);
  EXPECT_EQ(domain.daemon->report().counters.attached, 201U);
  EXPECT_EQ(domain.kernel.dumps(), before);
}

TEST(DaemonFlow, PathsOfOthersAndOddOnesAreNoVifs) {
  FakeDomain domain;
  const std::array<std::string, 9> odd{"",
                                       "/",
                                       "/local/domain/0/backend/vif",
                                       "/local/domain/0/backend/vif/",
                                       "@releaseDomain",
                                       "/local/domain/0/backend/vif/x/0/state",
                                       "/local/domain/0/backend/vif/5/-1/state",
                                       "/local/domain/0/backend/vif/99999999999/0/state",
                                       "/local/domain/1/backend/vif/5/0/state"};
  domain.daemon->store_changed(odd);
  EXPECT_TRUE(domain.calls.empty());
}

class AnyFault : public ::testing::TestWithParam<FakeKernel::AfterFailure> {};

TEST_P(AnyFault, OfTheStoreIsOverWhenItIsToldToLookAgain) {
  int faults = 0;
  for (int call = 1;; ++call) {
    FakeDomain domain;
    domain.kernel.set_after_failure(GetParam());
    domain.store.fail_at(call);
    EXPECT_NO_THROW(domain.tell("state")) << call;
    domain.store.fail_at(0);
    const bool went_well =
        domain.get("hotplug-status") == "connected" && domain.daemon->report().waiting.empty();
    if (went_well) break;
    ++faults;
    domain.daemon->start();
    EXPECT_EQ(domain.get("hotplug-status"), "connected") << call;
    EXPECT_EQ(domain.bridge_of("vif5.0"), name("xenbr0")) << call;
    EXPECT_TRUE(domain.daemon->report().waiting.empty()) << call;
  }
  EXPECT_GE(faults, 7);
}

TEST_P(AnyFault, OfTheKernelIsOverWhenALinkComes) {
  std::size_t faults = 0;
  for (std::size_t step = 0;; ++step) {
    FakeDomain domain;
    domain.kernel.set_after_failure(GetParam());
    domain.kernel.fail_at(step);
    EXPECT_NO_THROW(domain.tell("state")) << step;
    if (domain.get("hotplug-status") == "connected") break;
    ++faults;
    EXPECT_EQ(domain.get("hotplug-status"), "error");
    domain.daemon->links_changed({.changes = {{{}, SeenLink{name("eth9"), 0, 0, false}}}});
    domain.pass(1s);
    EXPECT_EQ(domain.get("hotplug-status"), "connected") << step;
  }
  EXPECT_GE(faults, 3U);
}

TEST_P(AnyFault, WhilePuttingAChainRightLeavesItForTheNextLook) {
  std::size_t faults = 0;
  for (std::size_t step = 0;; ++step) {
    FakeDomain domain;
    domain.kernel.set_after_failure(GetParam());
    domain.tell("state");
    ASSERT_EQ(domain.kernel.try_step_as_somebody(Delete{name("xenbr0")}), 0);
    domain.kernel.fail_at(step);
    domain.tell_gone("xenbr0");
    domain.tell_left("vif5.0");
    EXPECT_NO_THROW(domain.pass(1s)) << step;
    const auto waiting = domain.daemon->report().waiting;
    if (waiting.empty()) {
      EXPECT_EQ(domain.bridge_of("vif5.0"), name("xenbr0"));
      break;
    }
    ++faults;
    domain.daemon->start();
    EXPECT_EQ(domain.bridge_of("eth0"), name("xenbr0")) << step;
    EXPECT_EQ(domain.get("hotplug-status"), "connected") << step;
  }
  EXPECT_GE(faults, 2U);
}

INSTANTIATE_TEST_SUITE_P(Kernels, AnyFault,
                         ::testing::Values(FakeKernel::AfterFailure::go_on,
                                           FakeKernel::AfterFailure::stop),
                         [](const auto& after) {
                           return after.param == FakeKernel::AfterFailure::go_on ? "GoesOn"
                                                                                 : "Stops";
                         });

TEST(DaemonFlow, LooksAtChainsAtMostTenTimesASecond) {
  FakeDomain domain;
  domain.tell("state");
  domain.pass(1s);
  domain.tell_gone("xenbr0");
  EXPECT_EQ(domain.daemon->due(), domain.now + 10ms);
  domain.pass(10ms);
  domain.tell_gone("xenbr0");
  EXPECT_EQ(domain.daemon->due(), domain.now + 100ms);
}

TEST(DaemonFlow, LinksThatAreNobodysMatterToNobody) {
  FakeDomain domain;
  domain.tell("state");
  domain.pass(1s);
  domain.daemon->links_changed(
      {.changes = {{{}, SeenLink{name("vif9.0"), 0, 0, false}},
                   {SeenLink{name("vif9.0"), 0, 0, false}, SeenLink{name("vif9.0"), 7, 0, true}}}});
  const auto runs = domain.calls.size();
  domain.pass(1s);
  EXPECT_EQ(domain.calls.size(), runs);
}

TEST(DaemonFlow, AVifTakenOutIsForgotten) {
  FakeDomain domain(3);
  domain.tell("state");
  ASSERT_EQ(domain.get("hotplug-status"), "connected");
  EXPECT_EQ(domain.daemon->report().vifs, 1U);
  domain.set("online", "0");
  domain.set("state", "6");
  domain.tell("state");
  EXPECT_EQ(domain.get("state"), "(none)");
  EXPECT_EQ(domain.bridge_of("vif5.0"), std::nullopt);
  EXPECT_EQ(domain.daemon->report().vifs, 0U);
}

TEST(DaemonFlow, AVifIsTakenOutThoughItsPortCannotBe) {
  FakeDomain domain(3);
  domain.tell("state");
  domain.set("online", "0");
  domain.set("state", "6");
  domain.kernel.fail_at(0);
  domain.tell("state");
  EXPECT_EQ(domain.get("state"), "(none)");
}

TEST(DaemonFlow, AGuestThatIsDestroyedIsForgotten) {
  FakeDomain domain;
  domain.tell("state");
  EXPECT_EQ(domain.daemon->report().vifs, 1U);
  domain.store.remove("/local/domain/0/backend/vif/5");
  const std::array<std::string, 1> paths{"/local/domain/0/backend/vif/5"};
  domain.daemon->store_changed(paths);
  EXPECT_EQ(domain.daemon->report().vifs, 0U);
}

// libxl's own does the same, and a domain may have some 1000 nodes.
TEST(DaemonFlow, TheLastVifOfAGuestTakesTheGuestsFolderAlong) {
  FakeDomain domain(3);
  const std::string guest = "/local/domain/3/backend/vif/5";
  domain.store.write(guest + "/1/state", "2");
  domain.tell("state");
  domain.set("online", "0");
  domain.set("state", "6");
  domain.tell("state");
  EXPECT_EQ(domain.store.read(guest + "/0"), std::nullopt);
  EXPECT_EQ(domain.store.read(guest + "/1/state"), "2");
  domain.store.write(guest + "/1/script", "vif-chain");
  domain.store.write(guest + "/1/online", "0");
  domain.store.write(guest + "/1/state", "6");
  const std::array<std::string, 1> paths{guest + "/1/state"};
  domain.daemon->store_changed(paths);
  EXPECT_EQ(domain.store.read(guest), std::nullopt);
  EXPECT_EQ(domain.store.read("/local/domain/3/backend/vif"), "");
}

TEST(DaemonFlow, AFolderThatOnlyTheToolstackMayTakeAwayIsNoTrouble) {
  FakeDomain domain(3);
  domain.tell("state");
  domain.set("online", "0");
  domain.set("state", "6");
  domain.store.forbid("/local/domain/3/backend/vif/5");
  domain.tell("state");
  EXPECT_EQ(domain.get("state"), "(none)");
  EXPECT_TRUE(domain.daemon->report().waiting.empty());
}

// --- attempts that fail --------------------------------------------------------------------------

SeenLink linked(const std::string& link) {
  return {name(link.c_str()), 0, 0, true};
}

// 600 guests whose bridge is nowhere, as a toolstack leaves them.
struct ManyFailing : FakeDomain {
  ManyFailing() : FakeDomain(3) {
    std::vector<std::string> paths;
    for (unsigned guest = 100; guest < 700; ++guest) {
      const std::string place = "/local/domain/3/backend/vif/" + std::to_string(guest) + "/0/";
      for (const auto& [node, value] : {std::pair{"script", "vif-chain"},
                                        {"bridge", guest % 2 == 0 ? "even" : "odd"},
                                        {"hotplug-status", ""},
                                        {"state", "2"}})
        store.write(place + node, value);
      paths.push_back(place + "state");
    }
    daemon->store_changed(paths);
    pass(1s);
  }

  [[nodiscard]] std::size_t said() const {
    const std::string words = contents_of(folder / "xen-hotplug.log");
    return static_cast<std::size_t>(std::ranges::count(words, '\n'));
  }

  void tell_new(const std::string& link) {
    daemon->links_changed({.changes = {{{}, linked(link)}}});
    pass(1s);
  }
};

TEST(Retries, AreForTheirOwnCauseAlone) {
  ManyFailing domain;
  ASSERT_EQ(domain.daemon->report().waiting.size(), 600U);
  const auto runs = domain.calls.size();
  for (int i = 0; i < 50; ++i) domain.tell_new("eth" + std::to_string(100 + i));
  EXPECT_EQ(domain.calls.size(), runs) << "links that none of them waits for";
  domain.pass(1h);
  EXPECT_EQ(domain.calls.size(), runs) << "nor does time help";
  domain.tell_new("even");
  EXPECT_EQ(domain.calls.size(), runs + 300) << "half of them waited for that";
}

TEST(Retries, SayTheirReasonOnce) {
  ManyFailing domain;
  domain.tell_new("eth9");
  const auto said = domain.said();
  EXPECT_LE(said, 602U);
  for (int i = 0; i < 3; ++i) domain.tell_new("even");
  EXPECT_EQ(domain.said(), said);
  EXPECT_EQ(domain.daemon->report().waiting.size(), 600U);
}

// A link that comes and goes as fast as it can does not make the daemon do nothing else.
TEST(Retries, HavePausesThatGrow) {
  FakeDomain domain;
  domain.set("bridge", "xenbr7");
  domain.tell("state");
  const auto runs = domain.calls.size();
  for (int second = 0; second < 3600; ++second) {
    domain.daemon->links_changed({.changes = {{{}, linked("xenbr7")}}});
    domain.pass(1s);
  }
  EXPECT_LE(domain.calls.size(), runs + 20);
}

TEST(Retries, OfWhatFailedByAnAccidentComeByThemselves) {
  FakeDomain domain;
  domain.kernel.fail_at(0);
  domain.tell("state");
  ASSERT_EQ(domain.get("hotplug-status"), "error");
  ASSERT_NE(domain.daemon->due(), Daemon::Moment::max());
  domain.pass(2s);
  EXPECT_EQ(domain.get("hotplug-status"), "connected");
  EXPECT_EQ(domain.daemon->due(), Daemon::Moment::max());
}

TEST(Retries, FollowANodeOfTheVifThatIsPutRight) {
  FakeDomain domain;
  domain.set("bridge", "xenbr7");
  domain.tell("state");
  ASSERT_EQ(domain.get("hotplug-status"), "error");
  domain.set("bridge", "xenbr0");
  domain.tell("bridge");
  domain.pass(1s);
  EXPECT_EQ(domain.get("hotplug-status"), "connected");
}

TEST(Retries, FollowTheVifsOwnLink) {
  FakeDomain domain;
  domain.set("state", "1");
  const std::string folder = "/local/domain/0/backend/vif/9/0/";
  for (const auto& [node, value] : {std::pair{"script", "vif-chain"},
                                    {"bridge", "xenbr0"},
                                    {"hotplug-status", ""},
                                    {"state", "2"}})
    domain.store.write(folder + node, value);
  const std::array paths{folder + "state"};
  domain.daemon->store_changed(paths);
  ASSERT_EQ(domain.store.read(folder + "hotplug-status"), "error");
  domain.kernel.add_nic({.name = name("vif9.0"), .mac = vif_mac});
  domain.daemon->links_changed({.changes = {{{}, linked("vif9.0")}}});
  domain.pass(1s);
  EXPECT_EQ(domain.store.read(folder + "hotplug-status"), "connected");
}

// --- a xenstored that does not answer ------------------------------------------------------------

TEST(SilentStore, IsAskedOnceAndThenNoMoreUntilItAnswers) {
  ManyFailing domain;
  domain.tell("state");
  domain.store.fall_silent(true);
  const int before = domain.store.calls();
  std::vector<std::string> paths;
  for (unsigned domid = 100; domid < 700; ++domid)
    paths.push_back("/local/domain/3/backend/vif/" + std::to_string(domid) + "/0/state");
  domain.daemon->store_changed(paths);
  domain.tell_left("vif5.0");
  domain.pass(1s);
  EXPECT_EQ(domain.store.calls(), before + 1);
  domain.daemon->store_is_away("xenstored does not answer");
  domain.pass(1h);
  EXPECT_EQ(domain.store.calls(), before + 1);
  EXPECT_EQ(domain.daemon->report().waiting.back().subject, "xenstore");
}

TEST(SilentStore, LeavesTheKernelsSideToGoOn) {
  FakeDomain domain;
  record_chain_requests(domain.env.places.locks, {{name("xenbr0"), ChainRequest::stands}});
  domain.tell("state");
  domain.pass(1s);
  domain.store.fall_silent(true);
  domain.daemon->store_is_away("xenstored does not answer");
  ASSERT_EQ(domain.kernel.try_step_as_somebody(Delete{name("xenbr0")}), 0);
  domain.tell_gone("xenbr0");
  domain.tell_left("vif5.0");
  domain.pass(1s);
  EXPECT_EQ(domain.bridge_of("eth0"), name("xenbr0"));
  EXPECT_EQ(domain.bridge_of("vif5.0"), std::nullopt) << "what it is to be, only xenstore tells";
  domain.store.fall_silent(false);
  domain.seen = {{7, {name("vif5.0"), 0, 0, true}}};
  domain.daemon->start();
  EXPECT_EQ(domain.bridge_of("vif5.0"), name("xenbr0"));
  EXPECT_TRUE(domain.daemon->report().waiting.empty());
}

TEST(DaemonFlow, WhatIsWantedIsKnownAfterARestart) {
  FakeDomain domain;
  record_chain_requests(domain.env.places.locks, {{name("xenbr0"), ChainRequest::stands}});
  domain.set("state", "1");
  domain.begin_anew();
  domain.daemon->start();
  EXPECT_EQ(domain.bridge_of("eth0"), name("xenbr0"));
}

// ---- chains

bool stands(FakeDomain& domain, const char* link) {
  return domain.kernel.everything().contains(name(link));
}

TEST(DaemonFlow, ANewFileChangesAStandingChainWithoutAnyEventOfALink) {
  FakeDomain domain;
  domain.tell("state");
  domain.pass(1s);
  std::ofstream(domain.env.places.config) << "[bridge.xenbr0]\nports = [\"eth0\"]\nmtu = 1400\n";
  domain.daemon->file_changed();
  domain.pass(1s);
  EXPECT_EQ(domain.kernel.everything().at(name("xenbr0")).mtu, 1400U);
}

TEST(DaemonFlow, AChainThatWasTakenDownStaysDownAndIsNotEvenLookedAt) {
  FakeDomain domain;
  domain.tell("state");
  domain.pass(1s);
  record_chain_requests(domain.env.places.locks, {{name("xenbr0"), ChainRequest::stays_down}});
  ASSERT_EQ(domain.kernel.try_step_as_somebody(Delete{name("xenbr0")}), 0);
  const auto runs = domain.calls.size();
  domain.tell_gone("xenbr0");
  domain.tell_left("vif5.0");
  domain.pass(1s);
  EXPECT_EQ(domain.calls.size(), runs);
  EXPECT_FALSE(stands(domain, "xenbr0"));
}

// Between the look and the lock somebody says down.
TEST(DaemonFlow, AChainThatIsTakenDownMeanwhileStaysDown) {
  FakeDomain domain;
  record_chain_requests(domain.env.places.locks, {{name("xenbr0"), ChainRequest::stands}});
  domain.before_work = [&] {
    record_chain_requests(domain.env.places.locks, {{name("xenbr0"), ChainRequest::stays_down}});
  };
  domain.set("state", "1");
  domain.begin_anew();
  domain.daemon->start();
  EXPECT_FALSE(stands(domain, "xenbr0"));
}

TEST(DaemonFlow, AChainThatSomebodyIsAtWorkOnIsLeftAloneUntilTheyAreDone) {
  FakeDomain domain;
  domain.tell("state");
  domain.pass(1s);
  ASSERT_EQ(domain.kernel.try_step_as_somebody(Delete{name("xenbr0")}), 0);
  std::optional<Locks> theirs(std::in_place, std::vector{LockRequest{"xenbr0", Hold::exclusive}},
                              domain.deadline, domain.env.places.locks);
  const auto runs = domain.calls.size();
  domain.tell_gone("xenbr0");
  domain.tell_left("vif5.0");
  domain.pass(1s);
  EXPECT_EQ(domain.calls.size(), runs);
  theirs.reset();
  domain.pass(1s);
  EXPECT_EQ(domain.bridge_of("vif5.0"), name("xenbr0"));
}

bool says_nobody_watches(const FakeDomain& domain) {
  const auto log = read_file(domain.folder / "xen-hotplug.log");
  return log &&
         log->find("the rollback process of an unconfirmed change is gone") != std::string::npos;
}

// It is the business of whoever watches over the change, until that is over.
TEST(DaemonFlow, AChainIsLeftAloneWhileAChangeWaitsToBeConfirmed) {
  FakeDomain domain;
  const Places& places = domain.env.places;
  domain.tell("state");
  domain.pass(1s);
  auto watcher = ChangeLock::if_free(places.state_folder(), Hold::exclusive);
  keep_file(places.rollback, document_of(RollbackRecord{.phase = Phase::waiting}));
  ASSERT_EQ(domain.kernel.try_step_as_somebody(Delete{name("xenbr0")}), 0);
  const auto runs = domain.calls.size();
  domain.tell_gone("xenbr0");
  for (int seconds = 0; seconds < 5; ++seconds) domain.pass(1s);
  EXPECT_EQ(domain.calls.size(), runs);
  EXPECT_FALSE(stands(domain, "xenbr0"));
  EXPECT_FALSE(says_nobody_watches(domain)) << "somebody does";
  drop_file(places.rollback);
  watcher.reset();
  domain.pass(1s);
  EXPECT_TRUE(stands(domain, "xenbr0"));
}

// Whoever watched over it was killed: what is started then is the program that wrote the record.
TEST(DaemonFlow, AChangeThatNobodyWatchesOverIsBegunAgain) {
  FakeDomain domain;
  const std::string program = domain.folder / "again", said = domain.folder / "said";
  std::ofstream(program) << "#!/bin/sh\necho \"$@\" >" << said << ".new; mv " << said << ".new "
                         << said << "\n";
  ASSERT_EQ(::chmod(program.c_str(), 0700), 0);
  keep_file(domain.env.places.rollback,
            document_of(RollbackRecord{.phase = Phase::waiting, .program = program, .window = 60}));
  domain.daemon->file_changed();
  domain.pass(1s);
  EXPECT_FALSE(read_file(said)) << "whoever made it may just be starting a watcher";
  for (int seconds = 0; seconds < 5; ++seconds) domain.pass(1s);
  const auto limit = std::chrono::steady_clock::now() + 20s;
  while (!read_file(said) && std::chrono::steady_clock::now() < limit) ::usleep(10000);
  ASSERT_TRUE(read_file(said));
  EXPECT_TRUE(read_file(said)->starts_with("confirm --or-go-back 60 "));
  EXPECT_TRUE(says_nobody_watches(domain));
}

TEST(DaemonFlow, AChainIsNotPutRightByAFileThatWasNeverConfirmed) {
  FakeDomain domain;
  const Places& places = domain.env.places;
  domain.tell("state");
  domain.pass(1s);
  keep_file(places.unconfirmed, read_file(places.config).value());
  ASSERT_EQ(domain.kernel.try_step_as_somebody(Delete{name("xenbr0")}), 0);
  domain.tell_gone("xenbr0");
  domain.pass(1s);
  EXPECT_FALSE(stands(domain, "xenbr0"));
}

TEST(DaemonFlow, GivesWayToWhoeverKeepsChangingAChain) {
  FakeDomain domain;
  domain.tell("state");
  for (int round = 1; round <= 4; ++round) {
    domain.kernel.try_step_as_somebody(Leave{name("eth0")});
    domain.daemon->links_changed(
        {.changes = {{SeenLink{name("eth0"), 7, 0, true}, SeenLink{name("eth0"), 0, 0, true}}}});
    domain.pass(1s);
    EXPECT_EQ(domain.bridge_of("eth0").has_value(), round <= 3) << round;
  }
  EXPECT_EQ(domain.daemon->report().counters.gave_way, 1U);
  domain.pass(61s);
  EXPECT_EQ(domain.bridge_of("eth0"), name("xenbr0")) << "a minute later it is tried again";
}

TEST(DaemonFlow, GivesWayToWhoeverKeepsTakingAPortAway) {
  FakeDomain domain;
  domain.tell("state");
  for (int round = 1; round <= 4; ++round) {
    domain.kernel.try_step_as_somebody(Leave{name("vif5.0")});
    domain.tell_left("vif5.0");
    domain.pass(1s);
    EXPECT_EQ(domain.bridge_of("vif5.0").has_value(), round <= 3) << round;
  }
  EXPECT_EQ(domain.daemon->report().counters.gave_way, 1U);
}

// With vif5.0 behind its filter.
struct FilteredDomain : FakeDomain {
  FilteredDomain() {
    std::ofstream(env.places.config)
        << "[bridge.xenbr0]\nports = [\"eth0\"]\nvif = { antispoof = \"mac\" }\n";
    set("mac", "02:00:00:00:00:05");
    daemon->start();
    settle();
  }
  void settle() {
    for (int times = 0; times < 5; ++times) pass(200ms);
  }
  Antispoof mode() {
    const auto has = kernel.net().shown(name("vif5.0")).filter;
    return has->spoilt ? Antispoof::off : has->mode;
  }
};

TEST(DaemonFilters, AreBackAMomentAfterSomebodyTookThemAway) {
  FilteredDomain domain;
  ASSERT_EQ(domain.mode(), Antispoof::mac);
  domain.kernel.lose_filters();
  domain.daemon->filters_changed({.of_ours = true});
  domain.pass(100ms);
  EXPECT_EQ(domain.mode(), Antispoof::mac);
  domain.kernel.spoil_filters();
  domain.daemon->filters_changed({.lost = true});
  domain.pass(100ms);
  EXPECT_EQ(domain.mode(), Antispoof::mac) << "the kernel could not say what was changed";
  const auto report = domain.daemon->report();
  ASSERT_FALSE(report.repairs.empty());
  EXPECT_EQ(report.repairs.front().subject, "vif5.0");
}

TEST(DaemonFilters, AreNotReadWhenOtherTablesChange) {
  FilteredDomain domain;
  const int dumps = domain.kernel.dumps();
  domain.kernel.lose_filters();  // of which the kernel says nothing
  for (int times = 0; times < 100; ++times) domain.daemon->filters_changed({});
  domain.settle();
  EXPECT_EQ(domain.kernel.dumps(), dumps);
  EXPECT_EQ(domain.mode(), Antispoof::off);
}

TEST(DaemonFilters, AreLookedAtOnceAndNotWithEveryLink) {
  FilteredDomain domain;
  domain.daemon->filters_changed({.of_ours = true});
  domain.settle();
  const int dumps = domain.kernel.dumps();
  for (int times = 0; times < 3; ++times) {
    domain.daemon->links_changed({.changes = {{{}, SeenLink{name("eth9"), 0, 0, true}}}});
    domain.settle();
  }
  EXPECT_EQ(domain.kernel.dumps(), dumps);
}

TEST(DaemonFilters, AreLookedAtAgainWhereThatFailed) {
  FilteredDomain domain;
  domain.kernel.lose_filters();
  domain.before_work = [] { throw Error(EIO, "a test"); };
  domain.daemon->filters_changed({.of_ours = true});
  domain.settle();
  EXPECT_EQ(domain.mode(), Antispoof::off);
  domain.before_work = {};
  domain.pass(1s);
  EXPECT_EQ(domain.mode(), Antispoof::mac);
}

TEST(DaemonFilters, AreLookedAtWhenItBegins) {
  FilteredDomain domain;
  domain.kernel.lose_filters();
  domain.begin_anew();
  domain.daemon->start();
  domain.settle();
  EXPECT_EQ(domain.mode(), Antispoof::mac);
}

TEST(DaemonFilters, OfAVifThatAnotherRunIsAtArePutRightAfterIt) {
  FilteredDomain domain;
  domain.kernel.lose_filters();
  {
    const VifLock theirs({domain.env.places.locks}, {5, 0}, domain.deadline);
    domain.daemon->filters_changed({.of_ours = true});
    domain.pass(100ms);
    EXPECT_EQ(domain.mode(), Antispoof::off);
  }
  domain.pass(1500ms);
  EXPECT_EQ(domain.mode(), Antispoof::mac);
}

}  // namespace
}  // namespace vifchain
