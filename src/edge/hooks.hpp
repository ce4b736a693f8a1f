// The administrator's own scripts, which Xen's vif scripts source (vif-post.d).
#pragma once

#include <optional>
#include <string>

namespace vifchain {

// The path of one executable *.hook in `folder`; nothing when there is none, or no such folder.
std::optional<std::string> any_hook(const std::string& folder);

}  // namespace vifchain
