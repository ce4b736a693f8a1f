// SPDX-License-Identifier: Apache-2.0
// Guests' names, as the toolstack knows them.
#pragma once

#include <memory>
#include <optional>
#include <string>

namespace vifchain::inline edge::inline store {

class GuestNames {
 public:
  virtual ~GuestNames() = default;

  // The domain of this name, or of this number when it is one; nothing when there is none.
  [[nodiscard]] virtual std::optional<unsigned> domid_of(const std::string& name_or_domid) = 0;

  // The name; nothing when there is no such domain, or it has none.
  [[nodiscard]] virtual std::optional<std::string> name_of(unsigned domid) = 0;
};

// Through libxenlight. Throws Error, with libxenlight's own words, when this is no Xen host or the
// caller may not ask; so do the questions when Xen does not answer. Nothing is ever printed.
std::unique_ptr<GuestNames> open_guests();

}  // namespace vifchain::inline edge::inline store
