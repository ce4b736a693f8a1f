// SPDX-License-Identifier: Apache-2.0
// Guests who come and move while one call of the kernel after the other fails, or is the last that
// the run makes: on a real kernel, whatever the run did, they are up behind their filter or not at
// all.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>
#include <regex>
#include <sstream>

#include "host.hpp"
#include "temp_folder.hpp"

namespace vifchain {
namespace {

// The bridges, and the chain of the filter that guests have there.
const std::map<std::string, std::string> filter_on{
    {"free", ""}, {"mac", "goto mac"}, {"closed", "goto closed"}};

std::map<std::string, std::string> filters() {
  const std::string text = sh("nft list map bridge vifchain mode 2>/dev/null || true");
  const std::regex element("\"([^\"]+)\" : (goto [a-z0-9_]+)");
  std::map<std::string, std::string> all;
  for (std::sregex_iterator at(text.begin(), text.end(), element), end; at != end; ++at)
    all.emplace((*at)[1], (*at)[2]);
  return all;
}

struct Port {
  std::string bridge, filter;
  bool up = false;
  bool operator==(const Port&) const = default;
};

std::map<std::string, Port> ports() {
  const auto behind = filters();
  const std::regex link("[0-9]+: (vif[^@:]+)[@:] <([^>]*)>(.* master ([^ ]+))?.*");
  std::istringstream lines(sh("ip -o link show type veth"));
  std::map<std::string, Port> all;
  for (std::string line; std::getline(lines, line);) {
    std::smatch found;
    if (!std::regex_match(line, found, link)) continue;
    const auto filter = behind.find(found[1]);
    const bool up = ("," + found[2].str() + ",").find(",UP,") != std::string::npos;
    all[found[1]] = {found[4], filter == behind.end() ? "" : filter->second, up};
  }
  return all;
}

void to_bridge(const std::string& bridge) {
  Host::set_node(Host::backend(5, 0) + "/bridge", bridge);
}

std::string vif_chain(const std::string& command, const std::string& type) {
  return "script=/etc/xen/scripts/vif-chain XENBUS_TYPE=vif XENBUS_PATH=backend/vif/5/0 "
         "XENBUS_BASE_PATH=backend vif=vif5.0 " +
         std::string("BEFORE ") + vif_chain_program() + " " + command + " type_if=" + type;
}

// What runs, from where, and how that is reached from wherever the run before left it.
struct Course {
  const char* name;
  std::string words;
  std::function<void()> begin;
};

void must(const std::string& command, const std::string& type = "vif") {
  ASSERT_EQ(Host::vif_chain(command, 5, 0, "type_if=" + type).exit_code, 0) << Host::log();
}

const std::vector<Course>& courses() {
  static const auto is_on = [](const std::string& bridge) {
    return [bridge] {
      to_bridge(bridge);
      must("online");
    };
  };
  static const std::vector<Course> all{
      {"comes", vif_chain("online", "vif"),
       [] {
         must("offline");
         to_bridge("mac");
       }},
      {"comes_again", vif_chain("online", "vif"), is_on("mac")},
      {"brings_its_emulated_nic", vif_chain("add", "tap"),
       [] {
         is_on("mac")();
         must("remove", "tap");
       }},
      {"moves_to_where_all_is_free", "BEFORE " + vifchain_program() + " vif 5/0 bridge=free",
       is_on("closed")},
      {"moves_to_where_nothing_is", "BEFORE " + vifchain_program() + " vif 5/0 bridge=closed",
       is_on("free")},
  };
  return all;
}

class GuestUnderFaults : public ::testing::TestWithParam<const Course*> {
 protected:
  void SetUp() override {
    host_.emplace();
    sh("mkdir -p /run/lib && mount --bind /run/lib /var/lib");
    std::string file;
    for (const auto& [bridge, filter] : filter_on)
      file += "[bridge." + bridge + "]\nports = []\nvif = { antispoof = \"" +
              (filter.empty() ? "off" : filter.substr(5)) + "\" }\n";
    Host::write_config(file);
    ASSERT_EQ(vifchain("apply").exit_code, 0);
    Host::add_vif(5, 0, "mac");
    Host::set_node(Host::backend(5, 0) + "/mac", "02:00:00:00:00:05");
    sh("ip link add vif5.0-emu address fe:ff:ff:ff:ff:ff type veth peer name t5");
    Host::set_node(Host::backend(5, 0) + "/type", "vif_ioemu");
    Host::set_node("/libxl/5/device/vif/0/backend", Host::backend(5, 0));
  }

  // The exit code; nothing when there are fewer calls.
  static std::optional<int> run_with(const std::string& call, const std::string& way,
                                     unsigned number) {
    const std::string before =
        "ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o /run/trace -e trace=" + call +
        " -e inject=" + call + ":" + way + ":when=" + std::to_string(number);
    const Ran ran = run(std::regex_replace(GetParam()->words, std::regex("BEFORE"), before));
    const auto trace = contents_of("/run/trace");
    if (!has(trace, "INJECTED") && !has(trace, "SIGKILL")) return std::nullopt;
    return ran.exit_code;
  }

  static void expect_no_hole(const std::string& when) {
    for (const auto& [name, port] : ports())
      if (port.up && !port.bridge.empty()) {
        EXPECT_EQ(port.filter, filter_on.at(port.bridge)) << name << " on " << port.bridge << when;
      }
  }

  // All calls that say something to the kernel in turn; `after` looks at how it ended.
  static void fail_each(const std::string& way, const std::function<void(int code)>& after) {
    unsigned failed = 0;
    for (const std::string call : {"sendmsg", "sendto"})
      for (unsigned number = 1;; ++number, ++failed) {
        const std::string when = " after " + call + " " + std::to_string(number) + " with " + way;
        SCOPED_TRACE(when);
        ASSERT_NO_FATAL_FAILURE(GetParam()->begin());
        before_ = ports();
        const auto code = run_with(call, way, number);
        expect_no_hole(when);
        if (!code) break;
        after(*code);
      }
    EXPECT_GT(failed, 5U) << "there was something to fail";
  }

  static inline std::map<std::string, Port> before_;
  std::optional<Host> host_;
};

TEST_P(GuestUnderFaults, IsWhereAndAsItWasWhenOneCallFails) {
  fail_each("error=ENOBUFS", [](int code) {
    if (code != 0) {
      EXPECT_EQ(ports(), before_) << contents_of("/run/err");
    }
  });
}

TEST_P(GuestUnderFaults, IsBehindItsFilterWhenTheRunIsKilled) {
  fail_each("signal=KILL", [](int code) { EXPECT_NE(code, 0); });
}

std::vector<const Course*> each() {
  std::vector<const Course*> all;
  for (const auto& course : courses()) all.push_back(&course);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Guests, GuestUnderFaults, ::testing::ValuesIn(each()),
                         [](const auto& course) { return course.param->name; });

}  // namespace
}  // namespace vifchain
