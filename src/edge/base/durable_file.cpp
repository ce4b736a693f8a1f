// SPDX-License-Identifier: Apache-2.0
#include "edge/base/durable_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "edge/base/bounded_file.hpp"
#include "edge/base/descriptor.hpp"
#include "edge/base/error.hpp"

namespace vifchain::inline edge::inline base {
namespace {

// More than any file of ours has, chains of 100,000 bridges among them.
constexpr std::size_t most_bytes = std::size_t{64} << 20;

void must(bool done, const std::string& doing) {
  if (!done) throw Error(errno, doing);
}

void write_all(int file, std::string_view bytes, const std::string& doing) {
  while (!bytes.empty()) {
    const auto written = ::write(file, bytes.data(), bytes.size());
    must(written >= 0 || errno == EINTR, doing);
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string folder_of(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

// A rename is only on disk when the folder is.
void sync_folder(const std::string& path) {
  const auto above = folder_of(path);
  const std::string folder = above.empty() ? "." : above;
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  must(opened.open() && ::fsync(opened.number()) == 0, "syncing " + folder);
}

// The file, whose name is `fresh`, has these bytes, on disk; it is gone where that fails.
void fill(const Descriptor& file, const std::string& fresh, const std::string& doing,
          std::string_view bytes, unsigned mode, const FileOwner* owner) {
  must(file.open(), doing);
  try {
    write_all(file.number(), bytes, doing);
    if (owner != nullptr) must(::fchown(file.number(), owner->uid, owner->gid) == 0, doing);
    must(::fchmod(file.number(), mode) == 0 && ::fsync(file.number()) == 0, doing);
  } catch (const Error&) {
    ::unlink(fresh.c_str());
    throw;
  }
}

void put_in_place(const std::string& fresh, const std::string& path) {
  if (::rename(fresh.c_str(), path.c_str()) != 0) {
    const Error failed(errno, "writing " + path);
    ::unlink(fresh.c_str());
    throw failed;
  }
  sync_folder(path);
}

// False where there is no such file, or the filesystem cannot.
bool change_places(const std::string& fresh, const std::string& path) {
  std::error_code none;
  return std::filesystem::is_regular_file(path, none) &&
         ::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE) == 0;
}

Descriptor try_lock_file(const std::string& path) {
  return Descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
}

// Under the folder's own lock, so that nobody moves what another has just made there.
void put_aside(const std::string& path) {
  const auto folder = folder_of(path);
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat facts = {};
  if (!opened.open() || ::flock(opened.number(), LOCK_EX) != 0 ||
      ::lstat(path.c_str(), &facts) != 0 || S_ISREG(facts.st_mode))
    return;
  std::string aside = path + ".aside.XXXXXX";
  if (::mkdtemp(aside.data()) != nullptr)
    ::rename(path.c_str(), (aside + path.substr(folder.size())).c_str());
}

}  // namespace

std::optional<std::string> read_file(const std::string& path) {
  return read_bounded_if_there(path, most_bytes);
}

std::string text_or_nothing(const std::string& path) try {
  return read_file(path).value_or("");
} catch (const Error&) {
  return {};
}

std::optional<std::string> read_file_if_one_can(const std::string& path) {
  try {
    return read_file(path);
  } catch (const Error& error) {
    if (is_shortage(error.code().value())) throw;
    return std::nullopt;
  }
}

void make_folders(const std::string& path) {
  for (std::size_t end = 0; end != path.npos;) {
    end = path.find('/', end + 1);
    ::mkdir(path.substr(0, end).c_str(), 0755);
  }
}

Descriptor open_lock_file(const std::string& path) {
  Descriptor file = try_lock_file(path);
  if (file.open() || (errno != EISDIR && errno != ELOOP && errno != ENXIO)) return file;
  put_aside(path);
  return try_lock_file(path);
}

void keep_file(const std::string& path, std::string_view bytes, unsigned mode) {
  make_folders(folder_of(path));
  const std::string fresh = path + ".new";
  const Descriptor file(
      ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode));
  fill(file, fresh, "writing " + path, bytes, mode, nullptr);
  put_in_place(fresh, path);
}

// Beside it under a name that no file of somebody else's has. The two change places, so that what
// somebody has written in the last moment is not lost.
std::optional<std::string> replace_file(const std::string& path, std::string_view bytes,
                                        const FileOwner& owner) {
  std::error_code none;
  const auto found = std::filesystem::weakly_canonical(path, none).string();
  const std::string real = none || found.empty() ? path : found;
  std::string fresh = real + ".XXXXXX";
  const Descriptor file(::mkostemp(fresh.data(), O_CLOEXEC));
  fill(file, fresh, "writing " + real, bytes, owner.mode, &owner);
  if (!change_places(fresh, real)) {
    put_in_place(fresh, real);
    return std::nullopt;
  }
  sync_folder(real);
  const auto before = read_file(fresh);
  ::unlink(fresh.c_str());
  return before;
}

FileOwner owner_of(const std::string& path) {
  struct stat facts = {};
  if (::stat(path.c_str(), &facts) == 0)
    return {facts.st_mode & 07777U, facts.st_uid, facts.st_gid};
  must(errno == ENOENT, "reading " + path);
  return {};
}

void drop_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0) {
    must(errno == ENOENT, "removing " + path);
    return;
  }
  sync_folder(path);
}

}  // namespace vifchain::inline edge::inline base
