// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <cstdint>

extern "C" {
#include <xen/io/xs_wire.h>
#include <xenstore_lib.h>
}

#include "edge/base/error.hpp"
#include "edge/store/store_watch.hpp"
#include "edge/store/store_wire.hpp"

namespace vifchain::inline edge::inline store {
namespace {

// For a place in xenstored's queue of those who connect; it need not answer.
constexpr std::chrono::milliseconds patience{100};

class XsWatch final : public StoreWatch {
 public:
  explicit XsWatch(const std::string& path) try : XsWatch(path, wait()) {
  } catch (const WireFailure& failure) {
    throw Error(failure.error, "cannot connect to xenstored", failure.words);
  }

  [[nodiscard]] int descriptor() const override { return wire_.descriptor(); }

  std::vector<std::string> take() override {
    std::vector<std::string> paths;
    try {
      while (const auto message = wire_.take()) take_in(*message, paths);
    } catch (const WireFailure& failure) {
      if (paths.empty()) throw Error(ECONNRESET, "watching xenstore", failure.words);
    }
    return paths;
  }

 private:
  XsWatch(const std::string& path, const WireWait& wait) : path_(path), wire_(wait) {
    wire_.send({.type = XS_WATCH, .body = path + '\0' + '\0'}, wait);
  }

  static WireWait wait() {
    static const std::function<void()> nobody;
    return {std::chrono::steady_clock::now() + patience, nobody};
  }

  void take_in(const WireMessage& message, std::vector<std::string>& paths) const {
    const auto strings = strings_in(message.body);
    if (message.type == XS_ERROR)
      throw Error(EIO, "watching " + path_ + " in xenstore",
                  strings.empty() ? "xenstored refused" : "xenstored said " + strings.front());
    if (message.type == XS_WATCH_EVENT && strings.size() > XS_WATCH_PATH)
      paths.push_back(strings[XS_WATCH_PATH]);
  }

  std::string path_;
  StoreWire wire_;
};

}  // namespace

std::unique_ptr<StoreWatch> watch_store(const std::string& path) {
  return std::make_unique<XsWatch>(path);
}

}  // namespace vifchain::inline edge::inline store
