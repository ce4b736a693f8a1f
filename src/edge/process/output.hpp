// SPDX-License-Identifier: Apache-2.0
// What a program writes for whoever called it must arrive, or it says that it did not.
#pragma once

namespace vifchain::inline edge::inline process {

// To be called first. Numbers 0, 1 and 2 are open, so that no file that is opened later gets one of
// them and takes what is printed; one that was closed takes nothing. And whoever reads may go away:
// writing fails then, and the work goes on, as no signal ends this process. Programs that it runs
// do not notice.
void keep_output_apart();

// Whether something that was printed has been lost.
bool is_output_lost();

// To be called last: the exit code, which is 1 when not all that was printed could be written; then
// standard error says so.
int end_output(int exit_code, const char* program);

}  // namespace vifchain::inline edge::inline process
