#include <cerrno>
#include <cstdlib>

extern "C" {
#include <xenstore.h>
}

#include "edge/error.hpp"
#include "edge/store/store.hpp"

namespace vifchain {
namespace {

// Enough for any burst of neighbours: a lost race costs some 0.1 ms, and the winner has moved on.
constexpr int most_tries = 1000;

struct CloseConnection {
  void operator()(xs_handle* handle) const { xs_close(handle); }
};
using Connection = std::unique_ptr<xs_handle, CloseConnection>;

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};

class XsStore final : public Store {
 public:
  std::vector<std::string> children(const std::string& path) override;
  std::optional<std::string> read(const std::string& path) override;
  void write(const std::string& path, const std::string& value) override;
  void write_together(std::span<const StoreNode> nodes) override;
  void remove(const std::string& path) override;

 private:
  xs_handle* connected();
  bool committed(std::span<const StoreNode> nodes);
  void write_within(xs_transaction_t transaction, const StoreNode& node);
  [[noreturn]] void fail(const char* doing, const std::string& path);

  Connection connection_;
};

xs_handle* XsStore::connected() {
  if (!connection_) connection_.reset(xs_open(0));
  if (!connection_) throw Error(errno, "connecting to xenstore (is xenstored running?)");
  return connection_.get();
}

std::vector<std::string> XsStore::children(const std::string& path) {
  unsigned count = 0;
  const std::unique_ptr<char*, Free> names(
      xs_directory(connected(), XBT_NULL, path.c_str(), &count));
  if (names) return {names.get(), names.get() + count};
  if (errno == ENOENT) return {};
  fail("listing", path);
}

std::optional<std::string> XsStore::read(const std::string& path) {
  unsigned size = 0;
  const std::unique_ptr<void, Free> value(xs_read(connected(), XBT_NULL, path.c_str(), &size));
  if (value) return std::string(static_cast<const char*>(value.get()), size);
  if (errno == ENOENT) return std::nullopt;
  fail("reading", path);
}

void XsStore::write(const std::string& path, const std::string& value) {
  write_within(XBT_NULL, {path, value});
}

void XsStore::write_together(std::span<const StoreNode> nodes) {
  if (nodes.empty()) return;
  for (int tries = 0; tries < most_tries; ++tries)
    if (committed(nodes)) return;
  throw Error(EAGAIN, "writing " + nodes.front().path + " and its like in xenstore, " +
                          std::to_string(most_tries) + " times");
}

void XsStore::remove(const std::string& path) {
  if (!xs_rm(connected(), XBT_NULL, path.c_str()) && errno != ENOENT) fail("removing", path);
}

// False if somebody else came between, and nothing has been written.
bool XsStore::committed(std::span<const StoreNode> nodes) {
  const xs_transaction_t transaction = xs_transaction_start(connected());
  if (transaction == XBT_NULL) fail("beginning to write", nodes.front().path);
  for (const StoreNode& node : nodes) write_within(transaction, node);
  if (xs_transaction_end(connected(), transaction, false)) return true;
  if (errno != EAGAIN) fail("committing", nodes.front().path);
  return false;
}

void XsStore::write_within(xs_transaction_t transaction, const StoreNode& node) {
  const auto size = static_cast<unsigned>(node.value.size());
  if (!xs_write(connected(), transaction, node.path.c_str(), node.value.data(), size))
    fail("writing", node.path);
}

// Hangs up, which abandons an open transaction. libxenstore too has hung up if it says EBADF, which
// is its word for an end of file and for an answer it cannot take (read_all and xs_talkv in xs.c).
void XsStore::fail(const char* doing, const std::string& path) {
  const int error_number = errno;
  connection_.reset();
  throw Error(error_number, std::string(doing) + " " + path + " in xenstore",
              error_number == EBADF ? "xenstored hung up or broke the protocol" : "");
}

}  // namespace

std::unique_ptr<Store> open_store() {
  return std::make_unique<XsStore>();
}

}  // namespace vifchain
