// Programs that need more than the bounds that systemd has put this process into.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vifchain {

// What is to become of them: they are there when they have gone into the background (forking), or
// as soon as they run.
enum class Comes : std::uint8_t { by_forking, at_once };

// True when this process is a service of systemd without the capabilities of root: what it starts
// has no more than it has itself.
bool is_in_bounds();

// The words to run so that `words` run, in `environment` (NAME=VALUE), as a service of their own
// outside those bounds (systemd-run(1)), and end well when that has come up. The words themselves
// where there is no systemd-run.
std::vector<std::string> outside_bounds(const std::vector<std::string>& words,
                                        const std::vector<std::string>& environment, Comes comes);

}  // namespace vifchain
