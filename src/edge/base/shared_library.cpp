// SPDX-License-Identifier: Apache-2.0
#include "edge/base/shared_library.hpp"

#include <dlfcn.h>

#include <cerrno>
#include <utility>

#include "edge/base/error.hpp"

namespace vifchain::inline edge::inline base {

SharedLibrary::SharedLibrary(std::string name, const std::string& package)
    : name_(std::move(name)), handle_(dlopen(name_.c_str(), RTLD_NOW | RTLD_LOCAL)) {
  if (handle_) return;
  const char* words = dlerror();
  throw Error(ENOENT, "loading " + name_ + " (package " + package + ")",
              words != nullptr ? words : "");
}

void* SharedLibrary::find(const char* name) const {
  void* function = dlsym(handle_.get(), name);
  if (function == nullptr) throw Error(ENOSYS, std::string("looking for ") + name + " in " + name_);
  return function;
}

void SharedLibrary::Unload::operator()(void* handle) const {
  dlclose(handle);
}

}  // namespace vifchain::inline edge::inline base
