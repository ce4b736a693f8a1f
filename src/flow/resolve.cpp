#include "flow/resolve.hpp"

#include <system_error>

#include "core/words.hpp"
#include "edge/config.hpp"
#include "edge/error.hpp"
#include "flow/reach.hpp"
#include "flow/wait.hpp"

namespace vifchain {
namespace {

std::string in_words(const Diagnostics& mistakes, const std::string& file) {
  std::string text = show(mistakes.front(), file);
  if (mistakes.size() > 1)
    text += " (and " + std::to_string(mistakes.size() - 1) + " more, all in the log)";
  return text;
}

// Somebody else's bridge: used as it stands.
Chain foreign_chain(const LinkName& bridge, const VifPolicy& policy) {
  Link link{.name = bridge};
  link.keep_controller = true;
  return {bridge, {{bridge, std::move(link)}}, {}, policy, {}};
}

class Resolver {
 public:
  Resolver(Site& site, const std::string& text) : site_(site), text_(text) {}

  Resolved run() {
    file_ = FileIdentity::of(site_.places.config);
    if (auto chain = kept()) return Resolved{std::move(*chain), true, {}, file_, {}};
    read_file();
    if (text_.empty()) text_ = usual();
    const unsigned wait = topology_->vif.wait.value_or(usual_wait);
    if (!wait_until(site_, wait, [&] { return look(); })) throw Refusal(nowhere(wait));
    return Resolved{std::move(*chain_), declared_, std::move(vlans_), file_, std::move(topology_)};
  }

 private:
  [[nodiscard]] std::optional<Chain> kept() const {
    if (!file_ || text_.empty()) return std::nullopt;
    return kept_chain(site_.places.locks, *file_, text_);
  }

  // Without a file there are the bridges of others.
  void read_file() {
    if (!file_) {
      topology_.emplace();
      return;
    }
    auto topology = load_topology(site_.places.config);
    if (const auto* mistakes = std::get_if<Diagnostics>(&topology)) {
      for (const auto& mistake : *mistakes) site_.log.err(show(mistake, site_.places.config));
      throw Refusal(in_words(*mistakes, site_.places.config));
    }
    topology_ = std::get<Topology>(std::move(topology));
  }

  [[nodiscard]] std::string usual() const {
    if (auto name = usual_bridge(*topology_)) return *name;
    throw Refusal(
        "Could not find bridge, and none was specified; name one with bridge=NAME, or set "
        "bridge in [vif] of " +
        site_.places.config);
  }

  bool look() {
    if (find(text_)) return true;
    const auto spec = read_bridge_spec(text_);
    const auto* parts = std::get_if<BridgeSpec>(&spec);
    if (parts != nullptr && !parts->vlans.empty() && find(parts->bridge)) {
      vlans_ = parts->vlans;
      return true;
    }
    return find_old_name();
  }

  bool find(const std::string& text) {
    const auto name = LinkName::parse(text);
    if (!name) return false;
    auto chain = chain_for(*topology_, text);
    const bool by_template = chain && !topology_->links.contains(*name);
    if (chain && !by_template) return take(std::move(*chain), true);
    const auto there = site_.kernel.snapshot({{.name = *name}});
    const auto link = there.find(*name);
    const bool is_bridge = link != there.end() && std::holds_alternative<Bridge>(link->second.kind);
    if (is_bridge && !(by_template && link->second.ours))
      return take(foreign_chain(*name, topology_->vif), false);
    if (by_template) return take(std::move(*chain), true);
    if (link == there.end()) return false;
    throw Refusal("Could not find bridge device " + text + ": there is such a link, but it is " +
                  kind_in_words(link->second.kind));
  }

  // network-bridge once renamed eth0 to peth0 and called the bridge eth0: xenbr0 still means it.
  bool find_old_name() {
    if (!text_.starts_with("xenbr")) return false;
    const auto name = LinkName::parse("eth" + text_.substr(5));
    if (!name) return false;
    const auto there = site_.kernel.snapshot({{.name = *name}});
    const auto link = there.find(*name);
    if (link == there.end() || !std::holds_alternative<Bridge>(link->second.kind)) return false;
    site_.log.info("bridge=" + text_ + " is taken for the bridge " + name->str());
    return take(foreign_chain(*name, topology_->vif), false);
  }

  bool take(Chain chain, bool declared) {
    chain_ = std::move(chain);
    declared_ = declared;
    return true;
  }

  [[nodiscard]] std::string nowhere(unsigned waited) const {
    const auto names = bridge_names(*topology_);
    const std::string declares = !file_          ? " is not there"
                                 : names.empty() ? " declares no bridge"
                                                 : " declares " + listed(names);
    std::string text = "Could not find bridge device " + text_ + ": " + site_.places.config +
                       declares + ", and no bridge of this name is on the host";
    if (site_.watch_links && waited > 0)
      text += " (nor came within " + std::to_string(waited) + " s)";
    const auto spec = read_bridge_spec(text_);
    if (const auto* bad = std::get_if<BadSpec>(&spec))
      text += "; as NAME[.TAG][:VID...] it is wrong at character " + std::to_string(bad->column) +
              ": " + bad->reason;
    return text + "; add it there or correct the guest's bridge=";
  }

  Site& site_;
  std::string text_;
  std::optional<FileIdentity> file_;
  std::optional<Topology> topology_;
  std::optional<Chain> chain_;
  bool declared_ = false;
  std::vector<PortVlan> vlans_;
};

}  // namespace

Resolved resolve(Site& site, const std::string& text) {
  return Resolver(site, text).run();
}

}  // namespace vifchain
