// SPDX-License-Identifier: Apache-2.0
// Small files that must survive a crash: whole, or not there.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "edge/base/descriptor.hpp"

namespace vifchain::inline edge::inline base {

// The file's bytes; nothing when there is no such file. Throws Error when it cannot be read.
std::optional<std::string> read_file(const std::string& path);

// The same for who cannot say what is wrong: empty also where it cannot be read, whatever the
// reason.
std::string text_or_nothing(const std::string& path);

// The same for who does without: nothing also where it cannot be read. Throws Error where something
// has run short (is_shortage), as nothing is known of the file then.
std::optional<std::string> read_file_if_one_can(const std::string& path);

// The file has these bytes, on disk, and at no moment others: it is written beside, synced and put
// in the place (rename(2)). Folders on the way are made (make_folders). Throws Error.
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

// The folder is there, and those that it is in, as far as they can be made; whatever the umask,
// nobody but root writes to those that are new.
void make_folders(const std::string& path);

// The file that others lock, open; made, for root only, where it is not there. What stands in its
// place and is no file is put aside, beside it. Where none can be had it is not open, and errno
// says why: ENOENT where there is no folder.
Descriptor open_lock_file(const std::string& path);

// There is no such file, on disk. Throws Error when it cannot be taken away.
void drop_file(const std::string& path);

}  // namespace vifchain::inline edge::inline base
