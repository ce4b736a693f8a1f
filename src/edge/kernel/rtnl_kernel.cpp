// SPDX-License-Identifier: Apache-2.0
#include "edge/filter/filter.hpp"
#include "edge/kernel/kernel.hpp"
#include "edge/kernel/perform.hpp"
#include "edge/kernel/read.hpp"
#include "edge/kernel/slb_door.hpp"
#include "edge/kernel/vif_netdev.hpp"
#include "edge/netlink/rtnl.hpp"

namespace vifchain::inline edge::inline kernel {
namespace {

class RtnlKernel final : public Kernel {
 public:
  RtnlKernel(Patience patience, Filter* filter)
      : rtnl_(std::move(patience)), reader_(rtnl_), filter_(filter) {}

  Actual snapshot(const std::vector<Ask>& asked) override {
    return with_filters(with_rules(reader_.snapshot(asked)), asked);
  }
  Actual everything() override { return with_rules(reader_.everything()); }
  void read_routes(Actual& links, const std::vector<LinkName>& of) override {
    reader_.read_routes(links, of);
  }
  void perform(const std::vector<Step>& steps) override {
    Performer(rtnl_, reader_, slb_, filter_).perform(steps);
  }
  void read_filters(Actual& links) override {
    reader_.read_all_rates(links);
    const auto table = filter_ == nullptr ? std::nullopt : filter_->read();
    if (!table) return;
    for (auto& [name, link] : links) {
      if (!is_given(link)) continue;
      const auto found = table->ports.find(name);
      link.filter = found == table->ports.end() ? PortFilter{} : found->second;
    }
  }
  std::vector<LinkName> neighbours(const LinkName& name) override { return linked_with(name); }
  std::map<LinkName, LinkName> follow_names(const std::vector<LinkName>& names) override {
    return reader_.follow_names(names);
  }

 private:
  Actual with_rules(Actual links) {
    read_rules(slb_, links);
    return links;
  }

  Actual with_filters(Actual links, const std::vector<Ask>& asked) {
    for (const auto& ask : asked)
      if (const auto link = links.find(ask.name);
          ask.filter && filter_ != nullptr && link != links.end() && is_given(link->second))
        link->second.filter = filter_->read(ask.name, *ask.filter);
    return links;
  }

  Rtnl rtnl_;
  LinkReader reader_;
  SlbDoor slb_;
  Filter* filter_;
};

}  // namespace

std::unique_ptr<Kernel> open_kernel(Patience patience, Filter* filter) {
  return std::make_unique<RtnlKernel>(std::move(patience), filter);
}

}  // namespace vifchain::inline edge::inline kernel
