#include "edge/filter/nftables.hpp"

#include <dlfcn.h>
#include <nftables/libnftables.h>

#include <cerrno>

#include "edge/error.hpp"

namespace vifchain {
namespace {

constexpr auto library_name = "libnftables.so.1";

struct Unload {
  void operator()(void* handle) const { dlclose(handle); }
};

std::string loader_says() {
  const char* words = dlerror();
  return words != nullptr ? words : "";
}

// The first complaint; those after it follow from it, and the commands are shown with each.
std::string first_line_of(const char* words) {
  const std::string text = words != nullptr ? words : "";
  const auto line = text.substr(0, text.find('\n'));
  const auto error = line.find("Error: ");
  if (line.empty()) return "nftables refused, and did not say why";
  return error == std::string::npos ? line : line.substr(error + 7);
}

}  // namespace

struct Nftables::Library {
  Library() : handle(dlopen(library_name, RTLD_NOW | RTLD_LOCAL)) {
    if (handle == nullptr)
      throw Error(ENOENT, std::string("loading ") + library_name + " (package libnftables1)",
                  loader_says());
    find(make, "nft_ctx_new");
    find(free, "nft_ctx_free");
    find(run, "nft_run_cmd_from_buffer");
    find(buffer_output, "nft_ctx_buffer_output");
    find(buffer_error, "nft_ctx_buffer_error");
    find(error, "nft_ctx_get_error_buffer");
    context = make(NFT_CTX_DEFAULT);
    if (context == nullptr || buffer_output(context) != 0 || buffer_error(context) != 0)
      throw Error(ENOMEM, std::string("setting up ") + library_name);
  }
  ~Library() {
    if (context != nullptr) free(context);
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  template <class Function>
  void find(Function& function, const char* name) const {
    function = reinterpret_cast<Function>(dlsym(handle.get(), name));
    if (function == nullptr)
      throw Error(ENOSYS, std::string("looking for ") + name + " in " + library_name);
  }

  std::unique_ptr<void, Unload> handle;
  decltype(&nft_ctx_new) make = nullptr;
  decltype(&nft_ctx_free) free = nullptr;
  decltype(&nft_run_cmd_from_buffer) run = nullptr;
  decltype(&nft_ctx_buffer_output) buffer_output = nullptr;
  decltype(&nft_ctx_buffer_error) buffer_error = nullptr;
  decltype(&nft_ctx_get_error_buffer) error = nullptr;
  nft_ctx* context = nullptr;
};

Nftables::Nftables() : library_(std::make_unique<Library>()) {}
Nftables::~Nftables() = default;

std::string Nftables::run(const std::string& commands) {
  if (library_->run(library_->context, commands.c_str()) == 0) return {};
  return first_line_of(library_->error(library_->context));
}

}  // namespace vifchain
