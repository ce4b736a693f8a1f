// SPDX-License-Identifier: Apache-2.0
// Links above links: no loops, and no deeper than the kernel allows.
#include "core/config/assemble.hpp"
#include "core/config/complain.hpp"
#include "core/text/find.hpp"

namespace vifchain::inline core::inline config {
namespace {

constexpr std::size_t deepest = 8;  // MAX_NEST_DEV (__netdev_upper_dev_link in net/core/dev.c)

enum class State { on_path, fine, broken };

// What is known of a link: how many links stand in its highest stack, itself among them, and the
// one below it there.
struct Standing {
  State state = State::on_path;
  std::size_t height = 1;
  const LinkName* next = nullptr;
};

// A walk down from every link, each link once, and never further than a stack may be deep.
class Descent {
 public:
  Descent(const Assembly& assembly, Diagnostics& wrong) : assembly_(assembly), wrong_(wrong) {}

  bool fine(const LinkName& name) {
    if (path_.size() == deepest) return complain_deep(name);
    const auto [there, fresh] = standings_.try_emplace(name);
    if (!fresh && there->second.state == State::on_path) complain_loop(name);
    if (!fresh) return there->second.state == State::fine && fits(there->second, name);
    path_.push_back(name);
    const bool right = stand_on_lower_ones(name, there->second);
    path_.pop_back();
    there->second.state = right ? State::fine : State::broken;
    return right;
  }

 private:
  bool stand_on_lower_ones(const LinkName& name, Standing& standing) {
    bool right = true;
    if (const auto* parent = parent_of(assembly_.topology.links.at(name)))
      right = stand_on(*parent, standing);
    for (const auto& port : value_in(assembly_.topology.ports, name))
      right = stand_on(port, standing) && right;
    return right;
  }

  bool stand_on(const LinkName& lower, Standing& standing) {
    if (!fine(lower)) return false;
    const auto& below = *standings_.find(lower);
    if (below.second.height + 1 > standing.height)
      standing = {State::on_path, below.second.height + 1, &below.first};
    return true;
  }

  // A stack that was walked before, under what is on the path now.
  bool fits(const Standing& standing, const LinkName& name) {
    if (path_.size() + standing.height <= deepest) return true;
    const LinkName* ninth = &name;
    for (auto at = path_.size(); at < deepest; ++at) ninth = standings_.at(*ninth).next;
    return complain_deep(*ninth);
  }

  bool complain_deep(const LinkName& name) {
    complain(wrong_, assembly_.mentions.at(name).place,
             name.str() + " is the ninth link of a stack under " + path_.front().str() +
                 "; the kernel takes 8");
    return false;
  }

  // Where the step from `upper` to the link below it is written.
  const Word& step(const LinkName& upper, const LinkName& lower) const {
    const Word* joined = find_in(assembly_.joined, lower);
    const bool is_port = assembly_.topology.links.at(lower).controller == upper;
    return joined != nullptr && is_port ? *joined : assembly_.stacked.at(upper);
  }

  // The last step that is written closes the loop.
  void complain_loop(const LinkName& name) {
    auto at = path_.size();
    while (path_[--at] != name) continue;
    std::string loop = name.str();
    const Word* last = nullptr;
    for (; at < path_.size(); ++at) {
      const auto& lower = at + 1 < path_.size() ? path_[at + 1] : name;
      const Word& word = step(path_[at], lower);
      if (last == nullptr || last->place < word.place) last = &word;
      loop += ", " + lower.str();
    }
    complain(wrong_, last->place, "loop of links, each above the next: " + loop);
  }

  const Assembly& assembly_;
  Diagnostics& wrong_;
  std::map<LinkName, Standing> standings_;
  std::vector<LinkName> path_;
};

}  // namespace

bool check_stacking(const Assembly& assembly, Diagnostics& wrong) {
  Descent descent(assembly, wrong);
  bool right = true;
  for (const auto& [name, link] : assembly.topology.links) right = descent.fine(name) && right;
  return right;
}

}  // namespace vifchain::inline core::inline config
