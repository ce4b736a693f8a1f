# SPDX-License-Identifier: Apache-2.0
# Tables for people and a JSON file for machines of what one vif event costs:
#   awk -v json=FILE -v against=vif-chain -f numbers.awk -f report.awk FACTS CALLS SAMPLES

function was_measured(event) { return (event "/vif-chain") in count }

# --- tables ---------------------------------------------------------------------------------------

function head(title) {
  printf "\n%s\n%-14s%11s%11s%11s%9s%9s%7s%8s%20s\n", title, "", "median", "min", "max", "calls",
    "forks", "MiB", "faults", "against " against
}

function row(event, program,    label, versus) {
  label = event "/" program
  times_of(label)
  printf "%-14s%11s%11s%11s%9s%9s%7.1f%8d", program, time_text(median), time_text(smallest),
    time_text(largest), label in calls ? calls[label] : "-", label in calls ? forks[label] : "-",
    memory[label] / 1024, faults[label] / count[label]
  if (program == against) { print ""; return }
  ratios_of(label, event "/" against)
  printf "%10.2f (%.2f-%.2f)\n", median, smallest, largest
}

function event_table(event, title, programs,    list, i, n) {
  if (!was_measured(event)) return
  head(title)
  n = split(programs, list, " ")
  for (i = 1; i <= n; i++) row(event, list[i])
}

function curve_table(    list, i, n, label, programs, p) {
  if (!fact["sizes"]) return
  printf "\nonline on a standing chain, with as many bridges and vifs\n"
  printf "%-14s%14s%14s%14s%14s\n", "", "vif-chain", "growth", "bare", "growth"
  split("vif-chain bare", programs, " ")
  n = split(fact["sizes"], list, " ")
  for (i = 1; i <= n; i++) {
    printf "%-14s", list[i]
    for (p = 1; p <= 2; p++) {
      label = "curve-" list[i] "/" programs[p]
      times_of(label)
      printf "%14s", time_text(median)
      ratios_of(label, "curve-" list[1] "/" programs[p])
      printf "%14.2f", median
    }
    print ""
  }
}

# One event of vif-chain against another, by the clock and by what CPUs had to do for it.
function wish_head(title) {
  printf "\n%s\n%-40s%14s%24s%14s\n", title, "", "median", "against the first", "its CPU time"
}

function policy_row(name, event, base) {
  times_of(event "/vif-chain")
  printf "%-40s%14s", name, time_text(median)
  if (event == base) { print ""; return }
  ratios_of(event "/vif-chain", base "/vif-chain")
  printf "%12.2f (%.2f-%.2f)", median, smallest, largest
  ratios_in(cpu, event "/vif-chain", base "/vif-chain")
  printf "%14.2f\n", median
}

function wish_table() {
  if (!was_measured("policy-plain")) return
  wish_head("online with all that a vif can ask for")
  policy_row("plain", "policy-plain", "policy-plain")
  policy_row("flags", "policy-flags", "policy-plain")
  if (was_measured("policy-vlans")) policy_row("flags and VLANs", "policy-vlans", "policy-plain")
}

function filter_table(event, title) {
  if (!was_measured(event "-alone")) return
  wish_head(title)
  policy_row("alone", event "-alone", event "-alone")
  policy_row("beside " fact["others"] " vifs", event "-beside", event "-alone")
  policy_row("beside " fact["others"] " vifs with filters", event "-crowded", event "-alone")
}

# --- bars -----------------------------------------------------------------------------------------

function all_bars(    list, n, label, peak) {
  ratio_bar("online, vif-bridge against vif-chain", "online/vif-bridge", "online/vif-chain",
    "at least", 25)
  ratio_bar("online, vif-chain against bare C", "online/vif-chain", "online/bare", "at most", 1.6)
  n = split(fact["sizes"], list, " ")
  ratio_bar("online, " list[n] " bridges against " list[1], "curve-" list[n] "/vif-chain",
    "curve-" list[1] "/vif-chain", "at most", 1.15)
  ratio_bar("cold chain, vif-chain against the script", "cold/vif-chain", "cold/cold.sh",
    "less than", 1)
  ratio_bar("online, with flags against plain", "policy-flags/vif-chain", "policy-plain/vif-chain",
    "at most", 1.3)
  ratio_bar("online, with flags and VLANs against plain", "policy-vlans/vif-chain",
    "policy-plain/vif-chain", "at most", 1.3)
  ratio_bar("online with a filter, " fact["others"] " others have one or not",
    "guard-crowded/vif-chain", "guard-beside/vif-chain", "at most", 1.1)
  ratio_bar("online with a filter, " fact["others"] " filtered others or nobody",
    "guard-crowded/vif-chain", "guard-alone/vif-chain", "at most", 1.1)
  ratio_bar("online without one, " fact["others"] " filtered others or nobody",
    "free-crowded/vif-chain", "free-alone/vif-chain", "at most", 1.1)
  for (label in memory) if (label ~ /\/vif-chain$/ && memory[label] > peak) peak = memory[label]
  bar("peak memory of vif-chain in MiB", "less than 12", peak / 1024, peak / 1024 < 12)
}

END {
  printf "Linux %s, %s CPUs, %s; %s; %s; %s rounds\n", fact["kernel"], fact["cpus"], fact["cpu"],
    fact["store"], fact["chain"], fact["rounds"]
  if (fact["load"] > fact["cpus"] / 4)
    printf "(the machine was busy with other things when this began: load %s)\n", fact["load"]
  event_table("online", "online on a standing chain", "vif-bridge vif-chain bare")
  event_table("offline", "offline", "vif-bridge vif-chain bare")
  event_table("cold", "online that makes the whole chain", "cold.sh vif-chain")
  curve_table()
  wish_table()
  filter_table("free", "online without a filter")
  filter_table("guard", "online with antispoof = \"mac-ip\"")
  all_bars()
  bar_table()
  if (json) write_json()
}
