// SPDX-License-Identifier: Apache-2.0
// How things are with one link now: whose it is, what the file wants of it, what is in the way.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/gather/common.hpp"
#include "edge/state/run_record.hpp"

namespace vifchain::inline cli {

struct LinkNow {
  std::string name;                      // its present one, if it is there
  std::vector<std::string> other_names;  // and the alternative ones
  bool there = false;
  bool made_by_vifchain = false;
  std::string kind = {};        // "NIC", "bond 802.3ad"; empty when it is not there
  std::string state = {};       // "up", "no carrier"
  std::string controller = {};  // empty: none
  std::string owner = {};       // whose it is, a sentence; empty when it is not there
  std::string place = {};       // whose port it is, and who made that, a sentence; empty: nobody's
  std::string guest = {};       // whose vif it is, a sentence; mostly empty
  std::vector<std::string> troubles = {};      // what does not work, each half a sentence
  unsigned line = 0;                           // of the file, where it is first named; 0: nowhere
  std::string file = {};                       // what the file wants of it, a sentence
  std::vector<std::string> differences = {};   // from that, each half a sentence
  std::vector<ConflictRecord> conflicts = {};  // what stands in the way of its chain
  std::vector<StepRecord> steps = {};          // that apply would do with it
  std::vector<std::string> notes = {};         // each a sentence
  std::vector<std::string> known = {};         // every name that the host or the file knows

  // Somebody knows the name: the host or the file.
  [[nodiscard]] bool is_known() const { return there || line > 0; }
};

// Reads the host, the file and, as far as it may, xenstore. Needs no privileges, says less without
// them. Throws Refusal when `text` is no name that a link could have, and Error when the kernel
// does not answer.
LinkNow look_at_link(const std::string& text, const Common& common);

}  // namespace vifchain::inline cli
