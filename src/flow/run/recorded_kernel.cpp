// SPDX-License-Identifier: Apache-2.0
#include "flow/run/recorded_kernel.hpp"

namespace vifchain::inline flow::inline run {
namespace {

class RecordedKernel final : public Kernel {
 public:
  RecordedKernel(std::unique_ptr<Kernel> kernel, Recorder& recorder)
      : kernel_(std::move(kernel)), recorder_(recorder) {}

  Actual snapshot(const std::vector<Ask>& asked) override { return kernel_->snapshot(asked); }
  Actual everything() override { return kernel_->everything(); }
  void read_routes(Actual& links, const std::vector<LinkName>& of) override {
    kernel_->read_routes(links, of);
  }

  void read_filters(Actual& links) override { kernel_->read_filters(links); }
  std::vector<LinkName> neighbours(const LinkName& name) override {
    return kernel_->neighbours(name);
  }
  std::map<LinkName, LinkName> follow_names(const std::vector<LinkName>& names) override {
    return kernel_->follow_names(names);
  }

  void perform(const std::vector<Step>& steps) override {
    try {
      kernel_->perform(steps);
    } catch (...) {
      recorder_.performed(steps, false);
      throw;
    }
    recorder_.performed(steps, true);
  }

 private:
  std::unique_ptr<Kernel> kernel_;
  Recorder& recorder_;
};

}  // namespace

std::unique_ptr<Kernel> recorded(std::unique_ptr<Kernel> kernel, Recorder& recorder) {
  return std::make_unique<RecordedKernel>(std::move(kernel), recorder);
}

}  // namespace vifchain::inline flow::inline run
