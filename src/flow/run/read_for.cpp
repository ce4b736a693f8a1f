// SPDX-License-Identifier: Apache-2.0
#include "flow/run/read_for.hpp"

#include "flow/run/converge.hpp"

namespace vifchain::inline flow::inline run {

Actual read_for(Kernel& kernel, const Desired& desired) {
  Actual now = kernel.everything();
  kernel.read_routes(now, links_with_routes(desired));
  if (has_filters_or_rates(desired)) kernel.read_filters(now);
  return now;
}

}  // namespace vifchain::inline flow::inline run
