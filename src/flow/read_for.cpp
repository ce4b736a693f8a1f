#include "flow/read_for.hpp"

#include <algorithm>

#include "flow/reach.hpp"

namespace vifchain {

Actual read_for(Kernel& kernel, const Desired& desired) {
  Actual now = kernel.everything();
  kernel.read_routes(now, links_with_routes(desired));
  const bool filters = std::ranges::any_of(desired, [](const auto& wish) {
    return wish.second && (wish.second->filter || wish.second->rate);
  });
  if (filters) kernel.read_filters(now);
  return now;
}

}  // namespace vifchain
