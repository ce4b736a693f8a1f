// SPDX-License-Identifier: Apache-2.0
// A vif that is refused, or whose move is, when much has been done for it already: on a real
// kernel, all is as it was, whatever the kernel answers meanwhile.
#include <gtest/gtest.h>

#include <fstream>
#include <optional>

#include "host.hpp"
#include "temp_folder.hpp"

namespace vifchain {
namespace {

// Two bridges with policies of their own, and the vif of a guest.
class Refused : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.emplace();
    Host::write_config(
        "[bridge.a]\nports = []\n"
        "vif = { antispoof = \"mac-ip\", receive_rate = \"50Mbit\", isolated = true }\n"
        "[bridge.c]\nports = []\nmtu = 1400\n"
        "vif = { antispoof = \"mac\", receive_rate = \"10Mbit\" }\n");
    Host::add_vif(5, 0, "a");
    Host::set_node(Host::backend(5, 0) + "/mac", "00:16:3e:00:00:05");
    Host::set_node(Host::backend(5, 0) + "/ip", "192.0.2.5");
    Host::set_node("/libxl/5/device/vif/0/backend", Host::backend(5, 0));
  }

  // A hook that comes last and fails but where this holds.
  static void refuse_unless(const std::string& condition) {
    sh("mkdir -p /etc/xen/scripts/vif-post.d");
    std::ofstream("/etc/xen/scripts/vif-post.d/a.hook") << "#!/bin/sh\n" << condition << "\n";
    sh("chmod +x /etc/xen/scripts/vif-post.d/a.hook");
  }

  static std::string status() { return Host::node(Host::backend(5, 0) + "/hotplug-status"); }
  static bool is_filtered() {
    return has(sh("nft list map bridge vifchain mode 2>/dev/null || true"), "\"vif5.0\"");
  }
  static bool is_port() { return has(sh("ip link show vif5.0"), "master"); }

  // Links and their options, ports and their flags, limits, filters, and the vif's nodes.
  static std::string all() {
    return Host::links() +
           sh("bridge -d link show dev vif5.0; bridge fdb show br a | sort; "
              "tc qdisc show dev vif5.0; nft list map bridge vifchain mode; "
              "nft list set bridge vifchain macs; nft list set bridge vifchain "
              "own_ip4") +
           Host::node(Host::backend(5, 0) + "/bridge") + Host::node(Host::frontend(5, 0) + "/mtu") +
           status();
  }

  // vif-chain under strace with these words for it; its exit code.
  static int online_under(const std::string& words) {
    return std::stoi(sh(environment() +
                        "ASAN_OPTIONS=detect_leaks=0 XENBUS_PATH=backend/vif/5/0 "
                        "vif=vif5.0 strace -f -qq -o /run/trace " +
                        words + " " + vif_chain_program() + " online type_if=vif; echo $?"));
  }

  std::optional<Host> host_;
};

TEST_F(Refused, AMoveLeavesFilterLimitMtuAndFlagsAsTheyWere) {
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0);
  const auto before = all();
  refuse_unless("test $bridge != c");
  const Ran moved = vifchain("vif 5/0 bridge=c");
  EXPECT_EQ(moved.exit_code, 1) << moved.out;
  EXPECT_TRUE(has(moved.err, "a.hook")) << moved.err;
  EXPECT_EQ(all(), before);
}

TEST_F(Refused, AMoveWhoseRollbackIsRefusedTooLeavesThemAsTheyWere) {
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0);
  const auto before = all();
  refuse_unless("false");
  EXPECT_EQ(vifchain("vif 5/0 bridge=c").exit_code, 1);
  EXPECT_EQ(all(), before);
}

// A dump of all links is cut short by each that comes or goes, and where guests come and go all the
// time it never ends.
TEST_F(Refused, IsPutBackWithoutAskingForAllLinks) {
  const auto requests = [](const std::string& bytes) {
    return sh("grep -cF '" + bytes + "' /run/trace || true");
  };
  Host::add_vif(6, 0, "c");
  Host::set_node(Host::backend(6, 0) + "/mac", "00:16:3e:00:00:06");
  ASSERT_EQ(Host::vif_chain("online", 6, 0).exit_code, 0) << "then the filters' table stands";
  refuse_unless("false");
  EXPECT_EQ(online_under("-e trace=sendmsg -s 400"), 1);
  EXPECT_FALSE(is_port());
  EXPECT_FALSE(is_filtered());
  // RTM_GETLINK, of one and with NLM_F_DUMP.
  EXPECT_NE(requests(R"(\0\0\0\22\0\1\0)"), "0\n") << contents_of("/run/trace");
  EXPECT_EQ(requests(R"(\0\0\0\22\0\1\3)"), "0\n") << contents_of("/run/trace");
}

TEST_F(Refused, OrConnectedAndFilteredWhicheverAnswerIsLost) {
  for (const std::string error : {"ENOBUFS", "ENOMEM", "EINTR"})
    for (int answer = 1; answer <= 9; answer += 2) {
      const int code = online_under("-e trace=none -e inject=recvmmsg:error=" + error +
                                    ":when=" + std::to_string(answer));
      SCOPED_TRACE(error + " at answer " + std::to_string(answer));
      EXPECT_EQ(status(), code == 0 ? "connected" : "error");
      EXPECT_EQ(is_port(), code == 0);
      EXPECT_EQ(is_filtered(), code == 0);
      EXPECT_EQ(Host::vif_chain("offline", 5, 0).exit_code, 0);
      EXPECT_EQ(vifchain("down --all").exit_code, 0);
    }
}

}  // namespace
}  // namespace vifchain
