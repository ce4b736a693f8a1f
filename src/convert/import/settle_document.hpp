// SPDX-License-Identifier: Apache-2.0
// From a document to one that is right, with nothing in it that goes without saying.
#pragma once

#include "convert/import/draft_config.hpp"
#include "core/text/document.hpp"

namespace vifchain::inline convert {

// Leaves out what the reader of the file would refuse, and what only repeats the rest. What goes is
// a remark of the draft, with the line that it was told by.
void settle(Table& document, DraftConfig& draft);

}  // namespace vifchain::inline convert
