# Tables for people and a JSON file for machines, from the benchmark's raw numbers:
#   awk -v json=FILE -f report.awk FACTS CALLS SAMPLES
# FACTS: name, value. CALLS: label, system calls, processes made. SAMPLES: see timing.c.
# A label is EVENT/PROGRAM. A ratio is taken round by round, and its median shown.

BEGIN { FS = "\t" }
FILENAME == ARGV[1] { fact[$1] = $2; next }
FILENAME == ARGV[2] { calls[$1] = $2; forks[$1] = $3; next }
{
  if (!($1 in count)) order[++cases] = $1
  wall[$1, count[$1]++] = $3 / 1000
  cpu[$1, count[$1] - 1] = $4 + $5
  cpu_sum[$1] += $4 + $5
  if ($6 > memory[$1]) memory[$1] = $6
  faults[$1] += $7
}

# --- numbers --------------------------------------------------------------------------------------

function sort(list, n,    i, j, held) {
  for (i = 2; i <= n; i++) {
    held = list[i]
    for (j = i - 1; j > 0 && list[j] > held; j--) list[j + 1] = list[j]
    list[j + 1] = held
  }
}

function middle(list, n) {
  return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}

# Leaves median, smallest and largest in the globals of these names.
function summarize(list, n) {
  sort(list, n)
  median = middle(list, n); smallest = list[1]; largest = list[n]
}

function times_of(label,    list, i) {
  for (i = 0; i < count[label]; i++) list[i + 1] = wall[label, i]
  summarize(list, count[label])
}

function ratios_in(times, label, base,    list, i) {
  for (i = 0; i < count[label]; i++) list[i + 1] = times[label, i] / times[base, i]
  summarize(list, count[label])
}

function ratios_of(label, base) { ratios_in(wall, label, base) }

function was_measured(event) { return (event "/vif-chain") in count }

function time_text(us) {
  return us < 10000 ? sprintf("%.2f ms", us / 1000) : sprintf("%.1f ms", us / 1000)
}

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

function wish_row(name, event, base) {
  times_of(event "/vif-chain")
  printf "%-40s%14s", name, time_text(median)
  if (event == base) { print ""; return }
  ratios_of(event "/vif-chain", base "/vif-chain")
  printf "%12.2f (%.2f-%.2f)", median, smallest, largest
  ratios_in(cpu, event "/vif-chain", base "/vif-chain")
  printf "%14.2f\n", median
}

function wish_table() {
  if (!was_measured("wish-plain")) return
  wish_head("online with all that a vif can ask for")
  wish_row("plain", "wish-plain", "wish-plain")
  wish_row("flags", "wish-flags", "wish-plain")
  if (was_measured("wish-vlans")) wish_row("flags and VLANs", "wish-vlans", "wish-plain")
}

function filter_table(event, title) {
  if (!was_measured(event "-alone")) return
  wish_head(title)
  wish_row("alone", event "-alone", event "-alone")
  wish_row("beside " fact["others"] " vifs", event "-beside", event "-alone")
  wish_row("beside " fact["others"] " vifs with filters", event "-crowded", event "-alone")
}

# --- bars -----------------------------------------------------------------------------------------

function bar(name, wanted, found, met) {
  bars++
  bar_name[bars] = name; bar_wanted[bars] = wanted; bar_found[bars] = found; bar_met[bars] = met
}

function ratio_bar(name, label, base, words, limit) {
  if (!(label in count)) return
  ratios_of(label, base)
  if (words == "at least") bar(name, words " " limit, median, median >= limit)
  if (words == "at most") bar(name, words " " limit, median, median <= limit)
  if (words == "less than") bar(name, words " " limit, median, median < limit)
}

function all_bars(    list, n, label, peak) {
  ratio_bar("online, vif-bridge against vif-chain", "online/vif-bridge", "online/vif-chain",
    "at least", 25)
  ratio_bar("online, vif-chain against bare C", "online/vif-chain", "online/bare", "at most", 1.6)
  n = split(fact["sizes"], list, " ")
  ratio_bar("online, " list[n] " bridges against " list[1], "curve-" list[n] "/vif-chain",
    "curve-" list[1] "/vif-chain", "at most", 1.15)
  ratio_bar("cold chain, vif-chain against the script", "cold/vif-chain", "cold/cold.sh",
    "less than", 1)
  ratio_bar("online, with flags against plain", "wish-flags/vif-chain", "wish-plain/vif-chain",
    "at most", 1.3)
  ratio_bar("online, with flags and VLANs against plain", "wish-vlans/vif-chain",
    "wish-plain/vif-chain", "at most", 1.3)
  ratio_bar("online with a filter, " fact["others"] " others have one or not",
    "guard-crowded/vif-chain", "guard-beside/vif-chain", "at most", 1.1)
  ratio_bar("online with a filter, " fact["others"] " filtered others or nobody",
    "guard-crowded/vif-chain", "guard-alone/vif-chain", "at most", 1.1)
  ratio_bar("online without one, " fact["others"] " filtered others or nobody",
    "free-crowded/vif-chain", "free-alone/vif-chain", "at most", 1.1)
  for (label in memory) if (label ~ /\/vif-chain$/ && memory[label] > peak) peak = memory[label]
  bar("peak memory of vif-chain in MiB", "less than 12", peak / 1024, peak / 1024 < 12)
}

function bar_table(    i) {
  print "\nbars"
  for (i = 1; i <= bars; i++)
    printf "  %-8s  %-54s %-14s %8.2f\n", bar_met[i] ? "met" : "not met", bar_name[i],
      bar_wanted[i], bar_found[i]
}

# --- JSON -----------------------------------------------------------------------------------------

function quoted(text) {
  gsub(/["\\]/, "\\\\&", text)
  return "\"" text "\""
}

function case_json(label,    text, base) {
  times_of(label)
  text = sprintf("    %s: {\"median_us\": %.1f, \"min_us\": %.1f, \"max_us\": %.1f", quoted(label),
    median, smallest, largest)
  text = text sprintf(", \"cpu_us\": %.1f, \"peak_kib\": %d, \"faults\": %d",
    cpu_sum[label] / count[label], memory[label], faults[label] / count[label])
  if (label in calls)
    text = text sprintf(", \"system_calls\": %d, \"forks\": %d", calls[label], forks[label])
  base = label
  sub(/\/.*/, "/vif-chain", base)
  ratios_of(label, base)
  return text sprintf(", \"against_vif_chain\": {\"median\": %.3f, \"min\": %.3f, \"max\": %.3f}}",
    median, smallest, largest)
}

function bar_json(i) {
  return sprintf("    {\"bar\": %s, \"wanted\": %s, \"found\": %.3f, \"met\": %s}",
    quoted(bar_name[i]), quoted(bar_wanted[i]), bar_found[i], bar_met[i] ? "true" : "false")
}

function write_json(    i, name, facts) {
  for (name in fact)
    facts = facts (facts ? ",\n" : "") "    " quoted(name) ": " quoted(fact[name])
  print "{\n  \"facts\": {\n" facts "\n  },\n  \"cases\": {" > json
  for (i = 1; i <= cases; i++) print case_json(order[i]) (i < cases ? "," : "") > json
  print "  },\n  \"bars\": [" > json
  for (i = 1; i <= bars; i++) print bar_json(i) (i < bars ? "," : "") > json
  print "  ]\n}" > json
}

END {
  printf "Linux %s, %s CPUs, %s; %s; %s; %s rounds\n", fact["kernel"], fact["cpus"], fact["cpu"],
    fact["store"], fact["chain"], fact["rounds"]
  if (fact["load"] > fact["cpus"] / 4)
    printf "(the machine was busy with other things when this began: load %s)\n", fact["load"]
  against = "vif-chain"
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
