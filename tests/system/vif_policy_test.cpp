// SPDX-License-Identifier: Apache-2.0
// What a vif may ask for besides its bridge, with vif-chain as libxl runs it, on a real kernel and
// a real xenstored.
#include <gtest/gtest.h>

#include <optional>

#include "example_files.hpp"
#include "host.hpp"

namespace vifchain {
namespace {

class VifPolicies : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.emplace();
    Host::write_config(one_bridge);
    Host::add_nic("eth0");
    Host::add_vif(5, 0, "xenbr0");
  }
  std::optional<Host> host_;
};

std::string link(const std::string& name) {
  return sh("ip -d link show dev " + name);
}

bool is_there(const std::string& name) {
  return sh("ip -o link show").find(": " + name + "@") != std::string::npos ||
         sh("ip -o link show").find(": " + name + ":") != std::string::npos;
}

void set(const std::string& key, const std::string& value, unsigned domid = 5) {
  Host::set_node(Host::backend(domid, 0) + "/" + key, value);
}

std::string error_of(unsigned domid = 5) {
  return Host::node(Host::backend(domid, 0) + "/hotplug-error");
}

int online(unsigned domid = 5) {
  return Host::vif_chain("online", domid, 0).exit_code;
}
int offline(unsigned domid = 5) {
  return Host::vif_chain("offline", domid, 0).exit_code;
}

// The link that the device model makes for an emulated NIC.
void add_tap(unsigned domid) {
  const auto number = std::to_string(domid);
  sh("ip link add vif" + number + ".0-emu type veth peer name t" + number);
  set("type", "vif_ioemu", domid);
}

int add(unsigned domid = 5) {
  return Host::vif_chain("add", domid, 0, "type_if=tap").exit_code;
}
int remove(unsigned domid = 5) {
  return Host::vif_chain("remove", domid, 0, "type_if=tap").exit_code;
}

// --- emulated NICs -------------------------------------------------------------------------------

TEST_F(VifPolicies, TheEmulatedNicJoinsTheSameBridgeWithTheSameMtuAndFlags) {
  Host::write_config(std::string(one_bridge) + "mtu = 1400\nvif = { isolated = true }\n");
  add_tap(5);
  ASSERT_EQ(online(), 0) << error_of();
  ASSERT_EQ(add(), 0) << error_of();
  for (const char* port : {"vif5.0", "vif5.0-emu"}) {
    EXPECT_TRUE(has(link(port), "master xenbr0")) << port;
    EXPECT_TRUE(has(link(port), "mtu 1400")) << port;
    EXPECT_TRUE(has(link(port), "isolated on")) << port;
    EXPECT_TRUE(has(link(port), "link/ether fe:ff:ff:ff:ff:ff")) << port;
  }
}

TEST_F(VifPolicies, TheEmulatedNicAloneConnectsNobody) {
  add_tap(5);
  ASSERT_EQ(add(), 0) << error_of();
  EXPECT_EQ(Host::node(Host::backend(5, 0) + "/hotplug-status"), "");
}

TEST_F(VifPolicies, RemoveTakesTheEmulatedNicOffAndNotTheVif) {
  add_tap(5);
  ASSERT_EQ(online(), 0);
  ASSERT_EQ(add(), 0);
  EXPECT_EQ(remove(), 0);
  EXPECT_FALSE(has(link("vif5.0-emu"), "master"));
  EXPECT_TRUE(has(link("vif5.0"), "master xenbr0"));
  sh("ip link del vif5.0-emu");
  EXPECT_EQ(remove(), 0) << "what is missing is success";
}

TEST_F(VifPolicies, AnEmulatedNicIsFoundByItsNameAlone) {
  add_tap(5);
  const Ran ran = Host::vif_chain_with({"INTERFACE=vif5.0-emu", "vif=vif5.0"}, "add type_if=tap");
  EXPECT_EQ(ran.exit_code, 0) << error_of();
  EXPECT_TRUE(has(link("vif5.0-emu"), "master xenbr0"));
}

TEST_F(VifPolicies, AMissingEmulatedNicIsRefusedByName) {
  EXPECT_EQ(add(), 1);
  EXPECT_TRUE(has(error_of(), "vif5.0-emu")) << error_of();
}

TEST_F(VifPolicies, AnEmulatedNicGoesByItsXenbusPathBeforeItsName) {
  add_tap(5);
  sh("ip link add br3 type bridge && ip link set br3 up");
  const std::string elsewhere = "/local/domain/3/backend/vif/5/0";
  Host::set_node(elsewhere + "/bridge", "br3");
  const Ran ran = Host::vif_chain_with(
      {"XENBUS_PATH=" + elsewhere, "INTERFACE=vif5.0-emu", "vif=vif5.0"}, "add type_if=tap");
  EXPECT_EQ(ran.exit_code, 0) << Host::node(elsewhere + "/hotplug-error");
  EXPECT_TRUE(has(link("vif5.0-emu"), "master br3"));
}

// --- vifname -------------------------------------------------------------------------------------

TEST_F(VifPolicies, VifnameRenamesTheVifAndItsEmulatedTwin) {
  add_tap(5);
  set("vifname", "web");
  ASSERT_EQ(online(), 0) << error_of();
  ASSERT_EQ(add(), 0) << error_of();
  EXPECT_TRUE(has(link("web"), "master xenbr0"));
  EXPECT_TRUE(has(link("web-emu"), "master xenbr0"));
}

TEST_F(VifPolicies, OnlineAgainWithItsVifnameIsSuccess) {
  set("vifname", "web");
  ASSERT_EQ(online(), 0) << error_of();
  EXPECT_EQ(online(), 0) << error_of();
  EXPECT_TRUE(has(link("web"), "master xenbr0"));
}

TEST_F(VifPolicies, TheFrontendsMtuIsWrittenByDomainAndDeviceWhateverTheName) {
  set("vifname", "web");
  ASSERT_EQ(online(), 0);
  EXPECT_EQ(Host::node(Host::frontend(5, 0) + "/mtu"), "1500");
}

TEST_F(VifPolicies, OfflineFindsTheRenamedVif) {
  set("vifname", "web");
  ASSERT_EQ(online(), 0);
  EXPECT_EQ(offline(), 0);
  EXPECT_FALSE(has(link("web"), "master"));
}

TEST_F(VifPolicies, AVifnameThatIsTooLongIsRefusedBeforeAnythingIsTouched) {
  set("vifname", "a-name-of-16-chr");
  EXPECT_EQ(online(), 1);
  EXPECT_TRUE(has(error_of(), "at most 15")) << error_of();
  set("vifname", "twelve-chars");
  set("type", "vif_ioemu");
  EXPECT_EQ(online(), 1);
  EXPECT_TRUE(has(error_of(), "at most 11")) << error_of();
  EXPECT_FALSE(has(link("eth0"), "master"));
}

TEST_F(VifPolicies, AVifnameOfAnotherGuestIsRefusedWithItsNameAndNeverTouched) {
  set("vifname", "web");
  Host::set_node("/local/domain/5/name", "webserver");
  ASSERT_EQ(online(), 0);
  Host::add_vif(6, 0, "xenbr0");
  Host::set_node("/local/domain/6/name", "intruder");
  set("vifname", "web", 6);
  EXPECT_EQ(online(6), 1);
  EXPECT_EQ(error_of(6),
            "vif6.0: Cannot rename interface vif6.0. An interface with name web already exists: it "
            "is vif5.0 of the guest \"webserver\" (domain 5); give the vif another vifname");
  EXPECT_EQ(offline(6), 0);
  EXPECT_TRUE(has(link("web"), "master xenbr0"));
  EXPECT_TRUE(has(link("web"), "UP"));
}

TEST_F(VifPolicies, AVifnameThatIsNoGuestsIsRefused) {
  set("vifname", "eth0");
  EXPECT_EQ(online(), 1);
  EXPECT_TRUE(has(error_of(), "no guest's")) << error_of();
  EXPECT_TRUE(is_there("vif5.0"));
}

// The words that Xen's own scripts have always used, and that people search for.
TEST_F(VifPolicies, TheThreeClassicErrorsKeepTheirWords) {
  set("vifname", "eth0");
  EXPECT_EQ(online(), 1);
  EXPECT_TRUE(
      error_of().starts_with("vif5.0: Cannot rename interface vif5.0. An interface with "
                             "name eth0 already exists"))
      << error_of();
  set("vifname", "");
  set("bridge", "nowhere");
  EXPECT_EQ(online(), 1);
  EXPECT_TRUE(error_of().starts_with("vif5.0: Could not find bridge device nowhere")) << error_of();
  set("bridge", "");
  Host::write_config("[vif]\nwait = 0\n");
  EXPECT_EQ(online(), 1);
  EXPECT_TRUE(error_of().starts_with("vif5.0: Could not find bridge, and none was specified"))
      << error_of();
}

TEST_F(VifPolicies, AGuestThatMigratesToItsOwnHostTakesItsNameAlong) {
  set("vifname", "web");
  Host::set_node("/local/domain/5/name", "server");
  ASSERT_EQ(online(), 0);
  Host::add_vif(6, 0, "xenbr0");
  Host::set_node("/local/domain/6/name", "server--incoming");
  set("vifname", "web", 6);
  ASSERT_EQ(online(6), 0) << error_of(6);
  EXPECT_TRUE(has(link("vif5.0"), "master xenbr0")) << "the old one keeps working";
  EXPECT_TRUE(has(link("vif5.0"), "UP"));
  EXPECT_EQ(offline(5), 0);
  EXPECT_TRUE(has(link("web"), "master xenbr0"));
}

TEST_F(VifPolicies, AGuestThatMigratesToItsOwnHostIsFilteredByEitherName) {
  Host::write_config(std::string(one_bridge) + "vif = { antispoof = \"mac\" }\n");
  Host::add_vif(6, 0, "xenbr0");
  for (const unsigned domid : {5U, 6U}) {
    set("vifname", "web", domid);
    set("mac", "02:00:00:00:00:05", domid);
    Host::set_node("/local/domain/" + std::to_string(domid) + "/name", "server");
    ASSERT_EQ(online(domid), 0) << error_of(domid);
  }
  EXPECT_TRUE(has(sh("nft list map bridge vifchain mode"), "\"vif5.0\" : goto mac"));
  EXPECT_TRUE(has(sh("nft list map bridge vifchain mode"), "\"web\" : goto mac"));
  ASSERT_EQ(offline(5), 0);
  EXPECT_FALSE(has(sh("nft list map bridge vifchain mode"), "\"vif5.0\""));
  EXPECT_TRUE(has(sh("nft list map bridge vifchain mode"), "\"web\" : goto mac"));
}

TEST_F(VifPolicies, AFilteredVifThatGetsItsNameLaterTakesItsFilterAlongAndBackAgain) {
  Host::write_config(std::string(one_bridge) + "vif = { antispoof = \"mac\" }\n");
  set("mac", "02:00:00:00:00:05");
  ASSERT_EQ(online(), 0) << error_of();
  const auto modes = [] { return sh("nft list map bridge vifchain mode"); };
  const std::string hooks = "/etc/xen/scripts/vif-post.d";
  sh("mkdir -p " + hooks + " && printf 'false\n' > " + hooks + "/a.hook && chmod +x " + hooks +
     "/a.hook");
  set("vifname", "web");
  EXPECT_EQ(online(), 1);
  EXPECT_TRUE(has(modes(), "\"vif5.0\" : goto mac")) << modes();
  EXPECT_FALSE(has(modes(), "\"web\"")) << modes();
  sh("rm " + hooks + "/a.hook");
  ASSERT_EQ(online(), 0) << error_of();
  EXPECT_TRUE(has(modes(), "\"web\" : goto mac")) << modes();
  EXPECT_FALSE(has(modes(), "\"vif5.0\"")) << modes();
}

TEST_F(VifPolicies, AFailureAfterTheRenamingGivesTheNameBack) {
  set("vifname", "web");
  sh("mkdir -p /etc/xen/scripts/vif-post.d && printf 'fatal no\\n' > "
     "/etc/xen/scripts/vif-post.d/a.hook && chmod +x /etc/xen/scripts/vif-post.d/a.hook");
  EXPECT_EQ(online(), 1);
  EXPECT_TRUE(is_there("vif5.0"));
  EXPECT_FALSE(is_there("web"));
  EXPECT_FALSE(is_there("xenbr0"));
}

// A guest whose vif is called like a NIC of the file would be that NIC, once the file's is gone.
TEST_F(VifPolicies, AVifnameThatTheFileHasAUseForIsRefused) {
  Host::write_config(
      "[bond.bond1]\nports = [\"eth1\"]\nmode = \"active-backup\"\n[bridge.xenbr0]\n"
      "[bridge.secret]\nports = [\"bond1.3\", \"lan-emu\"]\n"
      "[bridge.\"seg{vid}\"]\nports = [\"bond1.{vid}\"]\nvids = \"100-199\"\n");
  for (const std::string taken :
       {"eth1", "bond1", "secret", "bond1.3", "seg150", "bond1.150", "lan"}) {
    set("vifname", taken);
    EXPECT_EQ(online(), 1) << taken;
    EXPECT_TRUE(has(error_of(), "Cannot rename interface vif5.0 to " + taken)) << error_of();
    EXPECT_TRUE(is_there("vif5.0")) << taken;
    EXPECT_FALSE(has(link("vif5.0"), "master")) << taken;
  }
  EXPECT_TRUE(
      has(error_of(), "an emulated NIC called lan-emu beside it, which is a name of the file"))
      << error_of();
  set("vifname", "eth1");
  online();
  EXPECT_TRUE(has(error_of(), "is a name of the file (line 2), /etc/xen/vifchain.toml"))
      << error_of();
  for (const std::string free : {"seg200", "bond1.4", "eth10"}) {
    set("vifname", free);
    EXPECT_EQ(online(), 0) << error_of();
    EXPECT_TRUE(is_there(free));
  }
}

TEST_F(VifPolicies, AVifnameThatIsTheKernelsOrTheDeviceModelsForAnotherIsRefused) {
  for (const std::string taken : {"vif6.0", "tap6.0", "vif5.1", "web-emu", "all", "default"}) {
    set("vifname", taken);
    EXPECT_EQ(online(), 1) << taken;
    EXPECT_TRUE(has(error_of(), taken)) << error_of();
    EXPECT_TRUE(is_there("vif5.0")) << taken;
  }
  set("vifname", "vif5.0");
  EXPECT_EQ(online(), 0) << "its own: " << error_of();
}

TEST_F(VifPolicies, AVifnameThatIsAnAlternativeNameOfAnotherLinkIsRefused) {
  sh("ip link property add dev eth0 altname enp3s0");
  set("vifname", "enp3s0");
  EXPECT_EQ(online(), 1);
  EXPECT_TRUE(has(error_of(), "already exists")) << error_of();
  EXPECT_TRUE(is_there("vif5.0"));
}

// The file came to name it when the guest was there already.
TEST_F(VifPolicies, AGuestsPortIsNeverTakenForANicOfTheFile) {
  set("vifname", "eth7");
  ASSERT_EQ(online(), 0) << error_of();
  Host::write_config(std::string(one_bridge) + "[bridge.secret]\nports = [\"eth7\"]\n");
  const Ran ran = vifchain("apply");
  EXPECT_TRUE(has(ran.out + ran.err, "eth7: a guest's port")) << ran.out << ran.err;
  EXPECT_TRUE(has(link("eth7"), "master xenbr0"));
  Host::add_vif(6, 0, "secret");
  EXPECT_EQ(online(6), 1);
  EXPECT_TRUE(has(error_of(6), "eth7: a guest's port")) << error_of(6);
  EXPECT_TRUE(has(link("eth7"), "master xenbr0"));
}

// --- bridges -------------------------------------------------------------------------------------

TEST_F(VifPolicies, ABridgeOfSomebodyElsesIsUsedAndNotChanged) {
  sh("ip link add br9 type bridge ageing_time 12300 && ip link set br9 up");
  const std::string before =
      sh("ip -d -o link show br9 | sed 's/hello_timer.*gc_timer *[0-9.]*//'");
  set("bridge", "br9");
  ASSERT_EQ(online(), 0) << error_of();
  EXPECT_TRUE(has(link("vif5.0"), "master br9"));
  EXPECT_FALSE(is_there("xenbr0")) << "the declared chain is none of its business";
  ASSERT_EQ(offline(), 0);
  EXPECT_TRUE(has(link("br9"), "ageing_time 12300"));
  EXPECT_FALSE(has(link("br9"), "group 30307")) << before;
}

TEST_F(VifPolicies, WithoutAFileBridgesOfOthersWork) {
  sh("rm /etc/xen/vifchain.toml && ip link add br9 type bridge && ip link set br9 up");
  set("bridge", "br9");
  EXPECT_EQ(online(), 0) << error_of();
}

TEST_F(VifPolicies, ALinkThatIsNoBridgeIsRefused) {
  set("bridge", "lo");
  EXPECT_EQ(online(), 1);
  EXPECT_TRUE(has(error_of(), "Could not find bridge device lo: there is such a link, but it is"))
      << error_of();
}

TEST_F(VifPolicies, XenbrNMeansTheBridgeEthNWhereThatIsABridge) {
  sh("ip link add eth7 type bridge && ip link set eth7 up");
  set("bridge", "xenbr7");
  ASSERT_EQ(online(), 0) << error_of();
  EXPECT_TRUE(has(link("vif5.0"), "master eth7"));
}

TEST_F(VifPolicies, ABridgeIsFoundByItsAlternativeNameAndALinkThatIsNoneIsNamedAtOnce) {
  sh("ip link add br9 type bridge && ip link set br9 up && "
     "ip link property add dev br9 altname lan0 && ip link property add dev eth0 altname enp3s0");
  set("bridge", "lan0");
  ASSERT_EQ(online(), 0) << error_of();
  EXPECT_TRUE(has(link("vif5.0"), "master br9"));
  set("bridge", "enp3s0");
  EXPECT_EQ(online(), 1);
  EXPECT_TRUE(has(error_of(), "Could not find bridge device eth0: there is such a link, but it is"))
      << error_of();
}

TEST_F(VifPolicies, XenbrNDoesNotMeanANic) {
  Host::write_config("[vif]\nwait = 0\n[bridge.xenbr1]\nports = []\n");
  set("bridge", "xenbr0");
  EXPECT_EQ(online(), 1);
  EXPECT_FALSE(has(link("vif5.0"), "master"));
}

TEST_F(VifPolicies, NoBridgeMeansTheOnlyOneThatIsDeclared) {
  set("bridge", "");
  ASSERT_EQ(online(), 0) << error_of();
  EXPECT_TRUE(has(link("vif5.0"), "master xenbr0"));
}

TEST_F(VifPolicies, NoBridgeMeansTheOneOfTheVifTable) {
  Host::write_config("[vif]\nbridge = \"b\"\n[bridge.a]\nports=[]\n[bridge.b]\nports=[]\n");
  set("bridge", "");
  ASSERT_EQ(online(), 0) << error_of();
  EXPECT_TRUE(has(link("vif5.0"), "master b"));
}

TEST_F(VifPolicies, NoBridgeWhereSeveralAreDeclaredIsRefused) {
  Host::write_config("[bridge.a]\nports=[]\n[bridge.b]\nports=[]\n");
  set("bridge", "");
  EXPECT_EQ(online(), 1);
  EXPECT_TRUE(has(error_of(), "Could not find bridge, and none was specified")) << error_of();
}

TEST_F(VifPolicies, ArgumentsNameTheBridgeWhereTheStoreDoesNotAndTheEnvironmentNever) {
  sh("ip link add one type bridge && ip link add two type bridge && "
     "ip link set one up && ip link set two up");
  set("bridge", "");
  const std::vector<std::string> environment{"XENBUS_PATH=backend/vif/5/0", "vif=vif5.0",
                                             "bridge=one"};
  ASSERT_EQ(Host::vif_chain_with(environment, "online").exit_code, 0) << error_of();
  EXPECT_TRUE(has(link("vif5.0"), "master xenbr0"));
  ASSERT_EQ(offline(), 0);
  ASSERT_EQ(Host::vif_chain_with(environment, "online bridge=two").exit_code, 0) << error_of();
  EXPECT_TRUE(has(link("vif5.0"), "master two"));
}

TEST_F(VifPolicies, NoWordIsEverEvaluated) {
  set("bridge", "$(touch /run/evil)");
  EXPECT_EQ(Host::vif_chain_with({"XENBUS_PATH=backend/vif/5/0", "vif=vif5.0"},
                                 "online ip=`touch${IFS}/run/evil` x=$(touch${IFS}/run/evil)")
                .exit_code,
            1);
  EXPECT_EQ(sh("ls /run | grep -c evil || true"), "0\n");
}

// --- VLANs ---------------------------------------------------------------------------------------

TEST_F(VifPolicies, AVlanOnABridgeThatFiltersNoneIsRefusedWithTheLineToChange) {
  for (const auto& [bridge, vlan] : {std::pair{"xenbr0", "10"}, {"xenbr0.10", ""}}) {
    set("bridge", bridge);
    set("vlan", vlan);
    EXPECT_EQ(online(), 1);
    EXPECT_TRUE(has(error_of(), "hint: vlan_filtering = true in [bridge.xenbr0]")) << error_of();
    EXPECT_FALSE(has(link("vif5.0"), "master"));
  }
}

// --- MTU -----------------------------------------------------------------------------------------

TEST_F(VifPolicies, ASmallVifDoesNotLowerItsBridgesMtu) {
  Host::write_config(one_bridge);
  set("mtu", "1300");
  ASSERT_EQ(online(), 0) << error_of();
  EXPECT_TRUE(has(link("vif5.0"), "mtu 1300"));
  EXPECT_TRUE(has(link("xenbr0"), "mtu 1500"));
}

TEST_F(VifPolicies, ASmallVifDoesNotLowerTheMtuOfSomebodyElsesBridge) {
  sh("ip link add br9 type bridge && ip link set br9 up");
  Host::add_vif(6, 0, "br9");
  ASSERT_EQ(online(6), 0);
  set("bridge", "br9");
  set("mtu", "1300");
  ASSERT_EQ(online(), 0) << error_of();
  EXPECT_TRUE(has(link("br9"), "mtu 1500"));
}

TEST_F(VifPolicies, AnMtuAboveTheBridgesIsWarnedOf) {
  set("mtu", "9000");
  ASSERT_EQ(online(), 0) << error_of();
  EXPECT_EQ(Host::node(Host::frontend(5, 0) + "/mtu"), "9000");
  EXPECT_TRUE(has(Host::log(), "vif5.0 has mtu 9000, xenbr0 only 1500")) << Host::log();
  EXPECT_TRUE(has(Host::log(), "vif5.0 has mtu 9000, eth0 only 1500")) << Host::log();
}

// --- flags, rate, filter -------------------------------------------------------------------------

TEST_F(VifPolicies, PortFlagsComeFromTheBridgesPolicyOverTheGeneralOne) {
  Host::write_config(
      "[vif]\nisolated = true\nlearning = false\nbpdu_guard = true\nmcast_flood = false\n"
      "[bridge.xenbr0]\nports = [\"eth0\"]\nvif = { isolated = false, flood = false }\n");
  ASSERT_EQ(online(), 0) << error_of();
  for (const char* flag :
       {"isolated off", "learning off", "guard on", "mcast_flood off", " flood off"})
    EXPECT_TRUE(has(link("vif5.0"), flag)) << flag << "\n" << link("vif5.0");
}

TEST_F(VifPolicies, AntispoofByMacLocksThePortToTheGuestsMac) {
  Host::write_config(std::string(one_bridge) + "vif = { antispoof = \"mac\" }\n");
  set("mac", "02:00:00:00:00:05");
  ASSERT_EQ(online(), 0) << error_of();
  EXPECT_TRUE(has(link("vif5.0"), "locked on"));
  EXPECT_TRUE(has(link("vif5.0"), "learning off"));
  EXPECT_TRUE(
      has(sh("bridge fdb show dev vif5.0"), "02:00:00:00:00:05 sticky master xenbr0 static"))
      << sh("bridge fdb show dev vif5.0");
}

TEST_F(VifPolicies, AntispoofWithoutTheGuestsMacIsRefused) {
  Host::write_config(std::string(one_bridge) + "vif = { antispoof = \"mac\" }\n");
  EXPECT_EQ(online(), 1);
  EXPECT_TRUE(has(error_of(), "antispoof needs the guest's MAC")) << error_of();
}

TEST_F(VifPolicies, AntispoofByAddressWithoutOrWithAWrongIpIsRefused) {
  Host::write_config(std::string(one_bridge) + "vif = { antispoof = \"mac-ip\" }\n");
  set("mac", "02:00:00:00:00:05");
  EXPECT_EQ(online(), 1);
  EXPECT_TRUE(has(error_of(), "hint: ip=ADDRESS")) << error_of();
  set("ip", "192.0.2.300");
  EXPECT_EQ(online(), 1);
  EXPECT_TRUE(has(error_of(), "ip \"192.0.2.300\" is wrong at character 1")) << error_of();
}

TEST_F(VifPolicies, TheFilterStandsWhileTheVifIsOnlineAndGoesWithIt) {
  Host::write_config(std::string(one_bridge) + "vif = { antispoof = \"mac-ip\" }\n");
  set("mac", "02:00:00:00:00:05");
  set("ip", "192.0.2.5");
  ASSERT_EQ(online(), 0) << error_of();
  EXPECT_TRUE(has(sh("nft list table bridge vifchain"), "\"vif5.0\""));
  ASSERT_EQ(offline(), 0);
  EXPECT_FALSE(has(sh("nft list ruleset"), "\"vif5.0\""));
}

TEST_F(VifPolicies, AFailedOnlineLeavesNoFilter) {
  Host::write_config(std::string(one_bridge) + "vif = { antispoof = \"mac\" }\n");
  set("mac", "02:00:00:00:00:05");
  sh("mkdir -p /etc/xen/scripts/vif-post.d && printf 'false\\n' > "
     "/etc/xen/scripts/vif-post.d/a.hook && chmod +x /etc/xen/scripts/vif-post.d/a.hook");
  EXPECT_EQ(online(), 1);
  EXPECT_FALSE(has(sh("nft list ruleset"), "\"vif5.0\""));
}

TEST_F(VifPolicies, AFailedOnlineAgainLeavesTheFilterThatWasThere) {
  Host::write_config(std::string(one_bridge) + "vif = { antispoof = \"mac\" }\n");
  set("mac", "02:00:00:00:00:05");
  ASSERT_EQ(online(), 0) << error_of();
  set("mac", "02:00:00:00:00:06");
  sh("mkdir -p /etc/xen/scripts/vif-post.d && printf 'false\n' > "
     "/etc/xen/scripts/vif-post.d/a.hook && chmod +x /etc/xen/scripts/vif-post.d/a.hook");
  EXPECT_EQ(online(), 1);
  const auto rules = sh("nft list ruleset");
  EXPECT_TRUE(has(rules, "02:00:00:00:00:05") && !has(rules, "02:00:00:00:00:06")) << rules;
}

TEST_F(VifPolicies, AddressesAloneMakeNoFilter) {
  set("ip", "192.0.2.5");
  ASSERT_EQ(online(), 0) << error_of();
  EXPECT_EQ(sh("nft list ruleset"), "");
  set("ip", "none of your business");
  EXPECT_EQ(online(), 0) << "text that nobody asks for is nobody's mistake: " << error_of();
}

TEST_F(VifPolicies, AReceiveRateLimitsWhatThePortSends) {
  if (!has(sh("tc qdisc add dev eth0 root tbf rate 1mbit burst 10kb latency 50ms 2>&1 && "
              "tc qdisc del dev eth0 root && echo works || true"),
           "works"))
    GTEST_SKIP() << "this machine's kernel has no tbf; the lab's has";
  Host::write_config(std::string(one_bridge) + "vif = { receive_rate = \"10Mbit\" }\n");
  ASSERT_EQ(online(), 0) << error_of();
  EXPECT_TRUE(has(sh("tc qdisc show dev vif5.0"), "rate 10Mbit")) << sh("tc qdisc show dev vif5.0");
}

// --- hooks ---------------------------------------------------------------------------------------

TEST_F(VifPolicies, HooksRunBeforeTheGuestIsConnectedWithXensVariables) {
  sh("mkdir -p /etc/xen/scripts/vif-post.d && cat > /etc/xen/scripts/vif-post.d/a.hook <<'E'\n"
     "echo \"$command $type_if $dev $vif $bridge [$(xenstore-read $XENBUS_PATH/hotplug-status)]\" "
     ">> /run/hooked\nE\nchmod +x /etc/xen/scripts/vif-post.d/a.hook");
  ASSERT_EQ(online(), 0) << error_of();
  ASSERT_EQ(offline(), 0);
  EXPECT_EQ(sh("cat /run/hooked"),
            "online vif vif5.0 vif5.0 xenbr0 []\noffline vif vif5.0 vif5.0 xenbr0 [connected]\n");
}

TEST_F(VifPolicies, HooksHearOfAllFourCommandsAndOfBothPorts) {
  sh("mkdir -p /etc/xen/scripts/vif-post.d && cat > /etc/xen/scripts/vif-post.d/a.hook <<'E'\n"
     "echo \"$command $type_if $dev $vif\" >> /run/hooked\nE\n"
     "chmod +x /etc/xen/scripts/vif-post.d/a.hook");
  add_tap(5);
  set("vifname", "web");
  ASSERT_EQ(online(), 0) << error_of();
  ASSERT_EQ(add(), 0) << error_of();
  ASSERT_EQ(offline(), 0);
  ASSERT_EQ(remove(), 0);
  EXPECT_EQ(sh("cat /run/hooked"),
            "online vif web vif5.0\nadd tap web-emu vif5.0\n"
            "offline vif web vif5.0\nremove tap web-emu vif5.0\n");
}

// --- waiting -------------------------------------------------------------------------------------

TEST_F(VifPolicies, ANetdevThatComesLateIsWaitedFor) {
  Host::write_config("[bridge.xenbr0]\nports = [\"eth0\"]\n");
  ASSERT_EQ(online(), 0);  // the chain stands
  sh("ip link del vif5.0");
  const pid_t run = Host::start_vif_chain("online", 5, 0);
  ASSERT_TRUE(is_waited_for_a_link());
  sh("ip link add vif5.0 type veth peer name g5.0");
  EXPECT_EQ(exit_code_of(run), 0) << error_of();
  EXPECT_TRUE(has(link("vif5.0"), "master xenbr0"));
}

TEST_F(VifPolicies, AnUplinkThatComesLateIsWaitedFor) {
  Host::write_config("[bridge.xenbr0]\nports = [\"eth5\"]\n");
  const pid_t run = Host::start_vif_chain("online", 5, 0);
  ASSERT_TRUE(is_waited_for_a_link());
  Host::add_nic("eth5");
  EXPECT_EQ(exit_code_of(run), 0) << error_of();
  EXPECT_TRUE(has(link("eth5"), "master xenbr0"));
}

TEST_F(VifPolicies, ABridgeOfSomebodyElsesThatComesLateIsWaitedFor) {
  Host::write_config("[bridge.xenbr0]\nports = [\"eth0\"]\n");
  set("bridge", "br9");
  const pid_t run = Host::start_vif_chain("online", 5, 0);
  ASSERT_TRUE(is_waited_for_a_link());
  sh("ip link add br9 type bridge && ip link set br9 up");
  EXPECT_EQ(exit_code_of(run), 0) << error_of();
  EXPECT_TRUE(has(link("vif5.0"), "master br9"));
}

TEST_F(VifPolicies, WhatDoesNotComeIsRefusedWithWhatWasMissingAndForHowLong) {
  Host::write_config("[vif]\nwait = 1\n[bridge.xenbr0]\nports = [\"eth5\"]\n");
  EXPECT_EQ(online(), 1);
  EXPECT_EQ(error_of(), "vif5.0: eth5: no such link on this host (nor came within 1 s)");
}

// --- teardown ------------------------------------------------------------------------------------

TEST_F(VifPolicies, AChainGoesWithItsLastVifWhereTheFileSaysSo) {
  Host::write_config(std::string(one_bridge) + "teardown = \"last-vif\"\n");
  Host::add_vif(6, 0, "xenbr0");
  ASSERT_EQ(online(), 0);
  ASSERT_EQ(online(6), 0);
  ASSERT_EQ(offline(), 0);
  ASSERT_EQ(offline(6), 0);
  EXPECT_TRUE(eventually([] { return !is_there("xenbr0"); })) << Host::log();
  EXPECT_FALSE(has(link("eth0"), "master"));
}

TEST_F(VifPolicies, AChainThatGoesIsMadeAnewByTheNextVif) {
  Host::write_config(std::string(one_bridge) + "teardown = \"last-vif\"\n");
  ASSERT_EQ(online(), 0);
  ASSERT_EQ(offline(), 0);
  Host::add_vif(6, 0, "xenbr0");
  ASSERT_EQ(online(6), 0) << error_of(6);
  EXPECT_TRUE(has(link("vif6.0"), "master xenbr0"));
}

}  // namespace
}  // namespace vifchain
