// Links above links: no loops, and no deeper than the kernel allows.
#include "core/file/assemble.hpp"
#include "core/file/complain.hpp"

namespace vifchain {
namespace {

constexpr std::size_t deepest = 8;  // MAX_NEST_DEV (__netdev_upper_dev_link in net/core/dev.c)

enum class State { on_path, fine, broken };

// A walk down from every link, each link once.
class Descent {
 public:
  Descent(const Assembly& assembly, Diagnostics& wrong) : assembly_(assembly), wrong_(wrong) {}

  bool fine(const LinkName& name) {
    const auto [there, fresh] = states_.emplace(name, State::on_path);
    if (!fresh && there->second == State::on_path) complain_loop(name);
    if (!fresh) return there->second == State::fine;
    path_.push_back(name);
    const bool right = path_.size() <= deepest ? lower_ones_fine(name) : complain_deep(name);
    path_.pop_back();
    there->second = right ? State::fine : State::broken;
    return right;
  }

 private:
  bool lower_ones_fine(const LinkName& name) {
    bool right = true;
    if (const auto* parent = parent_of(assembly_.topology.links.at(name))) right = fine(*parent);
    const auto ports = assembly_.topology.ports.find(name);
    if (ports == assembly_.topology.ports.end()) return right;
    for (const auto& port : ports->second) right = fine(port) && right;
    return right;
  }

  bool complain_deep(const LinkName& name) {
    complain(
        wrong_, assembly_.mentions.at(name),
        "is the ninth link of a stack under " + path_.front().str() + ", and the kernel takes 8");
    return false;
  }

  // Where the step from `upper` to the link below it is written.
  const Word& step(const LinkName& upper, const LinkName& lower) const {
    const auto joined = assembly_.joined.find(lower);
    const auto& link = assembly_.topology.links.at(lower);
    if (joined != assembly_.joined.end() && link.controller == upper) return joined->second;
    return assembly_.stacked.at(upper);
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
    complain(wrong_, *last, "makes a loop, each link above the next: " + loop);
  }

  const Assembly& assembly_;
  Diagnostics& wrong_;
  std::map<LinkName, State> states_;
  std::vector<LinkName> path_;
};

}  // namespace

bool check_stacking(const Assembly& assembly, Diagnostics& wrong) {
  Descent descent(assembly, wrong);
  bool right = true;
  for (const auto& [name, link] : assembly.topology.links) right = descent.fine(name) && right;
  return right;
}

}  // namespace vifchain
