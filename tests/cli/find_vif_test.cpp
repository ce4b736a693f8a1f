// SPDX-License-Identifier: Apache-2.0
// From what people call a vif to the vif.
#include <gtest/gtest.h>

#include <algorithm>

#include "cli/find_vif.hpp"
#include "edge/base/error.hpp"
#include "fake_store.hpp"
#include "flow/run/converge.hpp"

namespace vifchain {
namespace {

// Knows web and lone by name; counts how often it was opened.
class FakeGuests final : public GuestNames {
 public:
  std::optional<unsigned> domid_of(const std::string& name) override {
    if (name == "web") return 5;
    if (name == "lone") return 7;
    if (name == "a/b") return 5;
    return std::nullopt;
  }
  std::optional<std::string> name_of(unsigned) override { return std::nullopt; }
};

class FindVif : public ::testing::Test {
 protected:
  FindVif() {
    add(5, "web", {0});
    add(6, "db", {0, 1, 10});
    store_.write("/local/domain/7/name", "lone");
    store_.write("/libxl/7/device/vbd/51712/backend", "/local/domain/0/backend/vbd/7/51712");
  }

  void add(unsigned domid, const std::string& name, const std::vector<unsigned>& devids,
           const std::string& owner = "0") {
    const std::string guest = std::to_string(domid);
    store_.write("/local/domain/" + guest + "/name", name);
    for (const unsigned devid : devids) {
      const std::string place = guest + "/" + std::to_string(devid);
      store_.write("/libxl/" + guest + "/device/vif/" + std::to_string(devid) + "/backend",
                   "/local/domain/" + owner + "/backend/vif/" + place);
    }
  }

  FoundVif find(const std::string& text, Store* store = nullptr) {
    const auto open = [&]() -> std::unique_ptr<GuestNames> {
      ++opened_;
      return std::make_unique<FakeGuests>();
    };
    return find_vif(store != nullptr ? *store : store_, open, text);
  }

  std::string refusal(const std::string& text, Store* store = nullptr) {
    try {
      return "found " + find(text, store).backend;
    } catch (const Refusal& refused) {
      return refused.what();
    }
  }

  FakeStore store_;
  int opened_ = 0;
};

TEST_F(FindVif, TakesANumberWithoutAskingXen) {
  const FoundVif found = find("6/1");
  EXPECT_EQ(found.vif, (VifId{6, 1}));
  EXPECT_EQ(found.backend, "/local/domain/0/backend/vif/6/1");
  EXPECT_EQ(found.libxl, "/libxl/6/device/vif/1");
  EXPECT_EQ(found.in_words, "6/1");
  EXPECT_EQ(opened_, 0);
}

TEST_F(FindVif, TakesANameAsXenKnowsIt) {
  const FoundVif found = find("web/0");
  EXPECT_EQ(found.vif, (VifId{5, 0}));
  EXPECT_EQ(found.in_words, "web/0");
  EXPECT_EQ(opened_, 1);
}

TEST_F(FindVif, TakesTheOnlyVifWhenNoneIsNamed) {
  EXPECT_EQ(find("web").vif, (VifId{5, 0}));
  EXPECT_EQ(find("web").in_words, "web/0");
}

TEST_F(FindVif, TakesWhatIsBehindTheLastSlashForTheVif) {
  EXPECT_EQ(find("a/b/0").vif, (VifId{5, 0}));
}

TEST_F(FindVif, ListsTheVifsWhenThereAreSeveral) {
  EXPECT_EQ(refusal("6"), "6 has the vifs 0, 1 and 10: expected one, for example 6/0");
}

TEST_F(FindVif, ListsTheVifsWhenThereIsNoneOfThatNumber) {
  EXPECT_EQ(refusal("6/2"), "6 has no vif 2 (it has 0, 1 and 10)");
}

TEST_F(FindVif, ListsTheGuestsWhenThereIsNoneOfThatName) {
  EXPECT_EQ(refusal("mail"),
            "no running guest \"mail\": the guests with a vif are web (5), db "
            "(6)");
}

TEST_F(FindVif, NamesTheGuestThatWasMeant) {
  EXPECT_TRUE(refusal("wbe/0").ends_with("; did you mean \"web\"?")) << refusal("wbe/0");
}

TEST_F(FindVif, ListsTheGuestsWhenThereIsNoneOfThatNumber) {
  EXPECT_EQ(refusal("9"),
            "no guest 9 (/libxl/9/device/vif in xenstore): the guests "
            "with a vif are web (5), db (6)");
}

TEST_F(FindVif, SaysSoWhenAGuestHasNoVif) {
  EXPECT_EQ(refusal("lone"),
            "lone has no vif (/libxl/7/device/vif in xenstore): the guests with a "
            "vif are web (5), db (6)");
}

TEST_F(FindVif, SaysSoWhenNothingRuns) {
  FakeStore empty;
  EXPECT_TRUE(refusal("9", &empty).ends_with(": no guest with a vif is running"))
      << refusal("9", &empty);
}

TEST_F(FindVif, WantsANumberBehindTheSlash) {
  for (const char* text : {"web/", "web/x", "web/-1", "web/1x", "/0", ""})
    EXPECT_TRUE(refusal(text).starts_with("invalid vif \"" + std::string(text) + "\": "))
        << refusal(text);
}

TEST_F(FindVif, SendsPeopleToTheDomainThatHasTheBackend) {
  add(8, "far", {0}, "3");
  store_.write("/local/domain/3/name", "net");
  EXPECT_EQ(refusal("8"),
            "the backend of 8/0 is in domain 3 (net), not in this one; hint: there, run vifchain "
            "vif 8/0");
}

TEST_F(FindVif, KnowsItsOwnDomainWhereItHasANumber) {
  add(8, "far", {0}, "3");
  store_.write("domid", "3");
  EXPECT_EQ(find("8").backend, "/local/domain/3/backend/vif/8/0");
  EXPECT_TRUE(refusal("web").ends_with(
      " is in domain 0, not in this one; hint: there, run vifchain vif 5/0"));
}

TEST_F(FindVif, SaysSoWhenTheBackendIsNone) {
  store_.write("/libxl/8/device/vif/0/backend", "nonsense");
  EXPECT_TRUE(refusal("8").ends_with(" in xenstore: \"nonsense\" is no backend directory"))
      << refusal("8");
  store_.remove("/libxl/8/device/vif/0/backend");
  store_.write("/libxl/8/device/vif/0/frontend", "/local/domain/8/device/vif/0");
  EXPECT_TRUE(refusal("8").ends_with(": it is being removed")) << refusal("8");
}

// What a driver domain may see: nothing of the toolstack's.
class DriverDomainsStore final : public Store {
 public:
  FakeStore inside{"/local/domain/3"};

  std::vector<std::string> children(const std::string& path) override {
    return inside.children(allowed(path));
  }
  std::optional<std::string> read(const std::string& path) override {
    return inside.read(allowed(path));
  }
  void write(const std::string& path, const std::string& value) override {
    inside.write(allowed(path), value);
  }
  void write_together(std::span<const StoreNode> nodes) override { inside.write_together(nodes); }
  bool write_within(const std::string& folder, std::span<const StoreNode> nodes) override {
    return inside.write_within(allowed(folder), nodes);
  }
  void remove(const std::string& path) override { inside.remove(allowed(path)); }
  bool remove_if_empty(const std::string& path) override {
    return inside.remove_if_empty(allowed(path));
  }
  [[nodiscard]] bool is_silent() const override { return inside.is_silent(); }

 private:
  static const std::string& allowed(const std::string& path) {
    if (path.starts_with("/libxl")) throw Error(EACCES, "reading " + path + " in xenstore");
    return path;
  }
};

TEST_F(FindVif, FindsItsOwnBackendsInADriverDomain) {
  DriverDomainsStore store;
  store.write("domid", "3");
  store.write("backend/vif/8/1/frontend-id", "8");
  const FoundVif found = find("8", &store);
  EXPECT_EQ(found.vif, (VifId{8, 1}));
  EXPECT_EQ(found.backend, "backend/vif/8/1");
  EXPECT_EQ(found.libxl, "backend/vif/8/1") << "and nothing of the toolstack's is written";
}

TEST_F(FindVif, SaysSoWhenADriverDomainHasNoSuchBackend) {
  DriverDomainsStore store;
  EXPECT_EQ(refusal("9", &store),
            "9 has no vif backend in this domain (backend/vif/9 in xenstore); hint: run "
            "vifchain vif in the domain that has it");
}

TEST_F(FindVif, PassesOnWhatTheStoreSays) {
  store_.fail_at(1);
  EXPECT_THROW(find("5"), Error);
}

// libxenlight would wait without end.
TEST_F(FindVif, AsksXenForANameOnlyWhereTheStoreAnswers) {
  store_.fail_at(1);
  EXPECT_THROW(find("web"), Error);
  EXPECT_EQ(opened_, 0);
}

}  // namespace
}  // namespace vifchain
