// SPDX-License-Identifier: Apache-2.0
// Every folder of tests/fixtures/bad-guests but `host` holds guests' configurations with something
// wrong in them and, line by line, all that must be said of it on the host that `host` describes.
// VIFCHAIN_WRITE_SAID=1 writes what is said, to be read before it is kept.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "case_folders.hpp"
#include "cli/show/show_guest_findings.hpp"
#include "edge/parse/toml.hpp"
#include "flow/host/guest_files.hpp"
#include "link_text.hpp"

namespace vifchain {
namespace {

namespace fs = std::filesystem;

const fs::path folder = fs::path(FIXTURES) / "bad-guests";
const fs::path host_folder = folder / "host";

GuestVif running_mail() {
  GuestVif mail{.vif = {7, 0}, .guest = "mail"};
  mail.link = LinkName::parse("mail0");
  mail.bridge = "br-old";
  mail.mac = Mac::parse("00:16:3e:aa:aa:aa");
  return mail;
}

// What lies in /etc/xen/scripts.
std::map<std::string, ScriptFacts> scripts(const std::vector<std::string>& wanted) {
  const std::map<std::string, ScriptFacts> there{
      {"vif-chain", {.there = true, .runnable = true, .ours = true}},
      {"vif-bridge", {.there = true, .runnable = true}},
      {"vif-route", {.there = true, .runnable = true}},
      {"vif-openvswitch", {.there = true, .runnable = true}},
      {"vif-old", {.there = true}}};
  std::map<std::string, ScriptFacts> facts;
  for (const auto& path : wanted) {
    const auto found = there.find(fs::path(path).filename().string());
    facts.emplace(path, found == there.end() ? ScriptFacts{} : found->second);
  }
  return facts;
}

GuestsHost host(const std::vector<WantedVif>& vifs) {
  GuestsHost host{.config = "vifchain.toml", .has_file = true};
  host.topology = std::get<Topology>(load_topology((host_folder / "vifchain.toml").string()));
  host.links = parse_actual(text_of(host_folder / "links"));
  host.running = {running_mail()};
  host.scripts = scripts(scripts_of(vifs));
  return host;
}

// The release that a case is about; Debian 12's where it says none.
XenRelease release_of(const fs::path& path) {
  std::string text = text_of(path / "xen");
  if (!text.empty()) text.pop_back();
  return XenRelease::parse(text).value_or(XenRelease{4, 17});
}

std::vector<std::string> guests_in(const fs::path& path) {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(path))
    if (entry.path().extension() == ".cfg" || entry.path().extension() == ".xml")
      files.push_back(entry.path().filename().string());
  std::ranges::sort(files);
  return files;
}

// With the files called as somebody does who stands in the folder.
std::string said_of(const fs::path& path) {
  fs::current_path(path);
  const std::string own = fs::exists("xl.conf") ? "xl.conf" : "../host/xl.conf";
  const auto read = read_guest_files(guests_in(path), release_of(path),
                                     {.xl_conf = own, .networks = "../host/networks"});
  const auto checked = check_vifs(read.vifs, host(read.vifs));
  return guest_findings_text({read, checked}, false);
}

std::vector<fs::path> cases() {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path() != host_folder) paths.push_back(entry.path());
  return paths;
}

TEST(BadGuests, AreAnsweredWithEverythingThatIsWrongInThem) {
  for (const auto& path : cases()) {
    SCOPED_TRACE(path.filename().string());
    const auto said = said_of(path);
    if (std::getenv("VIFCHAIN_WRITE_SAID") != nullptr) std::ofstream(path / "said") << said;
    EXPECT_EQ(said, text_of(path / "said"));
  }
  EXPECT_GE(cases().size(), 90U);
}

TEST(BadGuests, AllHaveSomethingSaidOfThem) {
  for (const auto& path : cases()) {
    SCOPED_TRACE(path.filename().string());
    EXPECT_FALSE(text_of(path / "said").empty());
  }
}

TEST(GuestFiles, OfWhichNothingIsWrongNothingIsSaid) {
  const auto path = host_folder / "right";
  fs::current_path(path);
  const auto read = read_guest_files(guests_in(path), {4, 19},
                                     {.xl_conf = "../xl.conf", .networks = "../networks"});
  const auto checked = check_vifs(read.vifs, host(read.vifs));
  const GuestsShown shown{read, checked};
  EXPECT_EQ(guest_findings_text(shown, false), "");
  EXPECT_EQ(guest_summary(shown), "7 vifs of 2 guests: no problems found.\n");
  EXPECT_EQ(checked.bridges, (std::vector<std::string>{"xenbrlan", "br-vlan", "br-vlan", "xenbr142",
                                                       "eth1", "xenbrlan", "br-vlan"}));
}

TEST(GuestFiles, NeedAReleaseOfXenThatIsOne) {
  EXPECT_EQ(xen_release("4.19"), (XenRelease{4, 19}));
  EXPECT_ANY_THROW(xen_release("new"));
}

}  // namespace
}  // namespace vifchain
