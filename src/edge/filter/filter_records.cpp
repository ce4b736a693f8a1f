// SPDX-License-Identifier: Apache-2.0
#include "edge/filter/filter_records.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <thread>
#include <utility>

#include "core/filter/port_filter.hpp"
#include "edge/base/durable_file.hpp"

namespace vifchain::inline edge::inline filter {
namespace {

constexpr auto lock_file = ":lock", table_file = ":table";
constexpr std::chrono::milliseconds lock_limit{5000}, between_attempts{5};

bool write_whole(const std::string& path, std::string_view bytes) {
  const Descriptor file(
      open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  return file.open() &&
         ::write(file.number(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
}

// For root only. Where it cannot be made there are no records.
std::string made(std::string folder) {
  std::error_code failed;
  if (std::filesystem::create_directories(folder, failed)) chmod(folder.c_str(), 0700);
  return folder;
}

Descriptor locked(const std::string& path, const std::function<void()>& on_interrupt) {
  Descriptor lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  const auto limit = std::chrono::steady_clock::now() + lock_limit;
  while (lock.open() && flock(lock.number(), LOCK_EX | LOCK_NB) != 0 &&
         std::chrono::steady_clock::now() < limit) {
    if (on_interrupt) on_interrupt();
    std::this_thread::sleep_for(between_attempts);
  }
  return lock;
}

// Of a line "PORT FILTER"; nothing for one that makes no sense.
std::optional<std::pair<LinkName, PortFilter>> filter_in(std::string_view line) {
  const auto blank = line.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  const auto port = LinkName::parse(line.substr(0, blank));
  auto filter = read_filter_text(line.substr(blank + 1));
  if (!port || !filter) return std::nullopt;
  return std::pair(*port, std::move(*filter));
}

std::map<LinkName, PortFilter> filters_in(const std::string& text) {
  std::map<LinkName, PortFilter> filters;
  for (std::size_t at = 0, end; at < text.size(); at = end + 1) {
    end = std::min(text.find('\n', at), text.size());
    if (auto found = filter_in(std::string_view(text).substr(at, end - at)))
      filters.insert(std::move(*found));
  }
  return filters;
}

}  // namespace

bool has_record(const std::string& folder, const std::string& owner) {
  return LinkName::parse(owner) && access((folder + "/" + owner).c_str(), F_OK) == 0;
}

bool has_table(const std::string& folder) {
  return access((folder + "/" + table_file).c_str(), F_OK) == 0;
}

FilterRecords::FilterRecords(std::string folder, const std::function<void()>& on_interrupt)
    : folder_(made(std::move(folder))), lock_(locked(path(lock_file), on_interrupt)) {}

std::map<LinkName, PortFilter> FilterRecords::read(const std::string& owner) const {
  return filters_in(text_or_nothing(path(owner)));
}

// Whoever looks sees the old file or the new one, whole.
void FilterRecords::write(const std::string& owner,
                          const std::map<LinkName, PortFilter>& filters) const {
  if (!LinkName::parse(owner)) return;
  std::string text;
  for (const auto& [port, filter] : filters) text += port.str() + " " + filter_text(filter) + "\n";
  const auto fresh = path(":" + std::to_string(getpid()));
  const bool written =
      !text.empty() && write_whole(fresh, text) && rename(fresh.c_str(), path(owner).c_str()) == 0;
  if (!written) unlink(path(owner).c_str());  // rather none than an old one
}

std::map<LinkName, PortFilter> FilterRecords::all() const {
  std::map<LinkName, PortFilter> filters;
  std::error_code failed;
  for (std::filesystem::directory_iterator file(folder_, failed), end; !failed && file != end;
       file.increment(failed))
    if (const std::string owner = file->path().filename(); LinkName::parse(owner))
      filters.merge(read(owner));
  return filters;
}

void FilterRecords::note_table(bool there) const {
  if (there)
    static_cast<void>(write_whole(path(table_file), ""));
  else
    unlink(path(table_file).c_str());
}

}  // namespace vifchain::inline edge::inline filter
