#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The project's own tests of the real kernel and the real xenstored: every GoogleTest program in
# /opt/vifchain-tests, each of its tests one line of TAP.
cd /opt/vifchain-tests || exit 1
# Not the installed one: these tests hide /etc, so that nothing of the machine is read.
export VIF_CHAIN=/opt/vifchain-tests/vif-chain NETWORK_CHAIN=/opt/vifchain-tests/network-chain
number=0 failed=0
[[ -e passed ]] || : >passed
mkdir -p /out

# translate PROGRAM: GoogleTest's live output into TAP; what a test said is shown if it failed.
translate() {
  awk -v program="$1" -v number="$number" '
    function tap(verdict, name, directive) {
      number++
      if (verdict != "ok") failures++
      printf "%s %d - %s: %s%s\n", verdict, number, program, name, directive
      if (verdict != "ok") printf "%s", said
      said = ""
      fflush()
    }
    function seconds() { match($0, /\([0-9]+ ms\)$/); return substr($0, RSTART + 1, RLENGTH - 2) }
    /^\[ RUN      \] /                     { running = $4; said = ""; lines = 0; next }
    /^\[       OK \] .* \([0-9]+ ms\)$/    { tap("ok", $4, " # " seconds()); running = ""; next }
    /^\[  SKIPPED \] .* \([0-9]+ ms\)$/    { tap("ok", $4, " # SKIP " reason); running = ""; next }
    /^\[  FAILED  \] .* \([0-9]+ ms\)$/    { sub(/,$/, "", $4); tap("not ok", $4, ""); running = ""; next }
    { if (++lines <= 60) said = said "#   " $0 "\n"; if ($0 != "" && $0 !~ /Skipped$/) reason = $0 }
    END {
      # A crash ends the program in the middle of a test, a leak ends it after the last.
      if (running != "") tap("not ok", running " (the program died in it)", "")
      else if (said ~ /ERROR: (Address|Leak)Sanitizer/) tap("not ok", "no sanitizer speaks up", "")
      print number, failures + 0 >"/run/tap-counts"
    }'
}

# filter NAME: GoogleTest's words for all cases of the program but those that need not run here.
filter() { sed -n "s/^$1: //p" passed | paste -sd: | sed 's/^/-/'; }

for program in ./*_test; do
  [[ -x $program ]] || continue
  name=${program#./}
  name=${name%_test}
  before=$number
  # --gtest_color also keeps the lines as translate expects them.
  "$program" --gtest_color=no --gtest_filter="*$(filter "$name")" 2>&1 | tee "/out/$name.log" | translate "$name"
  status=${PIPESTATUS[0]}
  read -r number failures </run/tap-counts
  if ((status != 0)); then
    failed=1
    ((failures > 0)) || echo "not ok - $name ends well # it exited with $status"
  fi
  ((number > before)) || grep -q "^$name: " passed || { echo "not ok - $name has tests"; failed=1; }
done
echo "1..$number"
((number > 0 && failed == 0))
