// SPDX-License-Identifier: Apache-2.0
// A port whose link gets another name: whatever it is called at any moment, its filter is there.
#include <gtest/gtest.h>

#include "core/filter/port_filter.hpp"
#include "edge/base/error.hpp"
#include "fake_env.hpp"
#include "flow/vif/guest_filters.hpp"
#include "names.hpp"

namespace vifchain {
namespace {

struct Host : FakeEnv {
  Host() {
    PortFilter guarded{.mode = Antispoof::mac, .mac = {{2, 0, 0, 0, 0, 5}}};
    guarded.owner = name("vif5.0");
    guarded.bridge = name("xenbr0");
    filter.put(name("vif5.0"), guarded);
  }

  bool guards(const char* port) {
    const auto& all = kernel.net().filters();
    const auto found = all.find(name(port));
    return found != all.end() && found->second.mode == Antispoof::mac && !found->second.spoilt;
  }
  void rename(const std::function<void()>& work, const char* owner = "vif5.0") {
    behind_filter(filter, owner, name("vif5.0"), name("web0"), work);
  }
};

TEST(AFilteredPort, IsFilteredByBothNamesWhileItIsRenamedAndThenByTheNewOne) {
  Host host;
  bool by_both = false;
  host.rename([&] { by_both = host.guards("vif5.0") && host.guards("web0"); });
  EXPECT_TRUE(by_both);
  EXPECT_TRUE(host.guards("web0"));
  EXPECT_FALSE(host.guards("vif5.0"));
}

TEST(AFilteredPort, ThatCannotBeRenamedIsFilteredByItsOldNameAlone) {
  Host host;
  EXPECT_THROW(host.rename([] { throw Error(EEXIST, "a test"); }), Error);
  EXPECT_TRUE(host.guards("vif5.0"));
  EXPECT_FALSE(host.guards("web0"));
}

TEST(AFilteredPort, WhoseFilterIsSpoiltHasItWholeByItsNewName) {
  Host host;
  PortFilter spoilt = host.kernel.net().filters().at(name("vif5.0"));
  spoilt.spoilt = true;
  host.filter.put(name("vif5.0"), spoilt);
  host.rename([] {});
  EXPECT_TRUE(host.guards("web0"));
}

TEST(APortWithoutAFilter, GetsNoneByItsNewName) {
  Host host;
  host.rename([] {}, "vif6.0");
  EXPECT_TRUE(host.guards("vif5.0"));
  EXPECT_FALSE(host.guards("web0"));
}

}  // namespace
}  // namespace vifchain
