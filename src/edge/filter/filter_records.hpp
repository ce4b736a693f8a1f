// What was put into the filter, on disk: by port, and which ports each bridge has.
//
//   FOLDER/KEY            the guards that the kernel may have for this port, one a line
//   FOLDER/bridge:NAME/KEY  empty: the port is or may be one of the bridge's
//   FOLDER/port:NAME      a symbolic link to KEY: the port whose link was called so
//   FOLDER/:table         version and stamp of the table that the guards were put into
//   FOLDER/:lock          held by whoever changes any of it, and the table
//
// No link name has a colon in it. A record says more than the kernel has, never less: it is written
// before the table changes, and shortened after.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/guard.hpp"

namespace vifchain {

// True when there is a record of `key`. Needs no lock.
bool has_record(const std::string& folder, const std::string& key);

// True when a table was made, and is recorded. Needs no lock.
bool has_table(const std::string& folder);

class FilterRecords {
 public:
  // Makes the folder, for root only, and waits for its lock, which is held until the object goes.
  FilterRecords(std::string folder, const std::function<void()>& on_interrupt);
  ~FilterRecords();
  FilterRecords(const FilterRecords&) = delete;
  FilterRecords& operator=(const FilterRecords&) = delete;

  // What is recorded of a port. `legible` is false when the record is not one of ours.
  struct Record {
    std::vector<Guard> guards = {};
    bool legible = true;
  };
  [[nodiscard]] Record read(const std::string& key) const;

  // Records the guards, none for none, and that the port is on their bridges. A bridge that the
  // port was on before is not forgotten by it.
  void write(const std::string& key, const std::vector<Guard>& guards);

  // The key whose link was last known by this name.
  [[nodiscard]] std::optional<std::string> owner_of(const LinkName& port) const;
  void forget_owner(const LinkName& port);

  // The port is not on the bridge any more; true when none is.
  bool leave_bridge(const std::string& key, const LinkName& bridge);

  // The guard of every port but `except`, by the name of its link; where there are several, the one
  // that was to be put in last.
  [[nodiscard]] std::map<LinkName, Guard> others_than(const std::string& except) const;

  struct Table {
    std::uint64_t version = 0;
    std::uint32_t stamp = 0;
  };
  [[nodiscard]] std::optional<Table> table() const;
  void write_table(const Table& table);
  void forget_table();

 private:
  [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }
  void replace(const std::string& name, const std::string& content) const;

  std::string folder_;
  int lock_ = -1;
};

}  // namespace vifchain
