// SPDX-License-Identifier: Apache-2.0
#include "fake_kernel.hpp"

#include <algorithm>
#include <cerrno>

#include "core/plan/send_order.hpp"
#include "edge/base/error.hpp"

namespace vifchain {
namespace {

template <class... F>
struct overloaded : F... {
  using F::operator()...;
};
template <class... F>
overloaded(F...) -> overloaded<F...>;  // clang before 17 does not think of it

// Options first, then up: slave_changelink stands before do_setlink in rtnl_newlink.
Errno set_port(FakeNet& net, const SetPort& op) {
  const auto all = op.options.size();
  if (const Errno refused = net.set_port_options(op.name, op.options, all)) return refused;
  return op.up ? net.open(op.name) : 0;
}

// Two messages, the new VLANs first.
Errno set_vlans(FakeNet& net, const SetVlans& op) {
  if (!op.add.empty())
    if (const Errno refused = net.add_vlans(op.name, op.add)) return refused;
  return op.remove.empty() ? 0 : net.remove_vlans(op.name, op.remove);
}

// A message for each; what is gone or there already is as wanted.
Errno set_addresses(FakeNet& net, const SetAddresses& op) {
  for (const auto& address : op.remove)
    if (const Errno refused = net.remove_address(op.name, address); refused == ENODEV)
      return refused;
  for (const auto& address : op.add)
    if (const Errno refused = net.add_address(op.name, address); refused == ENODEV) return refused;
  return 0;
}

// A message for each; what has gone already is as wanted.
Errno set_routes(FakeNet& net, const SetRoutes& op) {
  for (const auto& route : op.add)
    if (const Errno refused = net.add_route(op.name, route)) return refused;
  for (const auto& route : op.remove)
    if (const Errno refused = net.remove_route(op.name, route); refused == ENODEV) return refused;
  return 0;
}

// A message for each; what is gone already is as wanted.
Errno set_fdb(FakeNet& net, const SetFdb& op) {
  Errno first = 0;
  for (const auto& entry : op.remove)
    if (const Errno refused = net.remove_entry(op.name, entry); refused != ENOENT && !first)
      first = refused;
  for (const auto& entry : op.add)
    if (const Errno refused = net.add_entry(op.name, entry); !first) first = refused;
  return first;
}

// The kernel merges priority maps; the door writes what is to go as 0, so that a map is replaced.
Options with_zeroed_priorities(const FakeNet& net, const SetOptions& op) {
  Options options = op.options;
  const auto device = net.devices().find(op.name);
  if (device == net.devices().end()) return options;
  for (auto& [option, value] : options) {
    auto* map = std::get_if<QosMap>(&value);
    const auto& now = options_of(device->second.link);
    if (map == nullptr || !now.contains(option)) continue;
    for (const auto& [from, to] : std::get<QosMap>(now.at(option))) map->try_emplace(from, 0);
  }
  return options;
}

Errno do_all(FakeNet& net, const Op& op, bool ours) {
  return std::visit(overloaded{
                        [&](const Create& o) { return net.create(o.link, ours); },
                        [&](const Delete& o) { return net.remove(o.name); },
                        [&](const SetDown& o) { return net.close(o.name); },
                        [&](const SetUp& o) { return net.open(o.name); },
                        [&](const Join& o) { return net.set_controller(o.port, o.controller); },
                        [&](const Leave& o) { return net.set_controller(o.port, {}); },
                        [&](const SetOptions& o) {
                          return net.set_options(o.name, with_zeroed_priorities(net, o),
                                                 o.options.size());
                        },
                        [&](const SetPort& o) { return set_port(net, o); },
                        [&](const SetVlans& o) { return set_vlans(net, o); },
                        [&](const SetFdb& o) { return set_fdb(net, o); },
                        [&](const SetMtu& o) { return net.set_mtu(o.name, o.mtu); },
                        [&](const SetMac& o) { return net.set_mac(o.name, o.mac); },
                        [&](const SetAddrGen& o) {
                          const Errno refused = net.set_addr_gen(o.name, o.mode);
                          const bool met = refused == EAFNOSUPPORT && o.mode == AddrGen::none;
                          return met ? 0 : refused;
                        },
                        [&](const SetRa& o) {
                          const Errno refused = net.set_ra(o.name, o.on);
                          return refused == ENOENT && !o.on ? 0 : refused;
                        },
                        [&](const SetApart& o) { return net.set_apart(o.name, o.apart); },
                        [&](const SetAddresses& o) { return set_addresses(net, o); },
                        [&](const SetRoutes& o) { return set_routes(net, o); },
                        [&](const SetSlb& o) { return net.set_rules(o.name, o.ports); },
                        [&](const SetFilter& o) { return net.set_filter(o.name, o.filter); },
                        [&](const SetRate& o) { return net.set_rate(o.name, o.rate); },
                        [&](const SetOurs& o) { return net.set_ours(o.name, o.ours); },
                    },
                    op);
}

template <class Item>
std::vector<Item> half_of(const std::vector<Item>& items) {
  return {items.begin(), items.begin() + static_cast<std::ptrdiff_t>(items.size() / 2)};
}

// What a message that breaks off half-way has done: only change messages can.
void do_half(FakeNet& net, const Op& op) {
  std::visit(
      overloaded{
          [&](const SetOptions& o) {
            net.set_options(o.name, with_zeroed_priorities(net, o), o.options.size() / 2);
          },
          [&](const SetPort& o) { net.set_port_options(o.name, o.options, o.options.size() / 2); },
          [&](const SetVlans& o) {
            set_vlans(net, {o.name, half_of(o.add), half_of(o.remove)});
          },
          [&](const SetFdb& o) {
            set_fdb(net, {o.name, half_of(o.add), half_of(o.remove)});
          },
          [&](const SetAddresses& o) {
            set_addresses(net, {o.name, half_of(o.add), half_of(o.remove)});
          },
          [&](const SetRoutes& o) {
            set_routes(net, {o.name, half_of(o.add), half_of(o.remove)});
          },
          [](const auto&) {},
      },
      op);
}

}  // namespace

Step step(Op op) {
  return {.op = std::move(op), .because = "the test wants it"};
}

Errno FakeKernel::try_step(const Op& op) {
  return do_all(net_, op, true);
}

Errno FakeKernel::next_step(const Op& op) {
  const std::size_t number = performed_++;
  if (halves_.contains(number)) do_half(net_, op);
  return faults_.contains(number) || halves_.contains(number) ? ENOBUFS : try_step(op);
}

void FakeKernel::perform(const std::vector<Step>& steps) {
  std::optional<Error> first;
  for (const auto& [op, because, impact] : in_send_order(steps)) {
    // Rules are not written before all that was sent is done, and nothing is sent before they are.
    const bool by_another_door =
        std::holds_alternative<SetSlb>(op) || std::holds_alternative<SetFilter>(op);
    if (first && by_another_door) break;
    const Errno refused = next_step(op);
    if (after_step) after_step(net_, op);
    if (!refused) continue;
    if (!first) first.emplace(refused, describe(op));
    if (after_failure_ == AfterFailure::stop || by_another_door) break;
  }
  if (first) throw Error(*first);
}

Errno FakeKernel::try_step_as_somebody(const Op& op) {
  return do_all(net_, op, false);
}

Actual FakeKernel::snapshot(const std::vector<Ask>& asked) {
  Actual links;
  for (const auto& [name, addresses, vlans, fdb, entries, routes, filter, rate, same, apart] :
       asked) {
    if (!net_.devices().contains(name)) continue;
    Link link = net_.shown(name);
    if (!addresses) link.addresses.reset();
    if (!vlans) link.vlans.reset();
    if (!fdb && !entries.empty() && link.fdb)
      std::erase_if(*link.fdb, [&wanted = entries](const FdbEntry& entry) {
        return std::find(wanted.begin(), wanted.end(), entry) == wanted.end();
      });
    else if (!fdb)
      link.fdb.reset();
    if (!routes) link.routes.reset();
    if (!filter) link.filter.reset();
    if (!rate) link.rate.reset();
    if (!apart) link.apart.reset();
    links.emplace(name, std::move(link));
  }
  return links;
}

Actual FakeKernel::everything() {
  ++dumps_;
  Actual links;
  for (const auto& [name, device] : net_.devices()) {
    Link link = net_.shown(name);
    link.routes.reset();
    link.filter.reset();
    link.rate.reset();
    links.emplace(name, std::move(link));
  }
  return links;
}

void FakeKernel::read_filters(Actual& links) {
  for (auto& [name, link] : links) {
    if (!net_.devices().contains(name)) continue;
    link.filter = net_.shown(name).filter;
    link.rate = net_.shown(name).rate;
  }
}

std::vector<LinkName> FakeKernel::neighbours(const LinkName& name) {
  std::vector<LinkName> names;
  if (!net_.devices().contains(name)) return names;
  for (const auto& [other, device] : net_.devices()) {
    const auto* parent = parent_of(device.link);
    const bool carries = parent != nullptr && *parent == name;
    if (device.link.controller == name || carries ||
        net_.devices().at(name).link.controller == other)
      names.push_back(other);
  }
  return names;
}

void FakeKernel::read_routes(Actual& links, const std::vector<LinkName>& of) {
  for (const auto& name : of)
    if (links.contains(name) && net_.devices().contains(name))
      links.at(name).routes = net_.shown(name).routes;
}

}  // namespace vifchain
