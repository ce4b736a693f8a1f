// SPDX-License-Identifier: Apache-2.0
#include "edge/state/chain_cache.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <vector>

#include "edge/base/descriptor.hpp"
#include "edge/state/serialize.hpp"

namespace vifchain::inline edge::inline state {
namespace {

constexpr char magic[8] = {'v', 'i', 'f', 'c', 'h', 'a', 'i', 'n'};

// The kept file: this head, `count` entries sorted by name, then the bytes they point to.
struct Head {
  char magic[8];
  std::uint32_t encoding;
  std::uint32_t count;
  FileIdentity file;
};
struct Entry {
  std::uint32_t name_at, name_size, chain_at, chain_size;
};

// A file's bytes, mapped: an event touches the few pages that hold its own chain.
class Mapping {
 public:
  explicit Mapping(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    struct stat state {};
    if (!file.open() || ::fstat(file.number(), &state) != 0 || !trusted(state)) return;
    const auto size = static_cast<std::size_t>(state.st_size);
    void* start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number(), 0);
    if (start != MAP_FAILED) bytes_ = {static_cast<const char*>(start), size};
  }
  ~Mapping() {
    if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  [[nodiscard]] std::string_view bytes() const { return bytes_; }

 private:
  static bool trusted(const struct stat& state) {
    return S_ISREG(state.st_mode) && state.st_uid == ::geteuid() && (state.st_mode & 022) == 0 &&
           state.st_size >= static_cast<off_t>(sizeof(Head));
  }

  std::string_view bytes_;
};

std::string path_in(const std::string& folder) {
  return folder + "/chains";
}

std::optional<std::string_view> part(std::string_view bytes, std::uint32_t at, std::uint32_t size) {
  if (at > bytes.size() || size > bytes.size() - at) return std::nullopt;
  return bytes.substr(at, size);
}

std::optional<Head> head_of(std::string_view bytes) {
  if (bytes.size() < sizeof(Head)) return std::nullopt;
  Head head{};
  std::memcpy(static_cast<void*>(&head), bytes.data(), sizeof head);
  const auto room = (bytes.size() - sizeof head) / sizeof(Entry);
  const bool ours = std::memcmp(head.magic, magic, sizeof magic) == 0 && head.encoding == encoding;
  return ours && head.count <= room ? std::optional(head) : std::nullopt;
}

Entry entry_at(std::string_view bytes, std::size_t index) {
  Entry entry{};
  std::memcpy(&entry, bytes.data() + sizeof(Head) + index * sizeof entry, sizeof entry);
  return entry;
}

std::optional<Chain> search(std::string_view bytes, std::size_t count, std::string_view bridge) {
  std::size_t low = 0, high = count;
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    const Entry entry = entry_at(bytes, middle);
    const auto name = part(bytes, entry.name_at, entry.name_size);
    if (!name) return std::nullopt;
    if (*name == bridge) {
      const auto chain = part(bytes, entry.chain_at, entry.chain_size);
      return chain ? decode(*chain) : std::nullopt;
    }
    (*name < bridge ? low : high) = *name < bridge ? middle + 1 : middle;
  }
  return std::nullopt;
}

std::string image_of(const FileIdentity& file, const Topology& topology) {
  std::vector<std::pair<std::string, std::string>> chains;
  for (const auto& [name, link] : topology.links)
    if (std::holds_alternative<Bridge>(link.kind))
      if (const auto chain = chain_for(topology, name.str()))
        chains.emplace_back(name.str(), encode(*chain));
  Head head{};
  std::memcpy(head.magic, magic, sizeof magic);
  head.encoding = encoding;
  head.count = static_cast<std::uint32_t>(chains.size());
  head.file = file;
  std::string image(reinterpret_cast<const char*>(&head), sizeof head);
  std::string tail;
  const auto start = sizeof(Head) + chains.size() * sizeof(Entry);
  const auto add = [&](const std::string& bytes) {
    tail += bytes;
    return static_cast<std::uint32_t>(start + tail.size() - bytes.size());
  };
  for (const auto& [name, chain] : chains) {
    const Entry entry{add(name), static_cast<std::uint32_t>(name.size()), add(chain),
                      static_cast<std::uint32_t>(chain.size())};
    image.append(reinterpret_cast<const char*>(&entry), sizeof entry);
  }
  return image + tail;
}

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

std::optional<FileIdentity> FileIdentity::of(const std::string& path) {
  struct stat state {};
  if (::stat(path.c_str(), &state) != 0) return std::nullopt;
  FileIdentity file;
  file.device_ = state.st_dev;
  file.inode_ = state.st_ino;
  file.size_ = static_cast<std::uint64_t>(state.st_size);
  file.modified_[0] = state.st_mtim.tv_sec;
  file.modified_[1] = state.st_mtim.tv_nsec;
  file.changed_[0] = state.st_ctim.tv_sec;
  file.changed_[1] = state.st_ctim.tv_nsec;
  return file;
}

bool FileIdentity::too_fresh(std::int64_t now) const {
  constexpr std::int64_t coarsest_tick = 2;  // seconds
  return now - changed_[0] <= coarsest_tick;
}

std::optional<Chain> cached_chain(const std::string& folder, const FileIdentity& file,
                                  std::string_view bridge) {
  const Mapping kept(path_in(folder));
  const auto head = head_of(kept.bytes());
  if (!head || head->file != file) return std::nullopt;
  return search(kept.bytes(), head->count, bridge);
}

void keep_chains(const std::string& folder, const FileIdentity& file, const Topology& topology,
                 std::int64_t now) {
  if (file.too_fresh(now)) return;
  const std::string fresh = path_in(folder) + "." + std::to_string(::getpid());
  const Descriptor out(
      ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!out.open()) return;
  const bool whole = write_all(out.number(), image_of(file, topology));
  if (!whole || ::rename(fresh.c_str(), path_in(folder).c_str()) != 0) ::unlink(fresh.c_str());
}

}  // namespace vifchain::inline edge::inline state
