// SPDX-License-Identifier: Apache-2.0
#include "flow/vif/resolve.hpp"

#include <system_error>

#include "edge/base/error.hpp"
#include "edge/parse/toml.hpp"
#include "flow/run/converge.hpp"
#include "flow/run/wait.hpp"

namespace vifchain::inline flow::inline vif {
namespace {

std::string in_words(const Diagnostics& mistakes, const std::string& file) {
  std::string text = show(mistakes.front(), file);
  if (mistakes.size() > 1)
    text += " (and " + std::to_string(mistakes.size() - 1) + " more, all in the log)";
  return text;
}

class Resolver {
 public:
  Resolver(Env& env, const std::string& text) : env_(env), text_(text) {}

  Resolved run() {
    file_ = FileIdentity::of(env_.places.config);
    if (auto chain = kept()) return Resolved{{std::move(*chain), true}, file_, {}};
    read_file();
    if (text_.empty()) text_ = usual();
    const unsigned wait = topology_->vif.wait.value_or(usual_wait);
    if (!wait_until(env_, wait, [&] { return look(); })) throw Refusal(nowhere(wait));
    return Resolved{std::move(*bridge_), file_, std::move(topology_)};
  }

 private:
  [[nodiscard]] std::optional<Chain> kept() const {
    if (!file_ || text_.empty()) return std::nullopt;
    return cached_chain(env_.places.locks, *file_, text_);
  }

  // Without a file there are the bridges of others.
  void read_file() {
    if (!file_) {
      topology_.emplace();
      return;
    }
    auto topology = load_topology(env_.places.config);
    if (const auto* mistakes = std::get_if<Diagnostics>(&topology)) {
      for (const auto& mistake : *mistakes) env_.log.err(show(mistake, env_.places.config));
      throw Refusal(in_words(*mistakes, env_.places.config));
    }
    topology_ = std::get<Topology>(std::move(topology));
  }

  [[nodiscard]] std::string usual() const {
    if (auto name = usual_bridge(*topology_)) return *name;
    throw Refusal(
        "Could not find bridge, and none was specified; name one with bridge=NAME, or set "
        "bridge in [vif] of " +
        env_.places.config);
  }

  bool look() { return look_for(text_) || look_for_other_name(); }

  // The bridge of an alternative name (ip-link(8), altname).
  bool look_for_other_name() {
    const auto other = LinkName::parse(text_);
    const auto name = other ? env_.names.present(*other) : std::nullopt;
    if (!name || *name == *other) return false;
    env_.log.info("bridge=" + text_ + " is an alternative name of " + name->str());
    return look_for(name->str());
  }

  bool look_for(const std::string& text) {
    auto found = meant_bridge(*topology_, text, [&](const LinkName& name) {
      auto there = env_.kernel.snapshot({{.name = name}});
      const auto link = there.find(name);
      return link == there.end() ? std::nullopt : std::optional(std::move(link->second));
    });
    if (!found) return false;
    if (const auto* other = std::get_if<NoBridge>(&*found)) throw Refusal(other->reason);
    bridge_ = std::get<MeantBridge>(*std::move(found));
    if (bridge_->old_name)
      env_.log.info("bridge=" + text_ + " is taken for the bridge " + bridge_->chain.bridge.str());
    return true;
  }

  [[nodiscard]] std::string nowhere(unsigned waited) const {
    const bool was_awaited = env_.watch_links && waited > 0;
    return nowhere_in_words(
        *topology_, text_, env_.places.config, file_.has_value(),
        was_awaited ? " (nor came within " + std::to_string(waited) + " s)" : "");
  }

  Env& env_;
  std::string text_;
  std::optional<FileIdentity> file_;
  std::optional<Topology> topology_;
  std::optional<MeantBridge> bridge_;
};

}  // namespace

Resolved resolve(Env& env, const std::string& text) {
  return Resolver(env, text).run();
}

}  // namespace vifchain::inline flow::inline vif
