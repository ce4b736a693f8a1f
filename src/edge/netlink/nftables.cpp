// SPDX-License-Identifier: Apache-2.0
#include "edge/netlink/nftables.hpp"

#include <nftables/libnftables.h>

#include <cerrno>

#include "edge/base/error.hpp"
#include "edge/base/shared_library.hpp"

namespace vifchain::inline edge::inline netlink {
namespace {

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
  Library() : functions("libnftables.so.1", "libnftables1") {
    functions.find(make, "nft_ctx_new");
    functions.find(free, "nft_ctx_free");
    functions.find(run, "nft_run_cmd_from_buffer");
    functions.find(buffer_output, "nft_ctx_buffer_output");
    functions.find(buffer_error, "nft_ctx_buffer_error");
    functions.find(error, "nft_ctx_get_error_buffer");
    context = make(NFT_CTX_DEFAULT);
    if (context == nullptr || buffer_output(context) != 0 || buffer_error(context) != 0)
      throw Error(ENOMEM, "setting up nftables");
  }
  ~Library() {
    if (context != nullptr) free(context);
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  SharedLibrary functions;
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

}  // namespace vifchain::inline edge::inline netlink
