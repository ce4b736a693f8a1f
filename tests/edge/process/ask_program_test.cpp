// SPDX-License-Identifier: Apache-2.0
// Programs that are asked, with a real shell.
#include "edge/process/ask_program.hpp"

#include <gtest/gtest.h>

#include <csignal>

#include "edge/base/error.hpp"
#include "host.hpp"
#include "temp_folder.hpp"

namespace vifchain {
namespace {

using namespace std::chrono_literals;

ProgramAnswer answer_of(const std::string& text, std::size_t most_output = 1 << 20) {
  const Deadline deadline(1min);
  return ask_program({"sh", "-c", text}, "", most_output, deadline);
}

bool is_alive(pid_t process) {
  return ::kill(process, 0) == 0 &&
         contents_of("/proc/" + std::to_string(process) + "/stat").find(") Z ") ==
             std::string::npos;
}

TEST(AskedProgram, ThatComplainsMuchIsKnownByItsLastWords) {
  const auto answer = answer_of("head -c 300000 /dev/zero | tr '\\0' x >&2; echo why >&2");
  EXPECT_TRUE(answer.errors.ends_with("xwhy\n")) << answer.errors.size();
  EXPECT_LT(answer.errors.size(), 300000U);
}

TEST(AskedProgram, ThatASignalEndedHasACodeThatNoOtherHas) {
  EXPECT_EQ(answer_of("kill -KILL $$").exit_code, 128 + SIGKILL);
  EXPECT_EQ(answer_of("exit 9").exit_code, 9);
}

TEST(AskedProgram, HearsTheSignalsThatWeHear) {
  const Deadline deadline(1min);  // a shell would see to it itself
  const auto answer = ask_program({"cat", "/proc/self/status"}, "", 1 << 20, deadline);
  EXPECT_TRUE(has(answer.output, "SigBlk:\t0000000000000000\n")) << answer.output;
}

TEST(AskedProgram, IsEndedWithAllThatItStarted) {
  const TempFolder temp;
  const std::string file = temp / "child";
  EXPECT_THROW(answer_of("sleep 1000 & echo $! >" + file + "; cat /dev/zero", 100), Error);
  const pid_t child = std::stoi(contents_of(file));
  EXPECT_TRUE(eventually([&] { return !is_alive(child); }));
  if (is_alive(child)) ::kill(child, SIGKILL);
}

}  // namespace
}  // namespace vifchain
