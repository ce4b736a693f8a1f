// SPDX-License-Identifier: Apache-2.0
#include "report_server.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <filesystem>
#include <set>
#include <utility>

#include "edge/base/descriptor.hpp"
#include "edge/base/error.hpp"

namespace vifchain::inline plugin {
namespace {

using boost::system::error_code;
using Local = boost::asio::local::stream_protocol;

constexpr std::size_t most_clients = 8;
constexpr int queue = 32;
constexpr std::chrono::seconds patience{2};
constexpr std::chrono::seconds pause{1};  // after an accept that failed: there are no descriptors

void make_way(const std::string& path, const std::string& doing) {
  struct stat there = {};
  if (::lstat(path.c_str(), &there) != 0) {
    if (errno != ENOENT) throw Error(errno, doing);
  } else if (!S_ISSOCK(there.st_mode)) {
    throw Error(EEXIST, doing);
  } else if (::unlink(path.c_str()) != 0) {
    throw Error(errno, doing);
  }
}

// A socket that nobody can connect to before its mode is what it should be.
int listening_at(const std::string& path) {
  const std::string doing = "listening at " + path;
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  if (path.size() >= sizeof address.sun_path) throw Error(ENAMETOOLONG, doing);
  path.copy(address.sun_path, path.size());
  ::mkdir(std::filesystem::path(path).parent_path().c_str(), 0700);
  make_way(path, doing);
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.open() ||
      ::bind(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::chmod(path.c_str(), 0600) != 0 || ::listen(socket.number(), queue) != 0)
    throw Error(errno, doing);
  return socket.release();
}

// One client and what it is given.
struct Client {
  Client(Local::socket its_socket, std::string its_text)
      : socket(std::move(its_socket)), limit(socket.get_executor()), text(std::move(its_text)) {}

  void hang_up() {
    error_code ignored;
    socket.close(ignored);
    limit.cancel();
  }

  Local::socket socket;
  boost::asio::steady_timer limit;
  std::string text;
};

}  // namespace

// Lives on until the last of its handlers has run or gone with the loop.
class ReportServer::Door : public std::enable_shared_from_this<Door> {
 public:
  Door(boost::asio::io_context& loop, std::function<DaemonReport()> report, std::string path)
      : acceptor_(loop, Local(), listening_at(path)),
        again_(loop),
        report_(std::move(report)),
        path_(std::move(path)) {}

  void accept() {
    if (closed_ || accepting_ || clients_.size() >= most_clients) return;
    accepting_ = true;
    acceptor_.async_accept(
        [self = shared_from_this()](const error_code& failed, Local::socket socket) {
          self->accepting_ = false;
          if (self->closed_) return;
          if (failed) return self->accept_later();
          self->serve(std::move(socket));
          self->accept();
        });
  }

  void close() {
    closed_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    again_.cancel();
    for (const auto& client : clients_) client->hang_up();
    clients_.clear();
    ::unlink(path_.c_str());
  }

 private:
  void accept_later() {
    again_.expires_after(pause);
    again_.async_wait([self = shared_from_this()](const error_code& cancelled) {
      if (!cancelled) self->accept();
    });
  }

  // accept(2), as Asio calls it, leaves the descriptor to children.
  void serve(Local::socket socket) {
    ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
    const auto client = std::make_shared<Client>(std::move(socket), report_json(report_()) + "\n");
    clients_.insert(client);
    client->limit.expires_after(patience);
    client->limit.async_wait([client](const error_code& cancelled) {
      if (!cancelled) client->hang_up();
    });
    boost::asio::async_write(client->socket, boost::asio::buffer(client->text),
                             [self = shared_from_this(), client](const error_code&, std::size_t) {
                               client->hang_up();
                               self->clients_.erase(client);
                               self->accept();
                             });
  }

  Local::acceptor acceptor_;
  boost::asio::steady_timer again_;
  std::function<DaemonReport()> report_;
  std::string path_;
  std::set<std::shared_ptr<Client>> clients_;
  bool accepting_ = false;
  bool closed_ = false;
};

ReportServer::ReportServer(boost::asio::io_context& loop, std::function<DaemonReport()> report,
                           const std::string& path)
    : door_(std::make_shared<Door>(loop, std::move(report), path)) {
  door_->accept();
}

ReportServer::~ReportServer() {
  door_->close();
}

}  // namespace vifchain::inline plugin
