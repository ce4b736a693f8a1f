# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What vifchain check says of guests' configurations, beside what xl makes of them, and what another
# host's vifchain says over ssh.

# Texts of vif= that xl takes, though not always as they were meant.
taken_texts=(
  'bridge=xenbrdmz' '  bridge=xenbrdmz , mac=00:16:3e:00:00:01' ',,bridge=xenbrdmz,' 'bridge=a,bridge=b'
  'Bridge=a' 'bridge = a' 'brigde=a' 'foo' 'bridge=' 'vlan=10,bridge=a' 'bridge=a.10:20'
  'mac=00:16:3E:01:02:ff' 'mac=0-16.3e/1 2:FF' 'mac=0x0:16:3e:1:2:3' 'mac=00:16:3e:01:02:03:04'
  'mac=00:16:3e:xx:00:01' 'mac=00:16:3e:100:00:01' 'mac=' 'mac=00:00:00:00:00:00' 'mac=01:00:5e:00:00:01'
  'ip=192.0.2.1' 'ip=192.0.2.1 2001:db8::1 ' 'vifname=web0' 'vifname=much-too-long-for-a-link' 'ifname=web0'
  'mtu=1400' 'mtu= 1400bytes' 'mtu=010' 'mtu=1500' 'devid=3' 'devid=5x' 'model=e1000' 'type=nonsense'
  'rate=10MB/s' 'rate=16Kb/s@50ms' 'rate=1GB/s@7u' 'rate=010MB/s' 'rate=1000B/s@2' 'rate=8Gb/s'
  'script=/bin/true' 'trusted' 'untrusted,bridge=c' 'gatewaydev=eth0' 'netdev=eth0' 'accel=no' 'backend=0'
)
refused_texts=('mtu=jumbo' 'mtu=' 'devid=x' 'devid=' 'devid=-1' 'rate=10MB' 'rate=foo' 'rate=10MB/s@10h'
  'rate=10mb/s' 'rate=+1B/s' 'rate=1B/s@0us' 'rate=0B/s' 'rate=4294967296Gb/s' 'rate=@')

guest_of() { # FILE TEXT…
  local file=$1
  shift
  printf 'name = "texts"\ntype = "pv"\nkernel = "/boot/guest/vmlinux"\nmemory = 64\nvif = [%s]\n' \
    "$(printf "'%s', " "$@")" >"$file"
}

# Each vif of a JSON text, whose members are a line each, as a line of the members that count.
members_of_vifs() { # START MEMBER…
  awk -v start="\"$1\": " -v wanted="${*:2}" '
    BEGIN { count = split(wanted, names, " ") }
    index($0, start) { on = 1 }
    on && /\{/ { split("", of); of["bridge"] = "xenbr0" }
    on && /": / {
      line = $0; sub(/^ *"/, "", line); name = line; sub(/".*/, "", name)
      sub(/^[^"]*": /, "", line); sub(/,$/, "", line); gsub(/^"|"$/, "", line); of[name] = line
    }
    on && /^ *\}/ {
      text = ""; for (i = 1; i <= count; ++i) text = text names[i] "=" of[names[i]] "|"
      print text; if (start != "\"nics\": ") on = 0
    }
    on && /^ *\]/ { exit }'
}

# What the toolstack adds later on is left out: an MTU of 1500 is as good as none, a bridge that nobody
# named is xenbr0.
xl_reads() {
  xl -N create "$1" 2>/out/xl.err |
    members_of_vifs nics bridge mac ip ifname mtu rate_bytes_per_interval rate_interval_usecs |
    sed -E 's/ifname=/vifname=/; s/mtu=1500\|/mtu=|/
      s/rate_bytes_per_interval=([0-9]*)\|rate_interval_usecs=([0-9]*)\|/rate=\1,\2|/
      s/rate=,\|/rate=|/'
}
vifchain_reads() {
  vifchain check --domain "$1" --json 2>/out/check.err | members_of_vifs nodes bridge mac ip vifname mtu rate
}

vifs_are_read_as_xl_does() {
  guest_of /out/texts.cfg "${taken_texts[@]}"
  xl_reads /out/texts.cfg >/out/xl.vifs || fail "$(</out/xl.err)"
  vifchain_reads /out/texts.cfg >/out/our.vifs || true # some are in the way of a start
  expect "how many xl reads" "${#taken_texts[@]}" "$(wc -l </out/xl.vifs)"
  expect "the second" "bridge=xenbrdmz |mac=00:16:3e:00:00:01|ip=|vifname=|mtu=|rate=|" "$(sed -n 2p /out/xl.vifs)"
  expect_same "the vifs" /out/xl.vifs /out/our.vifs
  vifchain check --domain /out/texts.cfg >/out/check || true
  expect_failure grep 'xl refuses the guest' /out/check
  sed -n "s/^unrecognized argument \`\(.*\)'\$/\1/p" /out/xl.err | sort >/out/xl.unread
  sed -nE 's/.*xl ignores unknown key "([^"]*)".*/\1/p; s/.* ignores (vlan=[^ ]*) \(needs Xen.*/\1/p' \
    /out/check | sort >/out/our.unread
  expect_in "what xl passes over" 'brigde=a' "$(</out/xl.unread)"
  expect_same "what is passed over" /out/xl.unread /out/our.unread
}

what_xl_refuses_is_said() {
  local text
  for text in "${refused_texts[@]}"; do
    guest_of /out/texts.cfg "$text"
    expect_failure xl -N create /out/texts.cfg >/out/xl.said 2>&1
    expect_failure vifchain check --domain /out/texts.cfg >/out/check
    expect_in "what vifchain says of $text" "xl refuses the guest" "$(</out/check)"
  done
}

nothing_is_in_the_way_of_the_guests() {
  mkdir -p /etc/xen/auto
  ln -s /etc/xen/web.cfg /etc/xen/auto/
  vifchain check --all >/out/check 2>&1 || fail "$(</out/check)"
  expect_in "check --all" "2 vifs of 2 guests: no problems found." "$(</out/check)"
  rm -r /etc/xen/auto
}
# What xl takes without a word, and a start would have failed at.
a_wrong_guest_is_found_before_it_starts() {
  guest_of /out/wrong.cfg "mac=02:00:00:00:00:02, bridge=xenbrdmz " "bridge=xenbrlan, vlan=3"
  expect_failure vifchain check --domain /out/wrong.cfg >/out/check
  expect_in "the blank" 'trailing space after bridge=xenbrdmz' "$(</out/check)"
  expect_in "the MAC" "mac=02:00:00:00:00:02 is also that of db, which runs (vif$(domid db).0)" "$(</out/check)"
  expect_in "vlan=" "xl of Xen 4.17 ignores vlan=" "$(</out/check)"
  expect_failure xl create /out/wrong.cfg >/out/xl.said 2>&1
}

# --- another host ---------------------------------------------------------------------------------

# The host of VLAN 3 has an sshd, a vifchain.toml of its own, and a bridge for one of the two guests;
# this host's xenstored is not its.
other_host_up() {
  mkdir -p /root/.ssh /run/sshd /out/other/scripts
  chmod 700 /root/.ssh
  ssh-keygen -q -t ed25519 -N '' -f /out/host_key
  ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519
  cp /root/.ssh/id_ed25519.pub /root/.ssh/authorized_keys
  echo "10.0.3.1 $(cut -d' ' -f1,2 /out/host_key.pub)" >/root/.ssh/known_hosts
  cp -a /etc/xen/scripts/. /out/other/scripts/
  printf 'vif.default.script="vif-chain"\n' >/out/other/xl.conf
  printf '[bridge.xenbrdmz]\nports = ["lan.7"]\n' >/out/other/vifchain.toml
  # shellcheck disable=SC2016 # for the shell that is in the namespaces
  ip netns exec lanhost unshare -m sh -c 'mount --bind /out/other /etc/xen &&
    mount -t tmpfs none /run/xenstored && mount --bind /dev/null /dev/xen/xenbus &&
    exec /usr/sbin/sshd -D -e -h /out/host_key -o UsePAM=no -o PidFile=none' >/out/sshd 2>&1 9>&- &
  wait_for "the other host's sshd answers" 20 ssh -o BatchMode=yes root@10.0.3.1 vifchain --version
}

other_host_is_asked() {
  other_host_up
  vifchain check --on root@10.0.3.1 web >/out/check 2>&1 || fail "$(</out/check)"
  expect "of web" "web, vif 0: xenbrdmz on root@10.0.3.1
1 vif of 1 guest: no problems found." "$(</out/check)"
  expect_failure vifchain check --on root@10.0.3.1 db /etc/xen/web.cfg >/out/check 2>&1
  expect_in "of db" "Could not find bridge device xenbrlan" "$(</out/check)"
  expect_in "of web's file" ": xenbrdmz on root@10.0.3.1" "$(</out/check)"
  expect "what is left on the other host" "lan lo" "$(ip -n lanhost -o link show | awk -F': ' '{sub(/@.*/, "", $2); print $2}' | sort | paste -sd' ')"
}
other_host_that_is_away() {
  pkill -f 'sshd -D -e -h /out/host_key'
  wait_for "no sshd is left" 10 expect_failure pgrep -f 'sshd -D -e -h /out/host_key'
  expect_failure vifchain check --on root@10.0.3.1 web >/out/check 2>&1
  expect_in "what is said" "cannot reach root@10.0.3.1 by ssh" "$(</out/check)"
}
