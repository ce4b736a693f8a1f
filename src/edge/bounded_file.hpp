// Files of which nobody knows what is in them.
#pragma once

#include <string>

namespace vifchain {

// The content of a regular file of at most that many bytes. Throws Error, with the path in its
// sentence, for everything else: a folder, a pipe, one that is larger.
std::string read_bounded_file(const std::string& path, std::size_t most_bytes);

}  // namespace vifchain
