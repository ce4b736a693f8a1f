// SPDX-License-Identifier: Apache-2.0
// Chains kept between events: the same as the file says, or nothing.
#include "edge/state/chain_cache.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <ctime>
#include <filesystem>

#include "edge/parse/toml.hpp"
#include "edge/state/serialize.hpp"
#include "temp_folder.hpp"

namespace vifchain {
namespace {

constexpr const char* rich = R"([bond.bond1]
ports = ["eth0", "eth3"]
mode = "active-backup"
primary = "eth3"
arp_interval = 200
arp_ip_target = ["192.0.2.1", "192.0.2.2"]
mac = "02:00:00:00:00:01"

[vlan.dmz]
link = "bond1"
id = 2
egress_qos_map = ["1:2", "3:4"]

[bridge.xenbrdmz]
ports = ["dmz"]
mtu = 1400
hello_time = 1.5

[bridge.xenbrtrunk]
ports = ["eth4"]
vlan_filtering = true

[port.eth4]
vlans = "10-20"
pvid = 5
isolated = true

[bridge.xenbrint]
ports = []
teardown = "last-vif"
linger = 3600

[bridge.xenbrint.vif]
antispoof = "closed"
isolated = true
learning = false
bpdu_guard = true
flood = false
mcast_flood = false
ipv6_link_local = true
wait = 30
receive_rate = "1Tbit"

[vif]
antispoof = "mac-ip"
)";

// A file that was written long ago, and a folder to keep its chains in.
class KeptChains : public ::testing::Test {
 protected:
  void SetUp() override { write(rich); }

  void write(const std::string& toml) {
    std::ofstream(file_) << toml;
    auto read = load_topology(file_);
    ASSERT_TRUE(std::holds_alternative<Topology>(read));
    topology_ = std::get<Topology>(read);
  }

  FileIdentity identity() { return FileIdentity::of(file_).value(); }
  void keep() { keep_chains(folder_.path(), identity(), topology_, an_hour_later_); }

  std::int64_t an_hour_later_ = std::time(nullptr) + 3600;
  TempFolder folder_;
  std::string file_ = folder_ / "vifchain.toml";
  Topology topology_;
};

bool same(const Chain& a, const Chain& b) {
  return a.bridge == b.bridge && a.links == b.links && a.ports == b.ports && a.policy == b.policy &&
         a.teardown == b.teardown;
}

TEST_F(KeptChains, EveryChainComesBackAsItWas) {
  for (const auto* name : {"xenbrdmz", "xenbrtrunk", "xenbrint"}) {
    const auto chain = chain_for(topology_, name).value();
    const auto back = decode(encode(chain));
    ASSERT_TRUE(back) << name;
    EXPECT_TRUE(same(*back, chain)) << name;
  }
}

TEST_F(KeptChains, EachPartOfAPolicyComesBackWithoutTheOthers) {
  Chain chain = chain_for(topology_, "xenbrdmz").value();
  const VifPolicy policies[] = {
      {.antispoof = Antispoof::off}, {.isolated = true}, {.learning = true},
      {.bpdu_guard = false},         {.flood = true},    {.mcast_flood = true},
      {.ipv6_link_local = false},    {.wait = 7},        {.receive_rate = 16'000}};
  for (const auto& policy : policies) {
    chain.policy = policy;
    EXPECT_TRUE(same(decode(encode(chain)).value(), chain));
  }
}

TEST_F(KeptChains, AnUnknownModeOfAntispoofIsNoChain) {
  Chain chain = chain_for(topology_, "xenbrdmz").value();
  chain.policy.antispoof = static_cast<Antispoof>(4);
  EXPECT_FALSE(decode(encode(chain)));
}

TEST_F(KeptChains, BytesThatEndEarlyAreNoChain) {
  const auto bytes = encode(chain_for(topology_, "xenbrdmz").value());
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode(std::string_view(bytes).substr(0, size))) << size;
  EXPECT_FALSE(decode(bytes + "x"));
}

TEST_F(KeptChains, AreFoundByTheBridgesName) {
  keep();
  for (const auto* name : {"xenbrdmz", "xenbrtrunk", "xenbrint"}) {
    const auto kept = cached_chain(folder_.path(), identity(), name);
    ASSERT_TRUE(kept) << name;
    EXPECT_TRUE(same(*kept, chain_for(topology_, name).value()));
  }
  EXPECT_FALSE(cached_chain(folder_.path(), identity(), "xenbr0"));
  EXPECT_FALSE(cached_chain(folder_.path(), identity(), ""));
}

TEST_F(KeptChains, OfAnotherStateOfTheFileAreNotUsed) {
  keep();
  write(std::string(rich) + "# one more line\n");
  EXPECT_FALSE(cached_chain(folder_.path(), identity(), "xenbrdmz"));
}

TEST_F(KeptChains, OfAFileThatWasWrittenJustNowAreNotKept) {
  keep_chains(folder_.path(), identity(), topology_, std::time(nullptr));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "chains"));
}

TEST_F(KeptChains, ThatOthersCouldHaveWrittenAreNotUsed) {
  keep();
  ASSERT_EQ(::chmod((folder_ / "chains").c_str(), 0622), 0);
  EXPECT_FALSE(cached_chain(folder_.path(), identity(), "xenbrdmz"));
}

TEST_F(KeptChains, ThatWereCutOffOrGarbledAreNotUsed) {
  keep();
  const std::string whole = contents_of(folder_ / "chains");
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    std::ofstream(folder_ / "chains", std::ios::trunc) << whole.substr(0, size);
    const auto kept = cached_chain(folder_.path(), identity(), "xenbrtrunk");
    EXPECT_TRUE(!kept || same(*kept, chain_for(topology_, "xenbrtrunk").value())) << size;
  }
}

TEST_F(KeptChains, AFolderThatIsMissingIsNoError) {
  keep_chains(folder_ / "nowhere", identity(), topology_, an_hour_later_);
  EXPECT_FALSE(cached_chain(folder_ / "nowhere", identity(), "xenbrdmz"));
}

}  // namespace
}  // namespace vifchain
