// Anti-spoofing filters of guests' ports: one nftables table in the bridge family, whose number of
// rules does not depend on the number of guests (core/ruleset.hpp says what passes).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/guard.hpp"

namespace vifchain {

// Filters are known by the kernel's own name of the port ("vif5.0", "vif5.0-emu"), whatever the
// link is called now, so that they go when it goes.
class Filter {
 public:
  virtual ~Filter() = default;

  // Whether there is, or may be left behind by a crash, a filter of this port. Costs one access(2)
  // and loads nothing.
  [[nodiscard]] virtual bool present(const std::string& key) = 0;

  // From now on the port's frames pass as `guard` says and no others, at once and as a whole; what
  // was there under this key, or for a link of this name, is gone. On `guard.bridge` frames of
  // guests' ports (vif*, tap*) without a filter are dropped from now on, where the kernel can tell
  // bridges apart (CONFIG_NFT_BRIDGE_META). Throws Error, and then the filter is as it was. What a
  // crash leaves half done, the next put() or remove() of the key puts right.
  // Returns what was there, so that it can be put back.
  virtual std::optional<Guard> put(const std::string& key, const Guard& guard) = 0;

  // The table goes too where no port has a filter any more. Nothing is loaded when there never was.
  // Throws Error.
  virtual void drop_unused() = 0;

  // There is no filter of this port, and with the last filter of its bridge that is not guarded any
  // more. Nothing is loaded when there was none. Throws Error, and then it is as it was.
  virtual void remove(const std::string& key) = 0;
};

// The filters of the network namespace that the calling thread is in. `folder` holds what was put
// under which key, so that it can be taken out again; it is made when it is first needed. Runs wait
// for each other there, a few milliseconds each; when a signal ends the wait `on_interrupt` is
// called, which may throw, and otherwise the wait goes on.
inline constexpr const char* filter_folder = "/run/vifchain/filters";
std::unique_ptr<Filter> open_filter(std::string folder = filter_folder,
                                    std::function<void()> on_interrupt = {});

}  // namespace vifchain
