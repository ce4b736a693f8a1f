// SPDX-License-Identifier: Apache-2.0
// What a guest's filter costs beside those of others: what a run of vif-chain and the kernel say to
// each other, counted. How long it takes is measured by bench/run.
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <sstream>

#include "edge/filter/filter.hpp"
#include "filter_frames.hpp"
#include "host.hpp"
#include "netns.hpp"
#include "temp_folder.hpp"

namespace vifchain {
namespace {

// Calls on netlink sockets by name, and the bytes, or with recvmmsg the messages, that they took;
// those of xenstore's socket are told by their flag.
struct Calls {
  std::size_t number = 0, size = 0;
  bool operator==(const Calls&) const = default;
};
using Exchange = std::map<std::string, Calls>;

void PrintTo(const Calls& calls, std::ostream* out) {
  *out << calls.number << " calls, " << calls.size << " in size";
}

// A bridge with a filter for its guests, and the vif of one.
class FilterCost : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.emplace();
    Host::write_config("[bridge.xenbr0]\nports = []\nvif = { antispoof = \"mac-ip\" }\n");
    for (const unsigned guest : {5U, 6U}) {  // 6 stays, so that 5 is never the first or the last
      Host::add_vif(guest, 0, "xenbr0");
      Host::set_node(Host::backend(guest, 0) + "/mac", "00:16:3e:00:00:0" + std::to_string(guest));
      Host::set_node(Host::backend(guest, 0) + "/ip", "192.0.2.5 2001:db8::5");
      ASSERT_EQ(Host::vif_chain("online", guest, 0).exit_code, 0);
    }
    ASSERT_EQ(Host::vif_chain("offline", 5, 0).exit_code, 0);
  }

  static Exchange exchange_of(const std::string& command) {
    sh(environment() +
       "ASAN_OPTIONS=detect_leaks=0 XENBUS_PATH=backend/vif/5/0 vif=vif5.0 strace -qq -s 0 "
       "-o /run/trace -e trace=sendto,sendmsg,recvfrom,recvmsg,recvmmsg " +
       vif_chain_program() + " " + command + " type_if=vif");
    Exchange exchange;
    std::istringstream lines(contents_of("/run/trace"));
    for (std::string line; std::getline(lines, line);) {
      const auto result = line.rfind(" = ");
      if (has(line, "MSG_NOSIGNAL") || result == line.npos) continue;
      Calls& calls = exchange[line.substr(0, line.find('('))];
      ++calls.number;
      calls.size += std::strtoul(line.c_str() + result + 3, nullptr, 10);
    }
    EXPECT_GE(exchange.size(), 3U) << contents_of("/run/trace");
    return exchange;
  }

  // As many guests with filters of their own.
  static void guests_besides(int number) {
    const auto filter = open_filter();
    for (int guest = 100; guest < 100 + number; ++guest) {
      const auto port = "vif" + std::to_string(guest) + ".0";
      auto own = test::guest_filter(port, "xenbr0", Antispoof::mac_ip);
      own.owner = LinkName::parse(port);
      own.mac = test::mac("02:00:00:00:00:77");
      filter->put(test::name(port), own);
    }
  }

  std::optional<Host> host_;
};

// As many questions, and as many of the same steps, to put a filter in place, to look at one that
// stands, and to take it away. One answer alone has others in it: which ports have the guest's MAC,
// some bytes for each port with a filter.
TEST_F(FilterCost, IsTheSameBesideManyOthers) {
  const std::vector<std::string> commands{"online", "online", "offline"};
  std::vector<Exchange> alone, beside;
  for (const auto& command : commands) alone.push_back(exchange_of(command));
  constexpr int others = 500;
  guests_besides(others);
  ASSERT_TRUE(has(sh("nft list map bridge vifchain mode"), "\"vif599.0\" : goto mac_ip"));
  for (const auto& command : commands) beside.push_back(exchange_of(command));
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const Calls few = alone[i].extract("recvfrom").mapped(),
                many = beside[i].extract("recvfrom").mapped();
    EXPECT_EQ(beside[i], alone[i]) << commands[i];
    EXPECT_LE(many.size, few.size + 40 * others) << commands[i];
    RecordProperty(commands[i] + std::to_string(i) + " bytes for each of the others",
                   static_cast<int>((many.size - few.size) / others));
  }
}

}  // namespace
}  // namespace vifchain
