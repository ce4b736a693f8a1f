// SPDX-License-Identifier: Apache-2.0
// A network namespace of its own for every test, with NICs to play with, and what the kernel says
// by another way than the one under test.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "edge/kernel/kernel.hpp"

namespace vifchain {

// How GoogleTest shows a link that is not as expected.
void PrintTo(const Link& link, std::ostream* out);

}  // namespace vifchain

namespace vifchain::test {

// From construction to destruction the process is in a new, empty network namespace, with a /sys
// that shows it. Everything in it goes with it.
class Namespace {
 public:
  Namespace();
  ~Namespace();
  Namespace(const Namespace&) = delete;
  Namespace& operator=(const Namespace&) = delete;

 private:
  int network_, mounts_;
};

// True when this kernel makes links of the kind ("bond", "vlan", "dummy").
bool kernel_has(const char* kind);

// True when its bridges can filter VLANs (CONFIG_BRIDGE_VLAN_FILTERING).
bool bridges_filter_vlans();

// True when the kernel reports the option, going by a link of which `reported` was read; one that
// it does not know it takes without a word. The version says little: stable kernels get options of
// later ones.
bool kernel_knows(Option option, const Options& reported);

// Adds to `options`, as they were read, what should be read once `option` was set to `value`.
void expect(Options& options, Option option, const Value& value);

// What a new link has is what kernel_default() says, as far as a bond of this mode has the option.
void expect_defaults(const Options& options, BondMode mode = BondMode::balance_rr);

// A NIC: one end of a veth pair, the other end is called like it and "p". Both are down.
void make_nic(const std::string& name);

// Moves the link to a new network namespace, which lives as long as the process.
void move_away(const std::string& name);

// An alternative name (RTM_NEWLINKPROP).
void add_altname(const std::string& name, const std::string& altname);

// What `ip` would change behind our back.
void delete_link(const std::string& name);
void set_up(const std::string& name);
void set_controller(const std::string& name, const std::string& controller);
void put_into_group(const std::string& name, std::uint32_t group);

// A file below /sys/class/net without its line end; nothing when there is no such file.
std::optional<std::string> sysfs(const std::string& path);

LinkName name(std::string_view text);
Mac mac(std::string_view text);
VlanId vid(int number);
IpAddress ip(std::string_view text);

// One link as the kernel has it, with addresses, VLANs and static entries.
Link read(Kernel& kernel, const std::string& link);

// SetUp, which in a test is GoogleTest's.
Op up(std::string_view link);

// Performs each with the reason "test".
void perform(Kernel& kernel, std::vector<Op> ops);

// The error of a plan that must fail; what() is empty when it did not.
struct Refusal {
  int error = 0;
  std::string what = {};
};
Refusal refusal_of(Kernel& kernel, std::vector<Op> ops);

// A test with a namespace and a kernel door in it.
class KernelTest : public testing::Test {
 protected:
  Namespace namespace_;
  std::unique_ptr<Kernel> kernel_ = open_kernel();
};

}  // namespace vifchain::test
