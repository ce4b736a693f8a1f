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

// There is no such file, on disk. Throws Error when it cannot be taken away.
void drop_file(const std::string& path);

// The file is held by a process that lives, by flock(2) of its own.
bool is_held(const std::string& path);

// Holds the file until the process ends. False when somebody else does, or there is none.
bool hold_file(const std::string& path);

}  // namespace vifchain
