// SPDX-License-Identifier: Apache-2.0
// A C library that is loaded when it is first needed, so that who does without it does not wait for
// it.
#pragma once

#include <memory>
#include <string>

namespace vifchain::inline edge::inline base {

class SharedLibrary {
 public:
  // Loads what the dynamic linker knows by this name ("libnftables.so.1"). `package` is what Debian
  // installs it with. Throws Error (ENOENT) with the linker's words when it is not there.
  SharedLibrary(std::string name, const std::string& package);

  // Sets `function` to the library's one of that name. Throws Error (ENOSYS) when it has none.
  template <class Function>
  void find(Function*& function, const char* name) const {
    function = reinterpret_cast<Function*>(find(name));
  }

 private:
  [[nodiscard]] void* find(const char* name) const;

  struct Unload {
    void operator()(void* handle) const;
  };

  std::string name_;
  std::unique_ptr<void, Unload> handle_;
};

}  // namespace vifchain::inline edge::inline base
