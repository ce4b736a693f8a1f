// SPDX-License-Identifier: Apache-2.0
#include "flow/host/host_doors.hpp"

#include "flow/run/recorded_kernel.hpp"
#include "flow/vif/guest_filters.hpp"

namespace vifchain::inline flow::inline host {
namespace {

std::unique_ptr<Kernel> kernel_for(const Deadline& deadline, Filter& filter, Recorder* told) {
  auto kernel = open_kernel({.on_interrupt = [&] { deadline.check(); }}, &filter);
  return told == nullptr ? std::move(kernel) : recorded(std::move(kernel), *told);
}

}  // namespace

HostDoors::HostDoors(const Deadline& deadline, Recorder* told)
    : store(open_store({.on_interrupt = [&] { deadline.check(); }})),
      filter(open_filter(filter_folder, [&] { deadline.check(); })),
      kernel(kernel_for(deadline, *filter, told)),
      names(open_link_names()),
      recorder(told) {}

Env HostDoors::env(Deadline& deadline, Log& log, Places places, Store* other) const {
  Env env{other != nullptr ? *other : *store,
          *kernel,
          *names,
          *filter,
          deadline,
          log,
          std::move(places)};
  env.recorder = recorder;
  filter->asks([&deadline, &log, &store = env.store, &names = env.names, places = env.places] {
    // A door of its own: the other one may be in the midst of a step.
    const auto second = open_kernel({.on_interrupt = [&] { deadline.check(); }});
    return wanted_filters({store, names, places.sysfs}, places.config, *second, log);
  });
  return env;
}

}  // namespace vifchain::inline flow::inline host
