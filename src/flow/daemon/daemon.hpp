// SPDX-License-Identifier: Apache-2.0
// What the daemon does, whatever tells it that there is something to do.
#pragma once

#include <ctime>
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
#include "flow/daemon/known_ports.hpp"
#include "flow/host/plan_host.hpp"
#include "flow/vif/handle.hpp"

namespace vifchain::inline flow::inline daemon {

// Until it is looked again whether somebody else is still at work.
inline constexpr std::chrono::seconds while_busy{1};

// What a Daemon needs of the program that it lives in.
class DaemonHost {
 public:
  using Work = std::function<void(Env&)>;

  virtual ~DaemonHost() = default;

  // Does the work with this host's connections, within the time that vif-chain has, and throws what
  // the work throws. `call` is for the record; without one it only looks.
  virtual void run(const std::string& call, const Places& places, const Work& work) = 0;

  // Has links looked at, for which nothing else is opened.
  virtual void look(const std::function<void(Kernel&)>& work) = 0;

  [[nodiscard]] virtual const std::map<unsigned, SeenLink>& links() const = 0;  // of a LinkMonitor
  [[nodiscard]] virtual Moment now() const { return std::chrono::steady_clock::now(); }
  [[nodiscard]] virtual std::int64_t time() const { return std::time(nullptr); }
};

// The domain that the daemon serves, and how.
struct ServedDomain {
  Store& store;  // for looking at nodes
  unsigned domid = 0;
  bool any_script = false;
};

// Not for several threads. Its memory is only a shortcut: one that begins anew with start() finds
// in the file, the kernel and xenstore all that it needs. No call throws for what a person or
// another program did; what fails is in report().waiting, is said once, and is tried again when its
// cause changes: a link that its reason names, a node of its own, or the file. What failed by an
// accident is tried again by itself. Whatever the cause, the pauses between attempts grow.
class Daemon {
 public:
  using Moment = daemon::Moment;

  // `host`, the store and `log` live longer.
  Daemon(DaemonHost& host, const ServedDomain& domain, Log& log, Places places);

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

  // retries.cpp
  void note_failure(const VifId& vif, bool may_pass);
  void note_cause(const VifId& vif);
  void note_causes();
  [[nodiscard]] Moment next_retry() const;
  std::set<VifId> take_retries();

  // chains.cpp
  void note_change(const LinkChange& change);
  void look_soon();
  void look_again();
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
  [[nodiscard]] Places places() const;
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

  // What the administrator's file says.
  struct File {
    std::optional<FileIdentity> identity;
    std::optional<Topology> topology;  // of the last one that was right
    std::map<LinkName, Stack> stacks;  // of the tops that were asked for
  };

  // What the next look is for.
  struct Changes {
    std::set<VifId> vifs;
    std::map<LinkName, VifId> lost_ports;
    std::set<LinkName> links;
    std::set<LinkName> causes;  // links for which a vif may have waited
    bool all_chains = false, all_filters = false;
    bool retry = false;  // all that could not be done
    Moment first{};      // when the first of it was heard

    [[nodiscard]] bool any() const {
      return all_chains || all_filters || retry || !links.empty() || !lost_ports.empty();
    }
  };

  // A vif that could not be connected.
  struct Failing {
    unsigned tries = 0;
    Moment not_before{};          // however its cause changes
    Moment next = Moment::max();  // that it is tried again
  };

  DaemonHost& host_;
  Store& store_;
  Log& log_;
  Places places_;
  Served served_;
  File file_;
  KnownPorts ports_;
  Changes changes_;
  Moment look_due_ = Moment::max(), last_look_{};
  std::map<VifId, Failing> failing_;
  Moments<VifId> busy_;        // until then somebody else may be at them
  Moments<LinkName> emptied_;  // bridges whose last vif has left, and when they go
  HealPace pace_;
  std::optional<Moment> unconfirmed_since_;  // nobody watches over a change that is not confirmed
  bool store_away_ = false;
  DaemonReport report_;
};

}  // namespace vifchain::inline flow::inline daemon
