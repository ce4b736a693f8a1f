#include "cli/confirm.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "flow/confirm.hpp"
#include "flow/reach.hpp"

namespace vifchain {

Run declare_confirm(CLI::App& app, const Common& common) {
  app.footer("After \"vifchain apply --confirm\": what was applied stays.\n");
  return [&common] {
    if (!confirm({.config = common.config}))
      throw Refusal(
          "wanted a change that waits to be confirmed: found none: either it was put "
          "back already, as the log says, or apply was called without --confirm");
    std::puts("Confirmed: what was applied stays.");
    return 0;
  };
}

}  // namespace vifchain
