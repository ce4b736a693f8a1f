#include "edge/kernel/kernel.hpp"
#include "edge/kernel/kernel_perform.hpp"
#include "edge/kernel/kernel_read.hpp"
#include "edge/kernel/rtnl.hpp"
#include "edge/kernel/slb_door.hpp"

namespace vifchain {
namespace {

class RtnlKernel final : public Kernel {
 public:
  explicit RtnlKernel(Patience patience) : rtnl_(std::move(patience)), reader_(rtnl_) {}

  Actual snapshot(const std::vector<Ask>& asked) override {
    return with_rules(reader_.snapshot(asked));
  }
  Actual everything() override { return with_rules(reader_.everything()); }
  void read_routes(Actual& links, const std::vector<LinkName>& of) override {
    reader_.read_routes(links, of);
  }
  void perform(const std::vector<Step>& steps) override {
    Performer(rtnl_, reader_, slb_).perform(steps);
  }

 private:
  Actual with_rules(Actual links) {
    read_rules(slb_, links);
    return links;
  }

  Rtnl rtnl_;
  LinkReader reader_;
  SlbDoor slb_;
};

}  // namespace

std::unique_ptr<Kernel> open_kernel(Patience patience) {
  return std::make_unique<RtnlKernel>(std::move(patience));
}

}  // namespace vifchain
