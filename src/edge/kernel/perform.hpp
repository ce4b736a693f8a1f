// SPDX-License-Identifier: Apache-2.0
// Performing steps: as many in one send as possible, and never on a link that is another by now.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/plan/plan.hpp"
#include "edge/kernel/read.hpp"
#include "edge/kernel/requests.hpp"
#include "edge/kernel/slb_door.hpp"
#include "edge/netlink/rtnl.hpp"

namespace vifchain::inline edge::inline kernel {

class Performer {
 public:
  // Links are addressed where `reader` last saw them; those it has not seen are looked up first.
  // The rules of bonds are written through `slb`, filters of ports through `filter`.
  Performer(Rtnl& rtnl, LinkReader& reader, SlbDoor& slb, Filter* filter)
      : rtnl_(rtnl), reader_(reader), slb_(slb), filter_(filter) {}

  // See Kernel. For one run only.
  void perform(const std::vector<Step>& plan);

 private:
  bool sweep(std::span<const Step> deletions);
  void look_up_targets(const std::vector<Step>& steps);
  void add(const Step& step);
  void append(const Step& step, const Op& op);
  void wait_for_indices(const Step& step);
  void foresee(const Op& op);
  void refuse_to_steal(const Step& step);
  void write_rules(const Step& step, const SetSlb& op);
  void write_filter(const Step& step, const SetFilter& op);
  void write_rate(const Step& step, const SetRate& op);
  template <typename Work>
  void settle_now(const Step& step, const Work& work);
  void open_bridge(const Step& step, const SetApart& op);
  void put_interims(const Step& step, const SetRoutes& op);
  void write_settings();
  Op with_zeroed_priorities(SetOptions op);
  [[nodiscard]] unsigned index_of(const LinkName& name) const;
  void flush();
  void take(const Step* step, const Answer& answer);
  [[noreturn]] void fail(const Step& step, int error_number, const std::string& their_words);
  std::optional<Actual> look_around(const Op& op, int error_number);

  Rtnl& rtnl_;
  LinkReader& reader_;
  SlbDoor& slb_;
  Filter* filter_;
  // Not sent yet: requests, and the step of each; null for the question where a link made is.
  std::vector<Message> requests_ = {};
  std::vector<const Step*> steps_ = {};
  std::vector<const Step*> settings_ = {};  // to be written once those are done
  std::set<LinkName> made_ = {};  // made by those requests: their indices come with the answers
};

}  // namespace vifchain::inline edge::inline kernel
