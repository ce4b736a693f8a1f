# SPDX-License-Identifier: Apache-2.0
# Tables for people and a JSON file for machines of what vifchaind takes for a vif:
#   awk -v json=FILE -v against=vifchaind -f numbers.awk -f daemon.awk FACTS CALLS SAMPLES

function head(title) {
  printf "\n%s\n%-14s%11s%11s%11s%7s%22s\n", title, "", "median", "min", "max", "MiB",
    "against " against
}

function row(event, program,    label) {
  label = event "/" program
  times_of(label)
  printf "%-14s%11s%11s%11s", program, time_text(median), time_text(smallest), time_text(largest)
  printf memory[label] ? "%7.1f" : "%7s", memory[label] ? memory[label] / 1024 : "-"
  if (program == against) { print ""; return }
  ratios_of(label, event "/" against)
  printf "%12.2f (%.2f-%.2f)\n", median, smallest, largest
}

function table(event, title, programs,    list, i, n) {
  head(title)
  n = split(programs, list, " ")
  for (i = 1; i <= n; i++) row(event, list[i])
}

# The kernel goes through all ports of a bridge when one joins, so that the floor rises with them.
function growth_row(event, program) {
  ratios_of(event "/" program, "1/" program)
  printf "%-14s%11.2f (%.2f-%.2f)\n", program, median, smallest, largest
}

function growth_table(event, title) {
  print "\n" title
  growth_row(event, "vifchaind")
  growth_row(event, "bare")
}

function all_bars(    others) {
  others = fact["others"]
  ratio_bar("one vif, vifchaind against bare C", "1/vifchaind", "1/bare", "at most", 2)
  ratio_bar("one vif beside " others ", vifchaind against bare C", others "/vifchaind",
    others "/bare", "at most", 2)
  ratio_bar("one vif on a bridge of " others ", vifchaind against bare C", "full/vifchaind",
    "full/bare", "at most", 2)
  ratio_bar("one vif, beside " others " against beside 1", others "/vifchaind", "1/vifchaind",
    "at most", 1.15)
  ratio_bar(fact["many"] " vifs, vifchaind against vif-bridge", "burst/vifchaind",
    "burst/vif-bridge", "at most", 0.1)
  bar("memory of vifchaind beside " others " vifs in MiB", "less than 10",
    memory[others "/vifchaind"] / 1024, memory[others "/vifchaind"] / 1024 < 10)
}

END {
  printf "Linux %s, %s CPUs, %s; %s without Xen; %s; %s rounds\n", fact["kernel"], fact["cpus"],
    fact["cpu"], fact["store"], fact["chain"], fact["rounds"]
  if (fact["load"] > fact["cpus"] / 4)
    printf "(the machine was busy with other things when this began: load %s)\n", fact["load"]
  table("1", "state 2 to connected on a standing chain, beside one other vif", "vifchaind bare")
  table(fact["others"], "beside " fact["others"] " others on another bridge", "vifchaind bare")
  table("full", "beside " fact["others"] " others on its own bridge", "vifchaind bare")
  growth_table(fact["others"], fact["others"] " others on another bridge, against one other")
  growth_table("full", fact["others"] " others on its own bridge, against one other")
  table("burst", fact["many"] " vifs at once", "vifchaind bare vif-bridge")
  all_bars()
  bar_table()
  if (json) write_json()
}
