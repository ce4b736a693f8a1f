#include "flow/host_doors.hpp"

namespace vifchain {

HostDoors::HostDoors(const Deadline& deadline)
    : store(open_store()),
      kernel(open_kernel({.on_interrupt = [&] { deadline.check(); }})),
      names(open_link_names()),
      filter(open_filter(filter_folder, [&] { deadline.check(); })) {}

Site HostDoors::site(Deadline& deadline, Log& log, Places places) const {
  return {*store, *kernel, *names, *filter, deadline, log, std::move(places)};
}

}  // namespace vifchain
