// SPDX-License-Identifier: Apache-2.0
// netdev_of_vif, on a folder that looks as sysfs does.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "edge/base/error.hpp"
#include "edge/kernel/vif_netdev.hpp"
#include "temp_folder.hpp"

namespace vifchain {
namespace {

class Sysfs : public ::testing::Test {
 protected:
  void add(const std::string& device, const std::string& netdev) {
    std::filesystem::create_directories(devices_ + "/" + device + "/net/" + netdev);
  }

  TempFolder root_;
  std::string devices_ = root_ / "bus/xen-backend/devices";
};

TEST_F(Sysfs, GivesTheKernelsOwnNameOfAVif) {
  add("vif-5-0", "vif5.0");
  EXPECT_EQ(netdev_of_vif(5, 0, root_.path()), "vif5.0");
}

TEST_F(Sysfs, GivesTheNameThatAVifWasRenamedTo) {
  add("vif-5-0", "web");
  EXPECT_EQ(netdev_of_vif(5, 0, root_.path()), "web");
}

TEST_F(Sysfs, GivesANameThatBeginsWithADot) {
  add("vif-5-0", ".web");
  EXPECT_EQ(netdev_of_vif(5, 0, root_.path()), ".web");
}

TEST_F(Sysfs, IsNotMisledByAnotherVifThatTookTheName) {
  add("vif-5-0", "web");
  add("vif-6-0", "vif5.0");
  EXPECT_EQ(netdev_of_vif(5, 0, root_.path()), "web");
  EXPECT_EQ(netdev_of_vif(6, 0, root_.path()), "vif5.0");
}

TEST_F(Sysfs, GivesNothingForAVifThatIsGone) {
  add("vif-5-0", "vif5.0");
  EXPECT_EQ(netdev_of_vif(5, 1, root_.path()), std::nullopt);
  EXPECT_EQ(netdev_of_vif(50, 0, root_.path()), std::nullopt);
}

TEST_F(Sysfs, GivesNothingForAVifThatHasNoInterfaceYet) {
  std::filesystem::create_directories(devices_ + "/vif-5-0");
  EXPECT_EQ(netdev_of_vif(5, 0, root_.path()), std::nullopt);
  std::filesystem::create_directories(devices_ + "/vif-5-0/net");
  EXPECT_EQ(netdev_of_vif(5, 0, root_.path()), std::nullopt);
}

TEST_F(Sysfs, SaysSoWhenItCannotBeRead) {
  std::filesystem::create_directories(devices_ + "/vif-5-0");
  std::ofstream(devices_ + "/vif-5-0/net") << "no folder";
  EXPECT_THROW(static_cast<void>(netdev_of_vif(5, 0, root_.path())), Error);
}

}  // namespace
}  // namespace vifchain
