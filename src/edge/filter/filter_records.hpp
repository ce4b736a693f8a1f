// SPDX-License-Identifier: Apache-2.0
// What was put into the filters' table, on disk, to save looking for it there:
//
//   FOLDER/OWNER   the filters of this owner, one a line: the port, and
//   core/filter/port_filter.hpp's text FOLDER/:table  there may be a table FOLDER/:lock   held by
//   whoever changes the table
//
// No link name has a colon in it. It proves nothing, and everything works without it: where it
// cannot be written nothing is.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "core/model/link.hpp"
#include "edge/base/descriptor.hpp"

namespace vifchain::inline edge::inline filter {

// True when there is a record of `owner`. Needs no lock.
bool has_record(const std::string& folder, const std::string& owner);

// True when a table was made. Needs no lock.
bool has_table(const std::string& folder);

class FilterRecords {
 public:
  // Makes the folder, for root only, and waits for its lock, which is held until the object goes.
  // After `lock_limit`, or where there can be no lock, it is done without: the kernel's
  // transactions are whole in themselves, and what was read is compared again after each.
  FilterRecords(std::string folder, const std::function<void()>& on_interrupt);

  // By port; none where nothing is recorded, or nothing that makes sense.
  [[nodiscard]] std::map<LinkName, PortFilter> read(const std::string& owner) const;
  void write(const std::string& owner, const std::map<LinkName, PortFilter>& filters) const;

  [[nodiscard]] std::map<LinkName, PortFilter> all() const;

  void note_table(bool there) const;

 private:
  [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }

  std::string folder_;
  Descriptor lock_;
};

}  // namespace vifchain::inline edge::inline filter
