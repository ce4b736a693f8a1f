// SPDX-License-Identifier: Apache-2.0
// The door to this host's DHCP clients.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/plan/dhcp.hpp"
#include "edge/process/deadline.hpp"

namespace vifchain::inline edge::inline dhcp {

class DhcpClients {
 public:
  virtual ~DhcpClients() = default;

  // Every client in this network namespace, whoever started it; ours are told apart as far as what
  // is recorded of them may be read.
  virtual std::vector<DhcpClient> running() = 0;

  // Those that could be started.
  virtual DhcpPrograms programs() = 0;

  // Within the bounds of a service that has not all rights of root, start() and stop() have
  // "vifchain dhcp" run outside of them, which is not waited for. Elsewhere: The client is in the
  // background, whether it has a lease or not; it asks for the address that it had last. `found` is
  // remembered for running(), unless something is since before. Throws Error, with the client's own
  // words, and then nothing of it is left.
  virtual void start(DhcpProgram program, const LinkName& link, bool v6,
                     const std::vector<LinkAddress>& found) = 0;

  // One of ours that running() told has ended; its lease and its addresses stay. With `remember`
  // the next start knows what it had found. Throws Error.
  virtual void stop(const DhcpClient& client, bool remember) = 0;
};

struct DhcpPlaces {
  std::string records = "/run/vifchain/dhcp";
  std::string wanted = "/run/vifchain/dhcp-wanted";  // written where "vifchain dhcp" is to be run
  std::string leases = "/var/lib/vifchain/dhcp";     // of clients without a place of their own
  std::string networkd = "/run/systemd/network";     // its files, as long as the host runs
  std::string networkd_runs = "/run/systemd/netif";  // is there while it does
};

// Whatever waits there gives up when `deadline`, which must live longer, has passed.
std::unique_ptr<DhcpClients> open_dhcp_clients(const Deadline& deadline, DhcpPlaces places = {});

}  // namespace vifchain::inline edge::inline dhcp
