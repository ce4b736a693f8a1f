// SPDX-License-Identifier: Apache-2.0
// A kernel whose every step is recorded.
#pragma once

#include <memory>

#include "edge/kernel/kernel.hpp"
#include "flow/run/recorder.hpp"

namespace vifchain::inline flow::inline run {

// The same kernel, which tells `recorder`, which must live longer, what it was told to do.
std::unique_ptr<Kernel> recorded(std::unique_ptr<Kernel> kernel, Recorder& recorder);

}  // namespace vifchain::inline flow::inline run
