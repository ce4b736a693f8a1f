// SPDX-License-Identifier: Apache-2.0
// Requests and answers over one rtnetlink socket.
#include <gmock/gmock.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <sys/time.h>

#include <csignal>

#include "edge/base/error.hpp"
#include "edge/kernel/links.hpp"
#include "edge/kernel/requests.hpp"
#include "netns.hpp"

namespace vifchain::test {
namespace {

using std::chrono::milliseconds;

class RtnlTest : public testing::Test {
 protected:
  Namespace namespace_;
};

Message delete_of(unsigned index) {
  return std::move(
      requests_for(Delete{name("gone")}, [=](const LinkName&) { return index; }).front());
}

// Nothing, with no acknowledgement asked for, is never answered (netlink_rcv_skb).
Message unanswered() {
  return Message(nlmsg_alloc_simple(NLMSG_NOOP, 0));
}

TEST_F(RtnlTest, GivesEveryRequestItsOwnAnswer) {
  Rtnl rtnl({});
  std::vector<Message> requests;
  requests.push_back(ask_link(name("lo")));
  requests.push_back(ask_link(name("nowhere")));
  requests.push_back(ask_all_links());
  requests.push_back(delete_of(4711));
  requests.push_back(delete_of(1));
  requests.push_back(ask_link(1U));
  const auto answers = rtnl.exchange(requests);
  const std::vector<int> errors{0, ENODEV, 0, ENODEV, EOPNOTSUPP, 0};
  for (std::size_t i = 0; i < errors.size(); ++i) EXPECT_EQ(answers[i].error, errors[i]) << i;
  for (const std::size_t i : {0U, 2U, 5U})
    EXPECT_EQ(identity_of(*messages_of(answers[i]).at(0)).name, name("lo"));
  EXPECT_TRUE(messages_of(answers[1]).empty());
}

TEST_F(RtnlTest, AnswersMoreThanOneSendCanHold) {
  Rtnl rtnl({});
  std::vector<Message> requests;
  for (int i = 0; i < 1000; ++i) {
    requests.push_back(ask_link(name("lo")));
    requests.push_back(ask_link(name("nowhere")));
  }
  const auto answers = rtnl.exchange(requests);
  for (std::size_t i = 0; i < answers.size(); ++i)
    EXPECT_EQ(answers[i].error, i % 2 == 0 ? 0 : ENODEV) << i;
}

TEST_F(RtnlTest, KeepsTheKernelsWords) {
  Rtnl rtnl({});
  auto request = ask_link(name("lo"));
  static_cast<ifinfomsg*>(nlmsg_data(nlmsg_hdr(request.get())))->ifi_flags = 1;
  const Answer answer = rtnl.exchange(request);
  EXPECT_EQ(answer.error, EINVAL);
  EXPECT_THAT(answer.words, testing::HasSubstr("Invalid values in header"));
}

TEST_F(RtnlTest, WaitsNoLongerThanItIsTold) {
  Rtnl rtnl({.limit = milliseconds(5)});
  try {
    rtnl.exchange(unanswered());
    FAIL() << "it was answered";
  } catch (const Error& error) {
    EXPECT_EQ(error.code().value(), ETIMEDOUT);
  }
  EXPECT_EQ(rtnl.exchange(ask_link(name("lo"))).error, 0);
}

TEST_F(RtnlTest, EndsItsWaitWhenTheInterruptSaysSo) {
  struct sigaction ignore {};
  ignore.sa_handler = [](int) {};
  sigaction(SIGALRM, &ignore, nullptr);
  const itimerval soon{{0, 1000}, {0, 1000}}, never{};
  int interrupts = 0;
  Rtnl rtnl({.on_interrupt = [&] {
    if (++interrupts == 3) throw std::runtime_error("time is up");
  }});
  setitimer(ITIMER_REAL, &soon, nullptr);
  EXPECT_THROW(rtnl.exchange(unanswered()), std::runtime_error);
  setitimer(ITIMER_REAL, &never, nullptr);
  EXPECT_EQ(interrupts, 3);
}

}  // namespace
}  // namespace vifchain::test
