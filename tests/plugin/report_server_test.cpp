// SPDX-License-Identifier: Apache-2.0
// Asking the daemon over a real socket, and all that can be behind it.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <functional>
#include <future>
#include <vector>

#include "edge/base/descriptor.hpp"
#include "edge/base/error.hpp"
#include "flow/run/converge.hpp"
#include "only_one.hpp"
#include "served_report.hpp"
#include "some_report.hpp"
#include "temp_folder.hpp"

namespace vifchain {
namespace {

using std::chrono::milliseconds, std::chrono::seconds;

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

Descriptor new_socket() {
  return Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

// Connected, and reads nothing.
Descriptor client_of(const std::string& path) {
  Descriptor socket = new_socket();
  const auto address = address_of(path);
  EXPECT_EQ(::connect(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
            0);
  return socket;
}

Descriptor listener_at(const std::string& path) {
  Descriptor socket = new_socket();
  const auto address = address_of(path);
  EXPECT_EQ(::bind(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
            0);
  EXPECT_EQ(::listen(socket.number(), 4), 0);
  return socket;
}

std::string all_from(const Descriptor& socket) {
  std::string all;
  char buffer[4096];
  for (ssize_t size; (size = ::read(socket.number(), buffer, sizeof buffer)) > 0;)
    all.append(buffer, static_cast<std::size_t>(size));
  return all;
}

int code_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.code().value();
  }
  return 0;
}

class Door : public ::testing::Test {
 protected:
  // Somebody who takes one connection, and answers that.
  std::future<void> answer_once(const std::string& words) const {
    return std::async(std::launch::async, [words, line = listener_at(path_).release()] {
      const Descriptor listener(line);
      const Descriptor client(::accept4(listener.number(), nullptr, nullptr, SOCK_CLOEXEC));
      EXPECT_EQ(::send(client.number(), words.data(), words.size(), MSG_NOSIGNAL),
                static_cast<ssize_t>(words.size()));
    });
  }

  TempFolder folder_;
  std::string path_ = folder_ / "run/vifchaind.sock";
  void SetUp() override { std::filesystem::create_directory(folder_ / "run"); }
};

TEST_F(Door, GivesTheReport) {
  const ServedReport served(some_report(), path_);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(request_report(path_), some_report());
}

TEST_F(Door, GivesALongReportWhole) {
  const ServedReport served(long_report(), path_);
  EXPECT_EQ(request_report(path_, seconds(20)), long_report());
}

TEST_F(Door, AnswersEverybodyWhoComesAtOnce) {
  const ServedReport served(some_report(), path_);
  std::vector<Descriptor> clients;
  for (int i = 0; i < 30; ++i) clients.push_back(client_of(path_));
  for (const auto& client : clients) EXPECT_EQ(read_report(all_from(client)), some_report());
}

TEST_F(Door, DropsThoseWhoDoNotRead) {
  const ServedReport served(long_report(), path_);
  std::vector<Descriptor> clients;
  for (int i = 0; i < 12; ++i) clients.push_back(client_of(path_));
  EXPECT_EQ(request_report(path_, seconds(20)), long_report());
  EXPECT_THROW(read_report(all_from(clients.front())), Error) << "it was not given all";
}

TEST_F(Door, GoesOnWhenAClientGoesWithoutReading) {
  const ServedReport served(long_report(), path_);
  for (int i = 0; i < 20; ++i) client_of(path_);
  EXPECT_EQ(request_report(path_, seconds(20)), long_report());
}

TEST_F(Door, IsNotThereForTheChildrenOfTheDaemon) {
  const ServedReport served(long_report(), path_);
  const Descriptor client = client_of(path_);
  char first = 0;
  ASSERT_EQ(::read(client.number(), &first, 1), 1) << "so it has been accepted";
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int number = std::stoi(entry.path().filename());
    struct stat file = {};
    if (::fstat(number, &file) != 0 || !S_ISSOCK(file.st_mode)) continue;
    EXPECT_NE(::fcntl(number, F_GETFD) & FD_CLOEXEC, 0) << number;
  }
}

TEST_F(Door, IsRootsAlone) {
  const ServedReport served(some_report(), path_);
  struct stat file = {};
  ASSERT_EQ(::stat(path_.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 07777U, 0600U);
}

TEST_F(Door, MakesItsFolderForRootAlone) {
  const std::string path = folder_ / "new/vifchaind.sock";
  const ServedReport served(some_report(), path);
  struct stat file = {};
  ASSERT_EQ(::stat((folder_ / "new").c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 07777U, 0700U);
}

TEST_F(Door, TakesThePlaceOfADeadDaemon) {
  listener_at(path_);
  ASSERT_TRUE(std::filesystem::is_socket(path_));
  EXPECT_EQ(request_report(path_), std::nullopt) << "nobody is behind it";
  const ServedReport served(some_report(), path_);
  EXPECT_EQ(request_report(path_), some_report());
}

TEST_F(Door, LeavesAloneWhatIsNoSocket) {
  std::ofstream(path_) << "somebody's\n";
  EXPECT_EQ(code_of([&] { const ServedReport served(some_report(), path_); }), EEXIST);
  EXPECT_EQ(contents_of(path_), "somebody's\n");
}

TEST_F(Door, IsGoneWithTheDaemon) {
  { const ServedReport served(some_report(), path_); }
  EXPECT_FALSE(std::filesystem::exists(path_));
  EXPECT_EQ(request_report(path_), std::nullopt);
}

TEST_F(Door, MayGoWhileClientsWait) {
  std::vector<Descriptor> clients;
  {
    const ServedReport served(long_report(), path_);
    for (int i = 0; i < 12; ++i) clients.push_back(client_of(path_));
    char first = 0;
    ASSERT_EQ(::read(clients.front().number(), &first, 1), 1);
  }
  for (const auto& client : clients) EXPECT_THROW(read_report(all_from(client)), Error);
}

TEST_F(Door, OutlivesItsLoop) {
  auto loop = std::make_unique<boost::asio::io_context>(1);
  auto server = std::make_unique<ReportServer>(*loop, long_report, path_);
  const Descriptor client = client_of(path_);
  loop->run_one();
  server.reset();
  loop.reset();
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(Door, IsAskedInVainWhereNobodyAnswersInTime) {
  const Descriptor listener = listener_at(path_);
  EXPECT_EQ(code_of([&] { request_report(path_, milliseconds(20)); }), ETIMEDOUT);
  std::vector<Descriptor> others;
  for (int i = 0; i < 4; ++i) others.push_back(client_of(path_));
  EXPECT_EQ(code_of([&] { request_report(path_, milliseconds(20)); }), ETIMEDOUT) << "a full queue";
}

TEST_F(Door, IsAskedInVainWhereNonsenseAnswers) {
  const auto answer = answer_once("HTTP/1.1 400 Bad Request\r\n");
  EXPECT_EQ(code_of([&] { request_report(path_, seconds(20)); }), EBADMSG);
}

TEST_F(Door, IsNobodysWhoDiesWithoutAWord) {
  const auto answer = answer_once("");
  EXPECT_EQ(request_report(path_, seconds(20)), std::nullopt);
}

TEST_F(Door, IsShutToOthersThanRoot) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to be somebody else";
  const ServedReport served(some_report(), path_);
  ::chmod(folder_.path().c_str(), 0755);
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setresuid(65534, 65534, 65534) != 0) ::_exit(99);
    ::_exit(code_of([&] { request_report(path_, seconds(2)); }));
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), EACCES);
}

TEST_F(Door, HasRoomForPathsOfSocketsOnly) {
  const std::string path = folder_ / std::string(200, 'x');
  EXPECT_EQ(code_of([&] { request_report(path); }), ENAMETOOLONG);
  EXPECT_EQ(code_of([&] { const ServedReport served({}, path); }), ENAMETOOLONG);
}

class OneDaemon : public ::testing::Test {
 protected:
  std::string refusal() const {
    try {
      const OnlyOne second(path_);
    } catch (const Refusal& refusal) {
      return refusal.what();
    }
    return "none";
  }

  TempFolder folder_;
  std::string path_ = folder_ / "run/vifchaind.pid";
};

TEST_F(OneDaemon, RefusesTheSecondAndNamesTheFirst) {
  const OnlyOne first(path_);
  EXPECT_EQ(refusal(), "vifchaind runs already (process " + std::to_string(::getpid()) + ")");
  EXPECT_EQ(contents_of(path_), std::to_string(::getpid()) + "\n");
}

TEST_F(OneDaemon, MakesRoomWhenItEnds) {
  { const OnlyOne first(path_); }
  EXPECT_EQ(refusal(), "none");
}

TEST_F(OneDaemon, MakesRoomWhenItIsKilled) {
  int ready[2];
  ASSERT_EQ(::pipe2(ready, O_CLOEXEC), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const OnlyOne first(path_);
    if (::write(ready[1], "", 1) == 1) ::pause();
    ::_exit(1);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_EQ(refusal(), "vifchaind runs already (process " + std::to_string(child) + ")");
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(refusal(), "none");
  for (const int end : ready) ::close(end);
}

TEST_F(OneDaemon, LeavesNothingToItsChildren) {
  const OnlyOne first(path_);
  const int status = std::system(
      ("flock --nonblock " + path_ + " true; readlink /proc/self/fd/* | grep -q " + path_).c_str());
  EXPECT_EQ(WEXITSTATUS(status), 1) << "no descriptor of the file";
}

TEST_F(OneDaemon, SaysWhyThereCanBeNone) {
  EXPECT_EQ(code_of([&] { const OnlyOne none(folder_ / "a/b/c.pid"); }), ENOENT);
}

}  // namespace
}  // namespace vifchain
