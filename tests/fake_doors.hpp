// The smaller doors of a site without a kernel behind them: filters, and names of links.
#pragma once

#include <map>

#include "edge/filter/filter.hpp"
#include "edge/kernel/link_names.hpp"

namespace vifchain {

class FakeFilter final : public Filter {
 public:
  [[nodiscard]] const std::map<std::string, Guard>& guards() const { return guards_; }

  bool present(const std::string& key) override { return guards_.contains(key); }
  std::optional<Guard> put(const std::string& key, const Guard& guard) override {
    const auto found = guards_.find(key);
    const auto before = found == guards_.end() ? std::nullopt : std::optional(found->second);
    guards_.insert_or_assign(key, guard);
    return before;
  }
  void remove(const std::string& key) override { guards_.erase(key); }
  void drop_unused() override {}

 private:
  std::map<std::string, Guard> guards_;
};

// Nothing was ever renamed, and nothing is found by its name: sysfs and the tables tell all.
class FakeNames final : public LinkNames {
 public:
  std::optional<LinkName> present(const LinkName& name) override {
    (void)name;
    return std::nullopt;
  }
  std::vector<LinkName> others(const LinkName& name) override {
    (void)name;
    return {};
  }
  void rename(const LinkName& from, const LinkName& to) override {
    (void)from;
    (void)to;
  }
};

}  // namespace vifchain
