// SPDX-License-Identifier: Apache-2.0
// A draft as the document of a vifchain.toml, value by value.
#pragma once

#include <vector>

#include "convert/import/draft_config.hpp"
#include "core/text/document.hpp"

namespace vifchain::inline convert {

// The tables; every key and value has a place of its own, which stands for no place in any text.
Table document_of(const DraftConfig& draft);

}  // namespace vifchain::inline convert
