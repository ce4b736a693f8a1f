#include "edge/kept/kept_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "edge/bounded_file.hpp"
#include "edge/descriptor.hpp"
#include "edge/error.hpp"

namespace vifchain {
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
  const std::string folder = folder_of(path);
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  must(opened.open() && ::fsync(opened.number()) == 0, "syncing " + folder);
}

}  // namespace

std::optional<std::string> read_file(const std::string& path) {
  return read_bounded_if_there(path, most_bytes);
}

void keep_file(const std::string& path, std::string_view bytes, unsigned mode) {
  const std::string doing = "writing " + path;
  std::error_code failed;
  std::filesystem::create_directories(folder_of(path), failed);
  const std::string fresh = path + ".new";
  {
    const Descriptor file(
        ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode));
    must(file.open(), doing);
    write_all(file.number(), bytes, doing);
    must(::fchmod(file.number(), mode) == 0 && ::fsync(file.number()) == 0, doing);
  }
  must(::rename(fresh.c_str(), path.c_str()) == 0, doing);
  sync_folder(path);
}

void drop_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0) {
    must(errno == ENOENT, "removing " + path);
    return;
  }
  sync_folder(path);
}

bool is_held(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return file.open() && ::flock(file.number(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

bool hold_file(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open() || ::flock(file.number(), LOCK_EX | LOCK_NB) != 0) return false;
  file.release();
  return true;
}

}  // namespace vifchain
