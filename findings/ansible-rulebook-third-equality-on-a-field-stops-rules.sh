#!/usr/bin/env bash
# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Surprise: rules of ansible-rulebook stop firing when a third rule of the rule set compares the same field with "==".
#   "event.n == 3000000000" fires for that number beside "event.n == 2", and no longer beside "event.n == 2" and
#   "event.n == 5". From three on, Drools looks the value up in a hash table (its alphaNodeHashingThreshold), where Java's
#   Integer, Long (over 2147483647) and BigDecimal (1.0) are never equal; the first rule decides which of them counts.
# Packages: ansible-rulebook 1.3.2 (drools_jpy 0.4.1) with ansible-core 2.19.14; Java 17 or later.
# Expected: whether a rule fires depends on its own condition, not on how many others there are.
# Seen: after "== 2" and "== 5", neither "== 3000000000" nor "== 0.5" ever fires, and "== 2" does not fire for 2.0; with one
#   rule less all three do. There is no message. With less than three, numbers are compared as doubles: "== 9007199254740992"
#   fires for 9007199254740993.
# Date: 2026-11-29.
# For users of this collection: in rules on figures of a run, compare with >= and <=, or with "in [...]"; neither
#   uses the table. JAVA_TOOL_OPTIONS=-Ddrools.alphaNodeHashingThreshold=1000 turns it off.
set -euo pipefail

command -v java >/dev/null || { echo "needs Java 17 or later" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HOME="$work" ANSIBLE_HOME="$work/.ansible" ANSIBLE_NOCOLOR=1
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check ansible-core==2.19.14 ansible-rulebook==1.3.2 drools_jpy==0.4.1
export PATH="$work/venv/bin:$PATH"
ansible-rulebook --version | head -1

echo 'all: {hosts: {localhost: {ansible_connection: local}}}' >inventory.yml
fired() { # value of n, then conditions: prints the conditions that fired
  {
    printf -- '- name: Figures\n  hosts: all\n  match_multiple_rules: true\n  sources:\n'
    printf '    - eda.builtin.generic: {final_delay: 1, payload: [{n: %s}]}\n  rules:\n' "$1"
    shift
    for condition in "$@"; do
      printf '    - {name: "%s", condition: "event.n %s", action: {debug: {msg: "FIRED %s"}}}\n' "$condition" "$condition" "$condition"
    done
  } >rules.yml
  timeout 60 ansible-rulebook -r rules.yml -i inventory.yml >out.txt 2>err.txt
  sed -n 's/^FIRED //p' out.txt | sort | paste -sd, -
}
show() { # expected, value, conditions
  local want=$1 got
  shift
  got=$(fired "$@")
  echo "n = $1, rules: $(printf '%s, ' "${@:2}")fired: ${got:-none}"
  [ "$got" = "$want" ]
}
show "== 3000000000" 3000000000 "== 2" "== 3000000000"
show "" 3000000000 "== 2" "== 5" "== 3000000000"
show "" 0.5 "== 2" "== 5" "== 0.5"
show "== 2" 2.0 "== 2" "== 5"
show "" 2.0 "== 2" "== 5" "== 6"
show "in [3000000000]" 3000000000 "== 2" "== 5" "in [3000000000]"
show "== 9007199254740992" 9007199254740993 "== 9007199254740992"
export JAVA_TOOL_OPTIONS=-Ddrools.alphaNodeHashingThreshold=1000
echo "$JAVA_TOOL_OPTIONS"
show "== 3000000000" 3000000000 "== 2" "== 5" "== 3000000000"
echo "As described: a third equality on a field stops another rule from firing."
