# SPDX-License-Identifier: Apache-2.0
# Tables for people and a JSON file for machines of what a whole host costs:
#   awk -v json=FILE -v against=vifchain -f numbers.awk -f host.awk FACTS CALLS SAMPLES
# FACTS named "missing: PROGRAM" say why it was not measured.

function seconds_text(us) { return sprintf("%.2f s", us / 1000000) }

function cpu_text(label) { return seconds_text(cpu_sum[label] / count[label]) }

function head(title) {
  printf "\n%s\n%-14s%11s%11s%11s%11s%7s%22s\n", title, "", "median", "min", "max", "CPU", "MiB",
    "against " against
}

function row(event, program,    label) {
  label = event "/" program
  if (!(label in count)) return
  times_of(label)
  printf "%-14s%11s%11s%11s%11s%7.1f", program, seconds_text(median), seconds_text(smallest),
    seconds_text(largest), cpu_text(label), memory[label] / 1024
  if (program == against || !((event "/" against) in count)) { print ""; return }
  ratios_of(label, event "/" against)
  printf "%12.2f (%.2f-%.2f)\n", median, smallest, largest
}

function table(event, title,    list, i, n) {
  head(title)
  n = split("vifchain ip ifupdown2 networkd", list, " ")
  for (i = 1; i <= n; i++) row(event, list[i])
}

function missing_rows(    name) {
  for (name in fact)
    if (sub(/^missing: /, "", name)) print "(not measured: " name ": " fact["missing: " name] ")"
}

function all_bars(    label, peak) {
  ratio_bar("making all, vifchain against ip", "make/vifchain", "make/ip", "at most", 1)
  ratio_bar("taking all away, ip against vifchain", "remove/ip", "remove/vifchain", "at least", 2)
  ratio_bar("nothing to do, against making all", "again/vifchain", "make/vifchain", "less than", 0.1)
}

END {
  printf "Linux %s, %s CPUs, %s; %s chains on one bond; %s rounds\n", fact["kernel"], fact["cpus"],
    fact["cpu"], fact["chains"], fact["rounds"]
  table("make", "making all of it")
  table("again", "once more, with nothing to do")
  table("remove", "taking all of it away")
  table("plan", "vifchain plan, with nothing to do")
  table("check", "vifchain check")
  table("status", "vifchain status")
  missing_rows()
  all_bars()
  bar_table()
  if (json) write_json()
}
