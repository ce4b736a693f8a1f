// SPDX-License-Identifier: Apache-2.0
// What must hold of every draft, whatever was read.
#pragma once

#include "convert/import/compose.hpp"
#include "edge/parse/toml.hpp"
#include "require.hpp"

namespace vifchain {

inline void require_sayable(const Remark& remark) {
  require(!remark.why.empty(), "a remark says why");
  require(!remark.at.file.empty() || remark.at.line == 0, "a line is one of a file");
  require(remark.at.text.find('\n') == std::string::npos, "a remark shows one line");
  require(remark.at.text.size() < 300, "a remark shows a line in part, however long it is");
}

// It is written out as a file that is right, with a comment for all that is not in it.
inline void require_composable(DraftConfig draft) {
  const auto composed = compose(std::move(draft));
  const auto read = parse_topology(composed.toml);
  require(std::holds_alternative<Topology>(read), "what comes out is a right file");
  for (const auto& remark : composed.remarks) require_sayable(remark);
}

}  // namespace vifchain
