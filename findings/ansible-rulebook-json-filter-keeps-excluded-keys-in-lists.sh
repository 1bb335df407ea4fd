#!/usr/bin/env bash
# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Surprise: the filter eda.builtin.json_filter of ansible-rulebook removes excluded keys at any depth of dictionaries, but not
#   from dictionaries in a list: it goes down into dictionaries only (event_filter/json_filter.py).
# Packages: ansible-rulebook 1.3.2 with ansible-core 2.19.14; Java 17 or later.
# Expected: an excluded key is gone from the whole event.
# Seen: exclude_keys: [device_id] removes it from the event itself and from a dictionary two levels down; those in the items
#   of a list stay.
# Date: 2026-11-29.
# For users of this collection: lists such as "tasks" and "batch_tasks" pass this filter unchanged. Leave out what must not
#   reach the event where the event is made, with "returned", or split the list with eda.builtin.event_splitter first.
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
rules() { # further filter
  cat >rules.yml <<YAML
- name: Outcomes
  hosts: all
  sources:
    - eda.builtin.generic:
        final_delay: 2
        payload:
          - {device_id: d0, outcome: deleted, a: {b: {device_id: d1, outcome: deleted}}, tasks: [{device_id: d2, outcome: failed}]}
      filters:
$1
        - eda.builtin.json_filter: {exclude_keys: [device_id]}
  rules:
    - name: show
      condition: event.outcome is defined
      action: {debug: {msg: "EVENT {{ event.device_id | default('-') }} {{ event.a | default('-') }} {{ event.tasks | default('-') }}"}}
YAML
  timeout 90 ansible-rulebook -r rules.yml -i inventory.yml 2>err.txt | sed -n 's/^EVENT //p'
}
rules '' | tee seen.txt
rules '        - eda.builtin.event_splitter: {splitter_key: tasks}' | tee -a seen.txt

diff seen.txt - <<'TXT'
- {'b': {'outcome': 'deleted'}} [{'device_id': 'd2', 'outcome': 'failed'}]
- - -
TXT
echo "As described: json_filter keeps excluded keys in lists."
