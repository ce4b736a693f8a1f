// SPDX-License-Identifier: Apache-2.0
// What guests can send through a filter: a bridge with guests' ports and an uplink, frames put in
// at the guest's end and heard, or not, at the uplink's.
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "core/plan/plan.hpp"
#include "edge/base/error.hpp"
#include "edge/filter/filter.hpp"
#include "edge/filter/filter_records.hpp"
#include "edge/filter/nft_monitor.hpp"
#include "filter_frames.hpp"
#include "host.hpp"
#include "netns.hpp"
#include "temp_folder.hpp"

namespace vifchain::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string ruleset() {
  return sh("nft list ruleset");
}

bool is_loaded() {
  std::ifstream maps("/proc/self/maps");
  const std::string text{std::istreambuf_iterator<char>(maps), {}};
  return text.find("libnftables") != std::string::npos;
}

// True when rules can ask for a frame's bridge.
bool kernel_tells_bridges_apart() {
  const Namespace nowhere;
  try {
    sh("nft 'add table bridge t; add chain bridge t c; add rule bridge t c meta ibrname x accept'");
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

// A port's link, and its filter.
struct Guarded {
  std::string port;
  PortFilter filter;
};

Guarded elsewhere(Guarded guarded, const char* mac_text, const char* address) {
  guarded.filter.mac = mac(mac_text);
  guarded.filter.addresses = {{ip(address), 32}};
  return guarded;
}

void put(Filter& filter, const std::string& owner, Guarded guarded) {
  guarded.filter.owner = LinkName::parse(owner);
  filter.put(name(guarded.port), guarded.filter);
}

// From a guest's port to somewhere else.
struct Way {
  const char* port;
  const char* out = "eth0p";
  const char* beside = "eth1p";  // the far end of a port without a filter
};

class Passage {
 public:
  explicit Passage(const Way& way)
      : in_(std::string(way.port) + "p"), out_(way.out), beside_(way.beside) {}

  // Whether the frame goes in at one end and comes out at the other, before one that is sent
  // behind it, by another port.
  [[nodiscard]] bool lets_pass(const Bytes& sent) const {
    static std::uint8_t number = 0;
    const Bytes last = frame(everybody, mac("02:00:00:00:00:99"), 0x88b6, Bytes(46, ++number));
    in_.send(sent);
    beside_.send(last);
    const auto heard = out_.heard_until(last);
    return std::ranges::find(heard, untagged(sent)) != heard.end();
  }

 private:
  Wire in_, out_, beside_;
};

class FilterTest : public KernelTest {
 protected:
  static constexpr std::int64_t off = 0;

  void SetUp() override {
    make_bridge("xenbr0");
    make_port("eth0", "xenbr0");
    make_port("eth1", "xenbr0");
  }

  void make_bridge(const std::string& bridge) {
    perform(*kernel_, {Create{{.name = name(bridge),
                               .kind = Bridge{{{Option::bridge_stp, off},
                                               {Option::bridge_forward_delay, off},
                                               {Option::bridge_mcast_snooping, off}}},
                               .up = true}}});
  }

  // Told to forward at once where that can be: the kernel looks at new links' carriers once a
  // second.
  void make_port(const std::string& port, const std::string& bridge) {
    make_nic(port);
    perform(*kernel_, {Join{name(port), name(bridge)}, up(port), up(port + "p")});
    const auto forwards = [&] {
      sh("bridge link set dev " + port + " state 3 2>/dev/null || true");
      return sysfs(port + "/brport/state") == "3";
    };
    ASSERT_TRUE(eventually(forwards)) << port;
  }

  static void expect_all(const std::vector<Sent>& frames, bool pass, const Way& way) {
    const Passage passage(way);
    for (const auto& [what, sent] : frames) EXPECT_EQ(passage.lets_pass(sent), pass) << what;
  }

  static bool passes(const Sent& sent, const Way& way) {
    return Passage(way).lets_pass(sent.frame);
  }

  static Guarded guard(const std::string& port, Antispoof mode = Antispoof::mac_ip,
                       const char* bridge = "xenbr0") {
    return {port, guest_filter(port, bridge, mode)};
  }
  void put(const std::string& owner, const Guarded& guarded) {
    test::put(*filter_, owner, guarded);
  }
  // What the kernel has.
  PortFilter filter_now(const std::string& port) {
    const auto table = filter_->read().value();
    const auto found = table.ports.find(name(port));
    return found == table.ports.end() ? PortFilter{} : found->second;
  }

  TempFolder folder_;
  std::unique_ptr<Filter> filter_ = open_filter(folder_ / "filters");
};

TEST_F(FilterTest, CostsNothingWhereThereIsNone) {
  EXPECT_FALSE(filter_->present("vif5.0"));
  filter_->remove("vif5.0");
  EXPECT_FALSE(is_loaded());
  EXPECT_FALSE(std::filesystem::exists(folder_ / "filters"));
  put("vif5.0", guard("vif5.0"));
  EXPECT_TRUE(is_loaded());
}

TEST_F(FilterTest, LeavesNoTableWhereNobodyNeedsIt) {
  filter_->drop_unused();
  EXPECT_FALSE(is_loaded());
  put("vif5.0", guard("vif5.0"));
  filter_->drop_unused();
  EXPECT_THAT(ruleset(), HasSubstr("\"vif5.0\"")) << "somebody needs it";
  filter_->remove("vif5.0");
  filter_->drop_unused();
  EXPECT_EQ(ruleset(), "");
  put("vif6.0", guard("vif6.0"));
  EXPECT_THAT(ruleset(), HasSubstr("\"vif6.0\""));
}

TEST_F(FilterTest, IsRefusedInWordsWithoutTheLibrary) {
  sh("mount --bind /dev/null $(ldconfig -p | sed -n 's/.*libnftables.so.1 .* => //p' | head -1)");
  try {
    put("vif5.0", guard("vif5.0"));
    FAIL() << "it was put";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("loading libnftables.so.1 (package libnftables1): "));
  }
  EXPECT_FALSE(filter_->present("vif5.0"));
}

// As somebody who may not change the kernel's tables.
TEST_F(FilterTest, IsAsItWasWhenTheKernelRefuses) {
  constexpr uid_t nobody = 65534;
  ASSERT_EQ(chown(folder_.path().c_str(), nobody, nobody), 0);
  const pid_t child = fork();
  if (child == 0) {
    if (setuid(nobody) != 0) _exit(3);
    try {
      put("vif5.0", guard("vif5.0"));
    } catch (const Error& error) {
      const bool in_words = std::string(error.what()).find("not permitted") != std::string::npos;
      _exit(!in_words ? 2 : filter_->present("vif5.0") ? 1 : 0);
    }
    _exit(4);
  }
  EXPECT_EQ(exit_code_of(child), 0);
  put("vif5.0", guard("vif5.0"));
  EXPECT_THAT(ruleset(), HasSubstr("\"vif5.0\""));
}

TEST_F(FilterTest, IsNeededForEveryForgeryGetsThroughWithoutIt) {
  make_port("vif5.0", "xenbr0");
  expect_all(forgeries(), true, {"vif5.0"});
}

class FilteredPort : public FilterTest, public testing::WithParamInterface<const char*> {};

TEST_P(FilteredPort, DropsEveryForgery) {
  make_port(GetParam(), "xenbr0");
  put(GetParam(), guard(GetParam()));
  expect_all(forgeries(), false, {GetParam()});
}

TEST_P(FilteredPort, LetsEveryHonestFramePass) {
  make_port(GetParam(), "xenbr0");
  put(GetParam(), guard(GetParam()));
  expect_all(honest_frames(), true, {GetParam()});
}

TEST_P(FilteredPort, WithAMacAloneDropsEveryOther) {
  make_port(GetParam(), "xenbr0");
  put(GetParam(), guard(GetParam(), Antispoof::mac));
  expect_all(forged_macs(), false, {GetParam()});
}

TEST_P(FilteredPort, WithAMacAloneLetsAnyAddressAndVlanPass) {
  make_port(GetParam(), "xenbr0");
  put(GetParam(), guard(GetParam(), Antispoof::mac));
  expect_all(frames_with_its_mac(), true, {GetParam()});
}

TEST_P(FilteredPort, ThatIsClosedLetsNothingPass) {
  make_port(GetParam(), "xenbr0");
  put(GetParam(), guard(GetParam(), Antispoof::closed));
  expect_all(honest_frames(), false, {GetParam()});
}

INSTANTIATE_TEST_SUITE_P(Named, FilteredPort,
                         testing::Values("vif5.0", "vif5.0-emu", "tap5.0", "web0"),
                         [](const auto& instance) {
                           std::string text = instance.param;
                           std::ranges::replace_if(
                               text, [](char c) { return !isalnum(c); }, '_');
                           return text;
                         });

TEST_F(FilterTest, IsBeforeTheHostItself) {
  make_port("vif5.0", "xenbr0");
  put("vif5.0", guard("vif5.0"));
  expect_all(forgeries(), false, {"vif5.0", "xenbr0"});
  EXPECT_TRUE(passes(honest_frames().front(), {"vif5.0", "eth0p"}));
}

TEST_F(FilterTest, TeachesTheBridgeNothingForged) {
  make_port("vif5.0", "xenbr0");
  put("vif5.0", guard("vif5.0"));
  EXPECT_FALSE(passes(forgeries().front(), {"vif5.0"}));
  EXPECT_THAT(sh("bridge fdb show br xenbr0"), Not(HasSubstr("02:00:00:00:00:06")));
}

TEST_F(FilterTest, LeavesUplinksAlone) {
  make_port("vif5.0", "xenbr0");
  put("vif5.0", guard("vif5.0"));
  expect_all(forgeries(), true, {"eth0", "vif5.0p"});
}

// Where a bridge forwards them at all: they speak to the switch for the guest.
TEST_F(FilterTest, DropsWhatSwitchesTellEachOtherWhoeverOfThemItIsFor) {
  sh("ip link set xenbr0 type bridge group_fwd_mask 0x4000");
  make_port("vif5.0", "xenbr0");
  const Bytes lldp = frame(mac("01:80:c2:00:00:0e"), mac("02:00:00:00:00:05"), 0x88cc, zeros(46));
  ASSERT_TRUE(passes({"LLDP", lldp}, {"vif5.0"}));
  put("vif5.0", guard("vif5.0", Antispoof::mac));
  EXPECT_FALSE(passes({"LLDP", lldp}, {"vif5.0"}));
}

TEST_F(FilterTest, JudgesAPortWhateverItsBridge) {
  make_bridge("other");
  make_port("eth2", "other");
  make_port("eth3", "other");
  make_port("vif5.0", "other");
  put("vif5.0", guard("vif5.0"));
  EXPECT_FALSE(passes(forgeries().front(), {"vif5.0", "eth2p", "eth3p"}));
  EXPECT_TRUE(passes(honest_frames().front(), {"vif5.0", "eth2p", "eth3p"}));
}

TEST_F(FilterTest, ClosesPortsOfUnknownGuestsBesideIt) {
  if (!kernel_tells_bridges_apart())
    GTEST_SKIP() << "this kernel's nftables knows no bridge's name";
  for (const char* port : {"vif5.0", "vif6.0", "vif6.0-emu", "tap6.0"}) make_port(port, "xenbr0");
  put("vif5.0", guard("vif5.0"));
  for (const char* port : {"vif6.0", "vif6.0-emu", "tap6.0"})
    EXPECT_FALSE(passes(honest_frames().front(), {port})) << port;
  filter_->remove("vif5.0");
  EXPECT_TRUE(passes(honest_frames().front(), {"vif6.0"}));
}

TEST_F(FilterTest, LeavesGuestsOnOtherBridgesAlone) {
  make_bridge("other");
  make_port("eth2", "other");
  make_port("eth3", "other");
  make_port("vif6.0", "other");
  put("vif5.0", guard("vif5.0"));
  expect_all(forgeries(), true, {"vif6.0", "eth2p", "eth3p"});
}

TEST_F(FilterTest, IsReplacedAsAWholeWhenItsNumberComesBack) {
  make_port("vif5.0", "xenbr0");
  put("vif5.0", guard("vif5.0"));
  put("vif5.0", elsewhere(guard("vif5.0"), "02:00:00:00:00:77", "192.0.2.77"));
  expect_all(honest_frames(), false, {"vif5.0"});
  put("vif5.0", guard("vif5.0", Antispoof::mac));
  EXPECT_THAT(ruleset(), Not(HasSubstr("192.0.2.")));
  EXPECT_THAT(ruleset(), Not(HasSubstr("02:00:00:00:00:77")));
  expect_all(frames_with_its_mac(), true, {"vif5.0"});
}

TEST_F(FilterTest, IsGoneAfterItWasRemoved) {
  make_port("vif5.0", "xenbr0");
  put("vif5.0", guard("vif5.0"));
  EXPECT_TRUE(filter_->present("vif5.0"));
  filter_->remove("vif5.0");
  EXPECT_FALSE(filter_->present("vif5.0"));
  EXPECT_THAT(ruleset(), Not(HasSubstr("\"vif5.0\"")));
  EXPECT_THAT(ruleset(), Not(HasSubstr("\"xenbr0\"")));
  expect_all(forgeries(), true, {"vif5.0"});
}

TEST_F(FilterTest, GoesWithItsOwnerWhateverItsLinksAreCalled) {
  put("vif5.0", guard("web0"));
  put("vif5.0-emu", guard("web0-emu"));
  put("vif5.0", guard("vif5.0"));
  EXPECT_THAT(ruleset(), HasSubstr("\"web0\"")) << "the link may be called so yet";
  filter_->remove("vif5.0-emu");
  EXPECT_THAT(ruleset(), Not(HasSubstr("\"web0-emu\"")));
  EXPECT_THAT(ruleset(), HasSubstr("\"vif5.0\""));
  filter_->remove("vif5.0");
  EXPECT_THAT(ruleset(), Not(HasSubstr("\"web0\"")));
  EXPECT_THAT(ruleset(), Not(HasSubstr("\"vif5.0\"")));
}

TEST_F(FilterTest, OfALinkIsNotInheritedByTheNextOfItsName) {
  make_port("web0", "xenbr0");
  put("vif5.0", guard("web0", Antispoof::mac));
  put("vif6.0", elsewhere(guard("web0"), "02:00:00:00:00:06", "192.0.2.6"));
  expect_all(honest_frames(), false, {"web0"});
  filter_->remove("vif5.0");
  EXPECT_FALSE(filter_->present("vif5.0"));
  EXPECT_FALSE(passes(honest_frames().front(), {"web0"}));
  EXPECT_TRUE(filter_->present("vif6.0"));
}

TEST_F(FilterTest, GuardsABridgeUntilItsLastFilterGoes) {
  const auto is_guarded = [](const char* bridge) {
    return sh("nft list set bridge vifchain guarded").find(bridge) != std::string::npos;
  };
  put("vif5.0", guard("vif5.0"));
  put("vif6.0", guard("vif6.0"));
  put("vif7.0", guard("vif7.0", Antispoof::mac, "xenbr1"));
  filter_->remove("vif5.0");
  EXPECT_TRUE(is_guarded("xenbr0"));
  put("vif6.0", guard("vif6.0", Antispoof::mac_ip, "xenbr1"));
  EXPECT_FALSE(is_guarded("xenbr0"));
  filter_->remove("vif6.0");
  EXPECT_TRUE(is_guarded("xenbr1"));
  filter_->remove("vif7.0");
  EXPECT_FALSE(is_guarded("xenbr1"));
}

// Killed between the table and its record, with a record of something else, and with none.
TEST_F(FilterTest, IsRightAfterACrashInTheMiddle) {
  make_port("vif5.0", "xenbr0");
  const Guarded other = elsewhere(guard("vif5.0"), "02:00:00:00:00:77", "192.0.2.77");
  const std::map<LinkName, PortFilter> odd{{name("vif5.0"), other.filter}}, none;
  for (const auto& recorded : {odd, none}) {
    for (const Guarded& in_kernel : {other, guard("vif5.0"), guard("vif5.0", Antispoof::closed)}) {
      put("vif5.0", in_kernel);
      FilterRecords(folder_ / "filters", {}).write("vif5.0", recorded);
      put("vif5.0", guard("vif5.0", Antispoof::mac));
      EXPECT_EQ(filter_now("vif5.0"), guard("vif5.0", Antispoof::mac).filter);
      EXPECT_THAT(ruleset(), Not(HasSubstr("192.0.2.")));
      FilterRecords(folder_ / "filters", {}).write("vif5.0", odd);
      filter_->remove("vif5.0");
      EXPECT_THAT(ruleset(), Not(HasSubstr("\"vif5.0\"")));
      EXPECT_THAT(ruleset(), Not(HasSubstr("\"xenbr0\"")));
    }
  }
}

TEST_F(FilterTest, IsRemovedThoughItsPortIsGone) {
  make_port("vif5.0", "xenbr0");
  put("vif5.0", guard("vif5.0"));
  delete_link("vif5.0");
  open_filter(folder_ / "filters")->remove("vif5.0");
  EXPECT_THAT(ruleset(), Not(HasSubstr("\"vif5.0\"")));
}

TEST_F(FilterTest, OfEveryGuestComesBackWhenSomebodyEmptiedTheTables) {
  make_port("vif5.0", "xenbr0");
  put("vif5.0", guard("vif5.0"));
  sh("nft flush ruleset");
  put("vif6.0", guard("vif6.0"));
  expect_all(forgeries(), false, {"vif5.0"});
  sh("nft flush ruleset; nft add table bridge vifchain; nft add set bridge vifchain macs '{ type "
     "mark; }'");
  filter_->remove("vif6.0");
  expect_all(forgeries(), false, {"vif5.0"});
  EXPECT_THAT(ruleset(), Not(HasSubstr("\"vif6.0\"")));
}

// Whoever makes all anew asked the store a moment ago, and others were at it since.
TEST_F(FilterTest, OfWhichAllIsThereIsTheNewerOneWhenTheTableIsMadeAnew) {
  const auto owned = [](const std::string& port, Antispoof mode) {
    auto filter = guard(port, mode).filter;
    filter.owner = name(port);
    return filter;
  };
  filter_->put(name("vif5.0"), owned("vif5.0", Antispoof::closed));
  sh("nft flush chain bridge vifchain prerouting");
  filter_->asks([&] {
    return PortFilters{{name("vif5.0"), owned("vif5.0", Antispoof::mac)},
                       {name("vif6.0"), owned("vif6.0", Antispoof::mac)}};
  });
  filter_->make_anew();
  EXPECT_TRUE(filter_->whole());
  EXPECT_EQ(filter_now("vif5.0"), owned("vif5.0", Antispoof::closed));
  EXPECT_EQ(filter_now("vif6.0"), owned("vif6.0", Antispoof::mac));
}

TEST_F(FilterTest, ComesBackWithThatOfAnotherThoughTableAndRecordsAreLost) {
  auto wanted = guard("vif5.0").filter;
  wanted.owner = name("vif5.0");
  filter_->asks([&] { return PortFilters{{name("vif5.0"), wanted}}; });
  put("vif5.0", guard("vif5.0"));
  put("vif6.0", guard("vif6.0"));
  sh("nft flush ruleset");
  std::filesystem::remove_all(folder_ / "filters");
  put("vif6.0", guard("vif6.0"));
  EXPECT_EQ(filter_now("vif5.0"), wanted);
}

// Whoever is killed in between leaves a record without a filter, never the other way round.
TEST_F(FilterTest, IsWrittenDownBeforeTheKernelHasIt) {
  put("vif5.0", guard("vif5.0"));
  bool written = false;
  filter_->asks([&] {
    written = filter_->present("vif6.0");
    return PortFilters{};
  });
  sh("nft flush ruleset");
  put("vif6.0", guard("vif6.0"));
  EXPECT_TRUE(written);
}

TEST_F(FilterTest, IsNoReasonForATableWhereNobodyHasOne) {
  filter_->make_anew();
  EXPECT_EQ(ruleset(), "");
}

// Whoever goes is in a hurry, and asks nobody: the next one who comes does.
TEST_F(FilterTest, ComesBackWithTheNextWhoComesThoughSomebodyWentMeanwhile) {
  auto wanted = guard("vif5.0").filter;
  wanted.owner = name("vif5.0");
  for (const char* port : {"vif5.0", "vif6.0", "vif8.0"}) put(port, guard(port));
  bool asked = false;
  filter_->asks([&] {
    asked = true;
    return PortFilters{{name("vif5.0"), wanted}};
  });
  sh("nft flush ruleset");
  std::filesystem::remove(folder_ / "filters/vif5.0");
  filter_->remove("vif6.0");
  EXPECT_FALSE(asked);
  EXPECT_THAT(ruleset(), HasSubstr("\"vif8.0\""));
  put("vif7.0", guard("vif7.0"));
  EXPECT_TRUE(asked);
  EXPECT_TRUE(filter_->whole());
  EXPECT_EQ(filter_now("vif5.0"), wanted);
}

TEST_F(FilterTest, ComesBackForNobodyWhoIsToHaveNoneThoughItIsWrittenDown) {
  put("vif5.0", guard("vif5.0"));
  put("vif6.0", guard("vif6.0"));
  filter_->asks([&] { return PortFilters{{name("vif5.0"), PortFilter{}}}; });
  sh("nft flush ruleset");
  put("vif6.0", guard("vif6.0"));
  EXPECT_EQ(filter_now("vif5.0").mode, Antispoof::off);
  EXPECT_FALSE(filter_->present("vif5.0"));
}

TEST_F(FilterTest, InheritsNothingWhenItsRecordsAreLost) {
  make_port("vif5.0", "xenbr0");
  put("vif5.0", guard("vif5.0"));
  std::filesystem::remove_all(folder_ / "filters");
  put("vif5.0", elsewhere(guard("vif5.0"), "02:00:00:00:00:77", "192.0.2.77"));
  expect_all(honest_frames(), false, {"vif5.0"});
}

TEST_F(FilterTest, InheritsNothingOfWhichOnlyAPartIsLeft) {
  make_port("vif5.0", "xenbr0");
  for (const char* lost : {"map bridge vifchain mode", "map bridge vifchain places"}) {
    put("vif5.0", guard("vif5.0"));
    std::filesystem::remove_all(folder_ / "filters");
    sh(std::string("nft flush ") + lost);
    const auto other =
        elsewhere(guard("vif5.0", Antispoof::mac_ip, "xenbr1"), "02:00:00:00:00:77", "192.0.2.77");
    put("vif5.0", other);
    expect_all(honest_frames(), false, {"vif5.0"});
    EXPECT_FALSE(filter_now("vif5.0").spoilt) << lost;
  }
}

TEST_F(FilterTest, LosesWhatSomebodyAddedWhenItIsPutAgain) {
  put("vif5.0", guard("vif5.0"));
  sh("nft 'add element bridge vifchain macs { \"vif5.0\" . 02:00:00:00:00:99 }'");
  EXPECT_TRUE(filter_now("vif5.0").spoilt);
  put("vif5.0", guard("vif5.0"));
  EXPECT_FALSE(filter_now("vif5.0").spoilt);
}

TEST_F(FilterTest, IsMadeAnewWhereItsRecordMakesNoSense) {
  make_port("vif5.0", "xenbr0");
  put("vif5.0", guard("vif5.0"));
  std::ofstream(folder_ / "filters/vif5.0") << "what is this\n";
  put("vif5.0", elsewhere(guard("vif5.0"), "02:00:00:00:00:77", "192.0.2.77"));
  expect_all(honest_frames(), false, {"vif5.0"});
}

TEST_F(FilterTest, RefusesNamesThatNoRuleCanCarry) {
  for (const char* odd : {"vif*", "a\"b", "a\\b", "ä"}) {
    EXPECT_THROW(put("vif5.0", guard(odd)), Error) << odd;
    EXPECT_FALSE(filter_->present("vif5.0"));
  }
}

TEST_F(FilterTest, LeavesOtherTablesAlone) {
  sh("nft 'add table bridge mine; add set bridge mine macs { type ether_addr; }'");
  const auto before = ruleset();
  put("vif5.0", guard("vif5.0"));
  EXPECT_THAT(ruleset(), HasSubstr(before));
}

TEST_F(FilterTest, MayBePutByManyAtOnce) {
  std::vector<pid_t> children;
  for (int number = 0; number < 20; ++number) {
    children.push_back(fork());
    if (children.back() != 0) continue;
    const auto port = "vif" + std::to_string(number) + ".0";
    test::put(*open_filter(folder_ / "filters"), port, guard(port));
    if (number % 2 == 1) open_filter(folder_ / "filters")->remove(port);
    _exit(0);
  }
  for (const pid_t child : children) EXPECT_EQ(exit_code_of(child), 0);
  const auto ports = filter_->read().value().ports;
  for (int number = 0; number < 20; ++number) {
    const auto port = "vif" + std::to_string(number) + ".0";
    const auto found = ports.find(name(port));
    ASSERT_EQ(found != ports.end(), number % 2 == 0) << port;
    if (number % 2 != 0) continue;
    EXPECT_EQ(found->second, guard(port).filter);
  }
}

TEST_F(FilterTest, IsReadBackAsItWasPut) {
  for (const auto mode : {Antispoof::mac, Antispoof::mac_ip, Antispoof::closed}) {
    put("vif5.0", guard("vif5.0", mode));
    put("vif6.0", guard("web0", mode, "odd-br_0"));
    EXPECT_EQ(filter_now("vif5.0"), guard("vif5.0", mode).filter);
    auto named = guard("web0", mode, "odd-br_0").filter;
    named.owner = name("vif6.0");
    EXPECT_EQ(filter_now("web0"), named);
    EXPECT_EQ(filter_->read(name("web0"), named), named);
    EXPECT_EQ(filter_->read(name("web0"), guard("vif5.0").filter), named) << "whatever is expected";
    EXPECT_EQ(filter_->read(name("vif9.0"), named), PortFilter{});
    EXPECT_TRUE(filter_->whole());
  }
}

// Everything that somebody can do to the table, each with the port's filter as it reads then.
struct Damage {
  const char* name;
  const char* command;
};

class Damaged : public FilterTest, public testing::WithParamInterface<Damage> {};

TEST_P(Damaged, IsSeenAndPutRightWithTheNextFilter) {
  make_port("vif5.0", "xenbr0");
  put("vif5.0", guard("vif5.0"));
  put("vif6.0", guard("vif6.0", Antispoof::mac));
  const auto wanted = guard("vif5.0").filter;
  ASSERT_EQ(filter_->read(name("vif5.0"), wanted), wanted);
  sh(GetParam().command);
  EXPECT_NE(filter_->read(name("vif5.0"), wanted), wanted) << ruleset();
  EXPECT_NE(filter_now("vif5.0"), wanted);
  put("vif5.0", guard("vif5.0"));
  EXPECT_EQ(filter_->read(name("vif5.0"), wanted), wanted) << ruleset();
  EXPECT_EQ(filter_now("vif5.0"), wanted);
  expect_all(forgeries(), false, {"vif5.0"});
}

INSTANTIATE_TEST_SUITE_P(
    By, Damaged,
    testing::Values(
        Damage{"FlushOfTheRuleset", "nft flush ruleset"},
        Damage{"FlushOfTheTable", "nft flush table bridge vifchain"},
        Damage{"DeletionOfTheTable", "nft delete table bridge vifchain"},
        Damage{"FlushOfTheFirstChain", "nft flush chain bridge vifchain prerouting"},
        Damage{"FlushOfAChain", "nft flush chain bridge vifchain icmp6"},
        Damage{"DeletionOfARule",
               "nft delete rule bridge vifchain sender handle $(nft -a list chain bridge vifchain "
               "sender | sed -n 's/.*\"another MAC\".* handle //p')"},
        Damage{"ARuleBefore", "nft insert rule bridge vifchain mac_ip accept"},
        Damage{"ARuleAfter", "nft add rule bridge vifchain unknown accept"},
        Damage{"AnotherRule",
               "nft replace rule bridge vifchain sender handle $(nft -a list chain bridge vifchain "
               "sender | sed -n 's/.*\"another MAC\".* handle //p') accept"},
        Damage{"ADormantTable", "nft add table bridge vifchain '{ flags dormant; }'"},
        Damage{"FlushOfAMap", "nft flush map bridge vifchain mode"},
        Damage{"FlushOfASet", "nft flush set bridge vifchain macs"},
        Damage{"FlushOfNetworks", "nft flush set bridge vifchain own_ip4_nets"},
        Damage{"FlushOfRouters", "nft flush set bridge vifchain routers6"},
        Damage{"FlushOfTheBridges", "nft flush set bridge vifchain guarded"},
        Damage{"DeletionOfAnElement",
               "nft delete element bridge vifchain mode '{ \"vif5.0\" : goto mac_ip }'"},
        Damage{"AnElementThatGoesElsewhere",
               "nft 'delete element bridge vifchain mode { \"vif5.0\" : goto mac_ip }; add element "
               "bridge vifchain mode { \"vif5.0\" : accept }'"}),
    [](const auto& instance) { return std::string(instance.param.name); });

TEST_F(FilterTest, IsWatchedOverAndOtherTablesAreNot) {
  put("vif5.0", guard("vif5.0"));
  const auto monitor = monitor_nftables();
  EXPECT_FALSE(monitor->take().of_ours);
  sh("nft 'add table bridge other; add chain bridge other c; add rule bridge other c accept; "
     "delete table bridge other; add table inet vifchain; delete table inet vifchain'");
  EXPECT_FALSE(monitor->take().of_ours);
  for (const char* change :
       {"nft add element bridge vifchain own_ip4 '{ \"vif8.0\" . 192.0.2.66 }'",
        "nft flush set bridge vifchain own_ip4", "nft insert rule bridge vifchain mac_ip accept",
        "nft flush chain bridge vifchain mac_ip",
        "nft add table bridge vifchain '{ flags dormant; }'", "nft flush ruleset"}) {
    sh(change);
    EXPECT_TRUE(monitor->take().of_ours) << change;
    EXPECT_FALSE(monitor->take().of_ours);
  }
}

TEST_F(FilterTest, SaysWhenItCouldNotHearAll) {
  const auto monitor = monitor_nftables(1);
  for (int i = 0; i < 40; ++i) sh("nft 'add table bridge other; delete table bridge other'");
  EXPECT_TRUE(monitor->take().lost);
}

TEST_F(FilterTest, ReadsAnElementTooManyAsSpoilt) {
  put("vif5.0", guard("vif5.0"));
  sh("nft add element bridge vifchain own_ip4 '{ \"vif5.0\" . 192.0.2.66 }'");
  EXPECT_NE(filter_now("vif5.0"), guard("vif5.0").filter);
  sh("nft add element bridge vifchain own_ip4 '{ \"vif8.0\" . 192.0.2.66 }'");
  EXPECT_TRUE(filter_now("vif8.0").spoilt) << "of a port that has no filter";
}

TEST_F(FilterTest, OfOthersStaysWhenTheFolderIsLost) {
  make_port("vif5.0", "xenbr0");
  put("vif5.0", guard("vif5.0"));
  std::filesystem::remove_all(folder_ / "filters");
  put("vif6.0", guard("vif6.0"));
  EXPECT_EQ(filter_now("vif5.0"), guard("vif5.0").filter);
  sh("nft add rule bridge vifchain mac_ip accept");
  std::filesystem::remove_all(folder_ / "filters");
  put("vif7.0", guard("vif7.0"));
  EXPECT_EQ(filter_now("vif5.0"), guard("vif5.0").filter) << "though the table was made anew";
  expect_all(forgeries(), false, {"vif5.0"});
}

TEST_F(FilterTest, WorksWhereNothingCanBeWrittenDown) {
  std::ofstream(folder_ / "filters") << "no folder\n";
  put("vif5.0", guard("vif5.0"));
  EXPECT_EQ(filter_now("vif5.0"), guard("vif5.0").filter);
  put("vif5.0", guard("vif5.0", Antispoof::mac));
  EXPECT_EQ(filter_now("vif5.0"), guard("vif5.0", Antispoof::mac).filter);
  put("vif5.0", {"vif5.0", {}});
  EXPECT_EQ(filter_now("vif5.0"), PortFilter{});
}

// The first layer, without any filter: core/model/link.hpp, FdbEntry.
TEST_F(FilterTest, IsPartlyTheBridgesOwnLock) {
  make_port("vif5.0", "xenbr0");
  if (!kernel_knows(Option::port_locked, read(*kernel_, "vif5.0").port))
    GTEST_SKIP() << "this kernel's ports have no lock";
  perform(*kernel_, {SetFdb{name("vif5.0"), {{mac("02:00:00:00:00:05")}}, {}},
                     SetPort{name("vif5.0"), {{Option::port_locked, std::int64_t{1}}}}});
  EXPECT_FALSE(passes(forgeries().front(), {"vif5.0"}));
  expect_all(honest_frames(), true, {"vif5.0"});
}

TEST_F(FilterTest, IsPartlyALockThatNobodyElseOpens) {
  make_port("vif5.0", "xenbr0");
  if (!kernel_knows(Option::port_locked, read(*kernel_, "vif5.0").port))
    GTEST_SKIP() << "this kernel's ports have no lock";
  perform(*kernel_, {SetFdb{name("vif5.0"), {{mac("02:00:00:00:00:05")}}, {}},
                     SetPort{name("vif5.0"), {{Option::port_locked, std::int64_t{1}}}}});
  EXPECT_TRUE(passes(honest_frames().front(), {"eth1"}));  // the guest's MAC, from outside
  EXPECT_TRUE(passes(honest_frames().front(), {"vif5.0"}));
}

}  // namespace
}  // namespace vifchain::test
