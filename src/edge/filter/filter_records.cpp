#include "edge/filter/filter_records.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <memory>
#include <utility>

#include "edge/descriptor.hpp"
#include "edge/error.hpp"

namespace vifchain {
namespace {

constexpr auto lock_file = ":lock", table_file = ":table", unfinished = ":new";

std::string bridge_folder(const LinkName& bridge) {
  return "bridge:" + bridge.str();
}
std::string port_link(const LinkName& port) {
  return "port:" + port.str();
}

[[noreturn]] void fail(const std::string& doing, const std::string& path) {
  throw Error(errno, doing + " " + path);
}

// Its parents too, as `mkdir -p` does.
void make_folder(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return;
  const auto slash = path.rfind('/');
  if (errno != ENOENT || slash == 0 || slash == std::string::npos) fail("making the folder", path);
  make_folder(path.substr(0, slash));
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) fail("making the folder", path);
}

// Empty when there is no such file.
std::string contents(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.number() < 0 && errno == ENOENT) return {};
  if (file.number() < 0) fail("reading", path);
  std::string text;
  char buffer[4096];
  ssize_t size = 0;
  while ((size = ::read(file.number(), buffer, sizeof buffer)) > 0)
    text.append(buffer, static_cast<std::size_t>(size));
  if (size < 0) fail("reading", path);
  return text;
}

void write_file(const std::string& path, std::string_view bytes) {
  const Descriptor file(
      open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.number() < 0) fail("writing", path);
  while (!bytes.empty()) {
    const auto written = ::write(file.number(), bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) fail("writing", path);
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void remove_file(const std::string& path) {
  if (unlink(path.c_str()) != 0 && errno != ENOENT) fail("deleting", path);
}

// The open file, locked until it is closed.
int locked(const std::string& path, const std::function<void()>& on_interrupt) {
  Descriptor lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (lock.number() < 0) fail("opening the lock", path);
  while (flock(lock.number(), LOCK_EX) != 0) {
    if (errno != EINTR) fail("locking", path);
    if (on_interrupt) on_interrupt();
  }
  return lock.release();
}

// What stands in a folder but this library's own files.
std::vector<std::string> keys_in(const std::string& folder) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open_folder(opendir(folder.c_str()), closedir);
  if (!open_folder) fail("reading the folder", folder);
  std::vector<std::string> keys;
  while (const dirent* entry = readdir(open_folder.get()))
    if (LinkName::parse(entry->d_name)) keys.emplace_back(entry->d_name);
  return keys;
}

FilterRecords::Record record_in(const std::string& text) {
  FilterRecords::Record record;
  for (std::size_t at = 0, end; at < text.size(); at = end + 1) {
    end = std::min(text.find('\n', at), text.size());
    const auto guard = read_guard(std::string_view(text).substr(at, end - at));
    if (guard) record.guards.push_back(*guard);
    record.legible &= guard.has_value();
  }
  return record;
}

}  // namespace

bool has_record(const std::string& folder, const std::string& key) {
  return LinkName::parse(key) && access((folder + "/" + key).c_str(), F_OK) == 0;
}

bool has_table(const std::string& folder) {
  return access((folder + "/:table").c_str(), F_OK) == 0;
}

FilterRecords::FilterRecords(std::string folder, const std::function<void()>& on_interrupt)
    : folder_(std::move(folder)) {
  make_folder(folder_);
  lock_ = locked(path(lock_file), on_interrupt);
}

FilterRecords::~FilterRecords() {
  close(lock_);
}

// Whoever looks sees the old file or the new one, whole.
void FilterRecords::replace(const std::string& name, const std::string& content) const {
  const auto fresh = path(unfinished);
  write_file(fresh, content);
  if (rename(fresh.c_str(), path(name).c_str()) != 0) fail("writing", path(name));
}

FilterRecords::Record FilterRecords::read(const std::string& key) const {
  return record_in(contents(path(key)));
}

void FilterRecords::write(const std::string& key, const std::vector<Guard>& guards) {
  if (guards.empty()) return remove_file(path(key));
  std::string text;
  for (const Guard& guard : guards) text += guard_text(guard) + "\n";
  replace(key, text);
  for (const Guard& guard : guards) {
    const auto folder = path(bridge_folder(guard.bridge));
    make_folder(folder);
    write_file(folder + "/" + key, {});
    if (owner_of(guard.port) == key) continue;
    remove_file(path(port_link(guard.port)));
    if (symlink(key.c_str(), path(port_link(guard.port)).c_str()) != 0)
      fail("writing", path(port_link(guard.port)));
  }
}

std::optional<std::string> FilterRecords::owner_of(const LinkName& port) const {
  char key[64];
  const auto size = readlink(path(port_link(port)).c_str(), key, sizeof key);
  if (size < 0 && errno != ENOENT) fail("reading", path(port_link(port)));
  if (size < 0) return std::nullopt;
  return std::string(key, static_cast<std::size_t>(size));
}

void FilterRecords::forget_owner(const LinkName& port) {
  remove_file(path(port_link(port)));
}

bool FilterRecords::leave_bridge(const std::string& key, const LinkName& bridge) {
  const auto folder = path(bridge_folder(bridge));
  const auto mark = folder + "/" + key;
  if (unlink(mark.c_str()) != 0 && errno != ENOENT) fail("deleting", mark);
  if (rmdir(folder.c_str()) == 0 || errno == ENOENT) return true;
  if (errno != ENOTEMPTY && errno != EEXIST) fail("deleting the folder", folder);
  return false;
}

std::map<LinkName, Guard> FilterRecords::others_than(const std::string& except) const {
  std::map<LinkName, Guard> all;
  for (const auto& key : keys_in(folder_)) {
    if (key == except) continue;
    const auto record = read(key);
    if (!record.guards.empty())
      all.insert_or_assign(record.guards.back().port, record.guards.back());
  }
  return all;
}

std::optional<FilterRecords::Table> FilterRecords::table() const {
  Table table;
  const auto text = contents(path(table_file));
  if (std::sscanf(text.c_str(), "%" SCNu64 " %" SCNu32, &table.version, &table.stamp) != 2)
    return std::nullopt;
  return table;
}

void FilterRecords::write_table(const Table& table) {
  replace(table_file, std::to_string(table.version) + " " + std::to_string(table.stamp) + "\n");
}

void FilterRecords::forget_table() {
  remove_file(path(table_file));
}

}  // namespace vifchain
