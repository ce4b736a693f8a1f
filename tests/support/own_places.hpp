// SPDX-License-Identifier: Apache-2.0
// Places of a test's own inside this machine.
#pragma once

namespace vifchain {

// From now on this process has a network, mounts and a host name of its own: /etc, /run, /var/lib
// and /var/log are empty, and nobody hears what is said to syslog. As root, or as anybody where the
// kernel lets everybody make namespaces. Called again, all of it is new and empty again.
void take_own_places();

// True once it was called.
bool has_own_places();

// Nobody hears what this process and its children say to syslog; as far as it may do that.
void leave_syslog();

}  // namespace vifchain
