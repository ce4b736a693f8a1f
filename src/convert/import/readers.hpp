// SPDX-License-Identifier: Apache-2.0
// The readers of other programs' files. None of them runs anything, opens anything but by
// `Include`, or fails: what they do not understand becomes a remark of the draft.
#pragma once

#include <vector>

#include "convert/import/draft_config.hpp"
#include "core/text/source.hpp"

namespace vifchain::inline convert {

// /etc/network/interfaces and what it includes: Debian's ifupdown with the hooks of ifenslave, vlan
// and bridge-utils and with commands in pre-up and its like, ifupdown2 and Proxmox
// (interfaces(5), interfaces-bond(5), vlan-interfaces(5), bridge-utils-interfaces(5),
// ifupdown-addons-interfaces(5)). `files`: those that nobody includes.
void read_ifupdown(const std::vector<SourceFile>& files, const Include& include,
                   DraftConfig& draft);

// /etc/modprobe.d: options, aliases and install lines of bonding and of Xen's modules
// (modprobe.d(5)).
void read_modprobe(const std::vector<SourceFile>& files, DraftConfig& draft);

// /etc/sysconfig/network-scripts of Red Hat and /etc/sysconfig/network: ifcfg-*, route-*, route6-*.
void read_ifcfg(const std::vector<SourceFile>& files, DraftConfig& draft);

// systemd-networkd: *.netdev, *.network and *.link (systemd.netdev(5), systemd.network(5)).
void read_networkd(const std::vector<SourceFile>& files, DraftConfig& draft);

// netplan's YAML, one document after the other, later ones over earlier (netplan(5)).
void read_netplan(const std::vector<SourceTree>& files, DraftConfig& draft);

// Shell scripts: wrappers that call network-bridge, and scripts of ip, brctl, vconfig, ifenslave,
// ifconfig, bridge, modprobe and echo into sysfs, followed as far as that can be without running
// anything: variables, loops over words, functions, the arguments that xend gave ("start").
void read_script(const std::vector<SourceFile>& files, DraftConfig& draft);

// xend-config.sxp: (network-script …) and (vif-script …). What it calls is read by read_script()
// when `include` finds it.
void read_xend(const std::vector<SourceFile>& files, const Include& include, DraftConfig& draft);

// xl.conf: vif.default.* (xl.conf(5)).
void read_xl_conf(const std::vector<SourceFile>& files, DraftConfig& draft);

}  // namespace vifchain::inline convert
