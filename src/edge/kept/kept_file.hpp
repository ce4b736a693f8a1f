// Small files that must survive a crash: whole, or not there.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vifchain {

// The file's bytes; nothing when there is no such file. Throws Error when it cannot be read.
std::optional<std::string> read_file(const std::string& path);

// The file has these bytes, on disk, and at no moment others: it is written beside, synced and put
// in the place (rename(2)). Folders on the way are made. Throws Error.
void keep_file(const std::string& path, std::string_view bytes, unsigned mode = 0600);

// The same for a file that people write: where `path` is a symbolic link the file that it leads to
// is replaced; it belongs to `uid` and `gid`. Returns the bytes of what was there at that very
// moment, if it could be read. Throws Error.
struct FileOwner {
  unsigned mode = 0644, uid = 0, gid = 0;
};
std::optional<std::string> replace_file(const std::string& path, std::string_view bytes,
                                        const FileOwner& owner);

// Whose file it is; of a new one of root's when there is none. Throws Error.
FileOwner owner_of(const std::string& path);

// There is no such file, on disk. Throws Error when it cannot be taken away.
void drop_file(const std::string& path);

}  // namespace vifchain
