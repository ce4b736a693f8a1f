// SPDX-License-Identifier: Apache-2.0
#include "edge/process/output.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace vifchain::inline edge::inline process {
namespace {

void nothing(int) {}

}  // namespace

// A handler of one's own ends with exec(3), which a signal that is ignored does not.
void keep_output_apart() {
  for (int number = 0; number <= 2; ++number)
    if (::fcntl(number, F_GETFD) < 0 && errno == EBADF)
      ::open("/dev/null", number == 0 ? O_WRONLY : O_RDONLY);
  struct sigaction gone {};
  gone.sa_handler = nothing;
  gone.sa_flags = SA_RESTART;
  ::sigaction(SIGPIPE, &gone, nullptr);
}

bool is_output_lost() {
  return std::ferror(stdout) != 0;
}

int end_output(int exit_code, const char* program) {
  errno = 0;
  const bool flushed = std::fflush(stdout) == 0;
  const int why = errno;
  if (flushed && !is_output_lost()) return exit_code;
  std::fprintf(stderr, "%s: error: not all of the output could be written%s%s\n", program,
               why == 0 ? "" : ": ", why == 0 ? "" : std::strerror(why));
  return 1;
}

}  // namespace vifchain::inline edge::inline process
