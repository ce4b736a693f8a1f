// SPDX-License-Identifier: Apache-2.0
// The smaller doors of an Env without a kernel behind them: filters, and names of links.
#pragma once

#include <set>

#include "edge/filter/filter.hpp"
#include "edge/kernel/link_names.hpp"
#include "fake_kernel.hpp"

namespace vifchain {

// The filters of a fake kernel.
class FakeFilter final : public Filter {
 public:
  explicit FakeFilter(FakeKernel& kernel) : kernel_(kernel) {}

  bool present(const std::string& owner) override { return !of(owner).empty(); }
  std::optional<FilterTable> read() override {
    FilterTable table{.there = true, .whole = kernel_.net().filters_are_whole()};
    table.ports = kernel_.net().filters();
    for (auto& [port, filter] : table.ports) filter.spoilt |= !table.whole;
    return table;
  }
  std::optional<PortFilter> read(const LinkName& port, const PortFilter&) override {
    const auto table = read();
    const auto found = table->ports.find(port);
    return found == table->ports.end() ? PortFilter{} : found->second;
  }
  std::vector<LinkName> ports_of(const Mac& mac) override {
    std::vector<LinkName> ports;
    for (const auto& [port, filter] : kernel_.net().filters())
      if (filter.mac == mac) ports.push_back(port);
    return ports;
  }
  bool whole() override { return kernel_.net().filters_are_whole(); }
  void put(const LinkName& port, const PortFilter& filter) override {
    kernel_.perform({{SetFilter{port, filter}, "a test"}});
  }
  void remove(const std::string& owner) override {
    for (const auto& port : of(owner)) put(port, {});
  }
  void asks(std::function<PortFilters()> desired) override { desired_ = std::move(desired); }
  void make_anew() override {
    if (desired_)
      for (const auto& [port, filter] : desired_())
        if (filter.mode != Antispoof::off || kernel_.net().filters().contains(port))
          put(port, filter);
    kernel_.spoil_filters(false);
  }
  void drop_unused() override {}

 private:
  [[nodiscard]] std::set<LinkName> of(const std::string& owner) const {
    std::set<LinkName> ports;
    for (const auto& [port, filter] : kernel_.net().filters())
      if (filter.owner.value_or(port).str() == owner) ports.insert(port);
    return ports;
  }

  FakeKernel& kernel_;
  std::function<PortFilters()> desired_;
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
