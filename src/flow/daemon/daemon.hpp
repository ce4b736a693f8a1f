// SPDX-License-Identifier: Apache-2.0
// What the daemon does, whatever tells it that there is something to do.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "core/model/daemon_report.hpp"
#include "core/model/topology.hpp"
#include "core/vif/backend_state.hpp"
#include "edge/filter/nft_monitor.hpp"
#include "edge/kernel/link_monitor.hpp"
#include "edge/state/chain_cache.hpp"
#include "flow/daemon/heal_pace.hpp"
#include "flow/host/plan_host.hpp"
#include "flow/vif/handle.hpp"

namespace vifchain::inline flow::inline daemon {

// What a Daemon needs of the program that it lives in.
struct DaemonHost {
  using Work = std::function<void(Env&)>;

  // Does the work at this host's doors, within the time that vif-chain has, and throws what the
  // work throws. `call` is for the record; without one it only looks.
  std::function<void(const std::string& call, const Work&)> run;
  Store& store;  // for looking at nodes
  std::function<std::chrono::steady_clock::time_point()> now;
  std::function<std::int64_t()> time;                          // seconds since 1970
  std::function<const std::map<unsigned, SeenLink>&()> links;  // LinkMonitor::links()
  unsigned domid = 0;                                          // the domain that this is
  bool any_script = false;
};

// Not for several threads. Its memory is only a shortcut: one that begins anew with start() finds
// in the file, the kernel and xenstore all that it needs. No call throws for what a person or
// another program did; what fails is in report().waiting, is said once, and is tried again when its
// cause changes: a link that its reason names, a node of its own, or the file. What failed by an
// accident is tried again by itself. Whatever the cause, the pauses between attempts grow.
class Daemon {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  Daemon(DaemonHost host, Log& log, Places places);

  // Everything is looked at and put right: when it begins, and when xenstored or this program had
  // been away.
  void start();

  // These nodes changed, at or below backends().
  void store_changed(std::span<const std::string> paths);

  // Links changed. What follows from it is done by tick(), a moment later, as links mostly change
  // several at a time.
  void links_changed(const LinkNews& news);

  // Somebody changed the filters of guests' ports: tick() looks at them.
  void filters_changed(const NftNews& news);

  // The file may be another: is read, and if it is right it is the desired state from now on.
  void file_changed();

  // When tick() is to be called; Moment::max() when there is nothing to wait for.
  [[nodiscard]] Moment due() const;
  void tick();

  // The node that all backends of this domain are below.
  [[nodiscard]] std::string backends() const;

  void store_restarted() { ++report_.counters.store_restarts; }
  // xenstored answers no more, for this reason: until start() it is asked nothing, and links are
  // put right as ever.
  void store_is_away(const std::string& reason);
  [[nodiscard]] DaemonReport report() const;

 private:
  // A connected vif, by its link.
  struct Port {
    VifId vif;
    std::optional<LinkName> bridge;
  };

  // vifs.cpp
  [[nodiscard]] std::string backend(const VifId& vif) const;
  [[nodiscard]] VifEvent event_of(const VifId& vif, Action action) const;
  [[nodiscard]] BackendNodes read_nodes(const VifId& vif) const;
  void note_all_vifs();
  void serve_vifs(const std::function<bool(const VifId&)>& is_retried);
  void serve(const VifId& vif, bool retry);
  bool is_theirs(const VifEvent& event);
  void connect(const VifEvent& event, bool heals, const std::string& told = "");
  [[nodiscard]] std::string told_of(const VifId& vif) const;
  void note_connected(const VifEvent& event, const Connected& connected, bool heals);
  void take_out(const VifId& vif);
  void take_out_of_store(Store& store, const VifId& vif);
  void learn(const VifId& vif);
  void remember(const VifId& vif, const LinkName& port, const std::optional<LinkName>& bridge);
  void forget(const VifId& vif);
  void mend_ports();
  void mend(const LinkName& port, const VifId& vif);
  [[nodiscard]] std::optional<VifId> vif_of(const LinkName& port) const;

  // retries.cpp
  void note_failure(const VifId& vif, bool may_pass);
  void note_cause(const VifId& vif);
  void note_causes();
  [[nodiscard]] Moment next_retry() const;
  std::set<VifId> take_retries();

  // chains.cpp
  void note_change(const LinkChange& change);
  void look_soon();
  void look();
  void look_at_chains();
  void put_tops_right(const std::vector<LinkName>& tops, const std::set<LinkName>& links);
  void note_round(const LinkName& top, const HostPlan& done);
  [[nodiscard]] std::set<LinkName> wanted() const;
  [[nodiscard]] bool is_touched(const LinkName& top);
  const Stack& stack_of(const LinkName& top);
  bool is_somebody_elses_change();
  bool is_busy(const LinkName& top);
  [[nodiscard]] bool seems_to_stand(const LinkName& top, std::set<LinkName>& links);
  void take_down_idle();

  // filters.cpp
  void look_at_filters();
  void put_filters_right(const Desired& wanted);

  // daemon.cpp
  void run(const std::string& call, const DaemonHost::Work& work);
  void read_file_anew();
  std::string take_file(const std::string& path);
  [[nodiscard]] std::string right_file() const;
  void keep_right_file();
  void note_idle_bridges();
  [[nodiscard]] std::map<LinkName, VifId> links_without_bridge() const;
  void wait(const std::string& subject, const std::string& reason);
  bool note_waiting(const std::string& subject, const std::string& reason);
  void settled(const std::string& subject);
  void repaired(const std::string& subject, const std::string& what);

  DaemonHost host_;
  Log& log_;
  Places places_;
  Served served_;

  std::optional<Topology> topology_;
  std::optional<FileIdentity> file_;
  std::map<LinkName, Stack> stacks_;  // of the tops that were asked for

  std::map<LinkName, Port> ports_;
  std::map<VifId, LinkName> links_of_;
  std::set<VifId> vifs_to_look_at_;
  std::map<LinkName, VifId> lost_ports_;
  std::set<LinkName> changed_links_;
  bool all_chains_ = false;  // may have changed
  bool store_away_ = false;

  // A vif that could not be connected.
  struct Failing {
    unsigned tries = 0;
    Moment not_before{};          // however its cause changes
    Moment next = Moment::max();  // that it is tried again
  };
  std::map<VifId, Failing> failing_;
  std::set<LinkName> causes_;           // links that came or changed since the last look
  bool retry_ = false;                  // all that could not be done
  bool all_filters_ = false;            // may have changed
  std::map<VifId, Moment> busy_;        // until then somebody else may be at them
  std::map<LinkName, Moment> emptied_;  // bridges whose last vif has left, and when they go
  HealPace pace_;
  std::optional<Moment> unconfirmed_since_;  // nobody watches over a change that is not confirmed
  Moment look_due_ = Moment::max(), last_look_{}, first_word_{};
  DaemonReport report_;
};

}  // namespace vifchain::inline flow::inline daemon
