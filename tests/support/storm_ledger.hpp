// SPDX-License-Identifier: Apache-2.0
// What may pass a bridge at which moment, and what passed although it might not.
//
// A frame is judged by the bridge behind which it was heard, somewhere between its sending and its
// arrival: it is a hole only if nothing permitted it in all that time, however long the machine let
// it wait. All times are those of now_ns().
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "storm_frames.hpp"

namespace vifchain::test {

struct HeardFrame {
  unsigned bridge = 0;
  StormMark mark;
  std::int64_t at = 0;
};

// A time in which the filter may be missing, as somebody else took it away.
struct Gap {
  std::string what;
  std::int64_t from = 0, until = 0;  // until: 0 while it is open
  std::string repaired_by = {};
  std::size_t passed = 0;  // forged frames, of guests that were filtered
  unsigned guest = 0;      // of whom alone; 0: of all
};

class Ledger {
 public:
  // The bridge's policy may be this one from now on, besides what it may have been; then it is this
  // one alone.
  void may_be(unsigned bridge, Antispoof policy);
  void is_only(unsigned bridge, Antispoof policy);

  void open_gap(const std::string& what, unsigned guest = 0);
  void close_gap(const std::string& repaired_by);
  [[nodiscard]] bool in_a_gap() const { return !gaps_.empty() && gaps_.back().until == 0; }
  [[nodiscard]] bool in_a_gap_of_one() const { return in_a_gap() && gaps_.back().guest != 0; }

  void judge(const HeardFrame& heard);

  // The gaps, by who repaired them, for a person.
  [[nodiscard]] std::string in_words() const;
  std::vector<HeardFrame> take_holes() { return std::exchange(holes_, {}); }
  // Forged frames that an unfiltered guest may send, by kind: what no filter keeps back is heard.
  [[nodiscard]] std::size_t permitted(FrameKind kind) const;

 private:
  struct Rule {
    Antispoof policy;
    std::int64_t from, until;
  };
  [[nodiscard]] bool may_pass(const HeardFrame& heard) const;

  std::map<unsigned, std::vector<Rule>> rules_;
  std::vector<Gap> gaps_;
  std::vector<HeardFrame> holes_;
  std::array<std::size_t, frame_kinds> permitted_{};
};

}  // namespace vifchain::test
