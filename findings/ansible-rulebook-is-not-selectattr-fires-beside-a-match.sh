#!/usr/bin/env bash
# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Surprise: in a condition of ansible-rulebook, 'event.tasks is not selectattr("outcome", "==", "failed")' is true although one
#   of the tasks has failed: it asks for one object that does not match, not for the absence of any that does. So it is
#   true together with its own opposite, "is selectattr", and neither of them is true for an empty list. The same holds for
#   "is not select".
# Packages: ansible-rulebook 1.3.2 (drools_jpy 0.4.1) with ansible-core 2.19.14; Java 17 or later.
# Expected: "is not selectattr" is the negation of "is selectattr", as other tests with "is not" are.
# Seen: one of two tasks failed: both rules fire. The list is empty: neither fires. 'not (event.tasks is selectattr(...))' gives
#   the answers expected of "is not selectattr".
# Date: 2026-11-29.
# For users of this collection: for "no batch task failed", write not (event.tasks is selectattr("outcome", "==", "failed")),
#   or ask the summary of the result.
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
cat >rules.yml <<'YAML'
- name: Outcomes
  hosts: all
  match_multiple_rules: true
  sources:
    - eda.builtin.generic:
        final_delay: 2
        payload:
          - {which: some-failed, tasks: [{outcome: deleted}, {outcome: failed}], codes: [200, 404]}
          - {which: all-failed, tasks: [{outcome: failed}, {outcome: failed}], codes: [404, 404]}
          - {which: none-failed, tasks: [{outcome: deleted}, {outcome: deleted}], codes: [200, 200]}
          - {which: empty, tasks: [], codes: []}
  rules:
    - name: one
      condition: event.tasks is selectattr("outcome", "==", "failed")
      action: {debug: {msg: "FIRED is-selectattr {{ event.which }}"}}
    - name: two
      condition: event.tasks is not selectattr("outcome", "==", "failed")
      action: {debug: {msg: "FIRED is-not-selectattr {{ event.which }}"}}
    - name: three
      condition: not (event.tasks is selectattr("outcome", "==", "failed"))
      action: {debug: {msg: "FIRED not-is-selectattr {{ event.which }}"}}
    - name: four
      condition: event.codes is not select("==", 404)
      action: {debug: {msg: "FIRED is-not-select {{ event.which }}"}}
YAML
timeout 90 ansible-rulebook -r rules.yml -i inventory.yml >out.txt 2>err.txt
sed -n 's/^FIRED //p' out.txt | LC_ALL=C sort | tee seen.txt

diff seen.txt - <<'TXT'
is-not-select none-failed
is-not-select some-failed
is-not-selectattr none-failed
is-not-selectattr some-failed
is-selectattr all-failed
is-selectattr some-failed
not-is-selectattr empty
not-is-selectattr none-failed
TXT
echo "As described: \"is not selectattr\" is true beside a match."
