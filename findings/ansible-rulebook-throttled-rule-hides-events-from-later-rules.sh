#!/usr/bin/env bash
# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Surprise: in a rule set of ansible-rulebook with match_multiple_rules: true, the rules that come after a rule with
#   "throttle: {once_within: ...}" never see an event that this rule matches, neither one that it acts on nor one that it holds
#   back. Put before it, the same rules see them all. And an event that lacks the attribute of group_by_attributes is not
#   throttled at all: each of them sets the action off.
# Packages: ansible-rulebook 1.3.2 (drools_jpy 0.4.1) with ansible-core 2.19.14; Java 17 or later.
# Expected: match_multiple_rules shows each event to each rule, in any order; events without the attribute form one group.
# Seen: events a and b of one project, c and d without a project: throttled rule first: "alert" for a, c and d, "record" for
#   none. Other rule first: "alert" for the same, "record" for all four. There is no message.
# Date: 2026-11-29.
# For users of this collection: where one rule records each result and another one alerts once in a while, put the throttled
#   rule last, and test in its condition that the attribute "is defined".
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
rule() {
  case $1 in
    record) throttle= ;;
    alert) throttle='throttle: {once_within: 5 minutes, group_by_attributes: [event.project_id]},' ;;
  esac
  echo "    - {name: $1, condition: event.id is defined, $throttle action: {debug: {msg: 'FIRED $1 {{ event.id }}'}}}"
}
fired() { # rules in their order
  cat >rules.yml <<YAML
- name: Results
  hosts: all
  match_multiple_rules: true
  sources:
    - eda.builtin.generic:
        final_delay: 2
        payload: [{id: a, project_id: p1}, {id: b, project_id: p1}, {id: c}, {id: d}]
  rules:
$(for name in "$@"; do rule "$name"; done)
YAML
  timeout 90 ansible-rulebook -r rules.yml -i inventory.yml 2>err.txt >out.txt
  for name in alert record; do
    echo "$1 first: $name for $(sed -n "s/^FIRED $name //p" out.txt | sort | paste -sd, - | sed 's/^$/none/')"
  done
}
fired alert record | tee seen.txt
fired record alert | tee -a seen.txt

diff seen.txt - <<'TXT'
alert first: alert for a,c,d
alert first: record for none
record first: alert for a,c,d
record first: record for a,b,c,d
TXT
echo "As described: a throttled rule hides events from the rules after it."
