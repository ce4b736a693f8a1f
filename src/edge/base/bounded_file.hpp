// SPDX-License-Identifier: Apache-2.0
// Files of which nobody knows what is in them, or what they are.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace vifchain::inline edge::inline base {

// The content of a regular file of at most that many bytes. Throws Error, with the path in its
// sentence, for everything else: a folder, a pipe, a device, one that is larger. Waits for nobody.
std::string read_bounded_file(const std::string& path, std::size_t most_bytes);

// The same; nothing where there is none.
std::optional<std::string> read_bounded_if_there(const std::string& path, std::size_t most_bytes);

// The same of a file that is open: `path` is what it is called in an Error's sentence.
std::string read_bounded(int file, const std::string& path, std::size_t most_bytes);

// Whether reading failed for want of descriptors or memory, or by the disk: there may be anything
// then, and nobody knows.
bool is_shortage(int error_number);

}  // namespace vifchain::inline edge::inline base
