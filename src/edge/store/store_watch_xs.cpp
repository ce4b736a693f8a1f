#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

extern "C" {
#include <xenstore.h>
}

#include "edge/descriptor.hpp"
#include "edge/error.hpp"
#include "edge/store/store_watch.hpp"

namespace vifchain {
namespace {

struct CloseConnection {
  void operator()(xs_handle* handle) const { xs_close(handle); }
};

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};

// A connection of our own that nothing is ever said on: libxenstore reads the other one in a thread
// that tells nobody when it ends (read_thread in tools/libs/store/xs.c).
Descriptor connect_lifeline() {
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  const std::string path = xs_daemon_socket();
  if (path.size() >= sizeof address.sun_path) return Descriptor(-1);
  std::memcpy(address.sun_path, path.c_str(), path.size());
  Descriptor line(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!line.open() ||
      ::connect(line.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return Descriptor(-1);
  return line;
}

class XsWatch final : public StoreWatch {
 public:
  explicit XsWatch(const std::string& path) : lifeline_(connect_lifeline()), handle_(xs_open(0)) {
    if (!handle_) throw Error(errno, "connecting to xenstore (is xenstored running?)");
    if (!xs_watch(handle_.get(), path.c_str(), ""))
      throw Error(errno, "watching " + path + " in xenstore");
    descriptor_ = xs_fileno(handle_.get());
  }

  [[nodiscard]] int descriptor() const override { return descriptor_; }
  [[nodiscard]] int lifeline() const override { return lifeline_.number(); }

  std::vector<std::string> take() override {
    if (hung_up()) throw Error(ECONNRESET, "watching xenstore", "xenstored hung up");
    std::vector<std::string> paths;
    for (;;) {
      const std::unique_ptr<char*, Free> event(xs_check_watch(handle_.get()));
      if (event) {
        paths.emplace_back(event.get()[XS_WATCH_PATH]);
        continue;
      }
      if (errno != EAGAIN) throw Error(errno, "watching xenstore");
      return paths;
    }
  }

 private:
  [[nodiscard]] bool hung_up() const {
    if (!lifeline_.open()) return false;
    pollfd line{lifeline_.number(), POLLIN, 0};
    return ::poll(&line, 1, 0) > 0;
  }

  Descriptor lifeline_;
  std::unique_ptr<xs_handle, CloseConnection> handle_;
  int descriptor_ = -1;
};

}  // namespace

std::unique_ptr<StoreWatch> watch_store(const std::string& path) {
  return std::make_unique<XsWatch>(path);
}

}  // namespace vifchain
