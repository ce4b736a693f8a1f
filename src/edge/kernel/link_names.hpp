// SPDX-License-Identifier: Apache-2.0
// What links are called, and what they were called before.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/model/name.hpp"

namespace vifchain::inline edge::inline kernel {

class LinkNames {
 public:
  virtual ~LinkNames() = default;

  // The present name of the link that has this name, or has it as an alternative one.
  [[nodiscard]] virtual std::optional<LinkName> present(const LinkName& name) = 0;

  // The alternative names of the link that is called so now; none when there is no such link.
  [[nodiscard]] virtual std::vector<LinkName> others(const LinkName& name) = 0;

  // The link `from` is called `to`, and keeps `from` as an alternative name, by which it is known
  // whose it is; unless `to` was an alternative name of it: then it is one no more, and `from`
  // none. A link that is up is down for a moment where the kernel renames no other (dev_change_name
  // before Linux 6.2). Throws Error (EEXIST: another link has that name), and then nothing has
  // changed.
  virtual void rename(const LinkName& from, const LinkName& to) = 0;
};

std::unique_ptr<LinkNames> open_link_names();

}  // namespace vifchain::inline edge::inline kernel
