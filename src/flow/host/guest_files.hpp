// SPDX-License-Identifier: Apache-2.0
// Guests' configurations on this host: xl's and libvirt's.
#pragma once

#include <string>
#include <vector>

#include "core/guests/guest_config.hpp"
#include "core/guests/xen_release.hpp"

namespace vifchain::inline flow::inline host {

// Something about a file, or about a line of it.
struct FileFinding {
  std::string file;
  unsigned line = 0;  // 0: the file as a whole
  GuestRemark remark;
};

struct ReadGuests {
  std::vector<WantedVif> vifs = {};
  std::vector<FileFinding> files = {};  // what is to be said of no vif
  std::size_t guests = 0;               // that could be read
};

// Those that start by themselves, or are kept where configurations are kept: /etc/xen/*.cfg,
// /etc/xen/auto/* and /etc/libvirt/libxl/*.xml; each once, by whatever name.
std::vector<std::string> all_guest_files();

// Where the toolstacks keep what is not a guest's own.
struct GuestPlaces {
  std::string xl_conf = "/etc/xen/xl.conf";
  std::string networks = "/etc/libvirt/qemu/networks";  // of the Xen driver, too (bridge_driver.c)
};

// The vifs of these files, as xl of this release and libvirt read them, with the defaults of
// xl.conf for xl's. A file that cannot be read, or is wrong, is an obstacle. Throws Error
// when libxlutil, which xl's files need, is not there.
ReadGuests read_guest_files(const std::vector<std::string>& files, const XenRelease& xen,
                            const GuestPlaces& places = {});

// The release that is asked for, or that runs here, or that this was made for. Throws Refusal for a
// text that is none.
XenRelease xen_release(const std::string& asked);

}  // namespace vifchain::inline flow::inline host
