# SPDX-License-Identifier: Apache-2.0
# The benchmarks' raw numbers, and what can be said of them; read before a report:
#   awk -v json=FILE -v against=PROGRAM -f numbers.awk -f REPORT FACTS CALLS SAMPLES
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

function time_text(us) {
  return us < 10000 ? sprintf("%.2f ms", us / 1000) : sprintf("%.1f ms", us / 1000)
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

function against_key(    key) {
  key = against
  gsub(/-/, "_", key)
  return key
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
  sub(/\/.*/, "/" against, base)
  if (!(base in count)) return text "}"
  ratios_of(label, base)
  return text sprintf(", \"against_" against_key() "\": {\"median\": %.3f, \"min\": %.3f, \"max\": %.3f}}",
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
