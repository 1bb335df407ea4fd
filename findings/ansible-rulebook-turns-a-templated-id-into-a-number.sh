#!/usr/bin/env bash
# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Surprise: in the arguments of an action of ansible-rulebook, "{{ event.id }}" is not the text that the event has, if Python
#   could read that text as a literal: an ID of digits and one "e" becomes a rounded number, and the device ID 1234_0001 becomes
#   12340001, another ID. ansible-rulebook renders with Jinja's NativeEnvironment (util.py), which evaluates each rendered text.
# Packages: ansible-rulebook 1.3.2 (drools_jpy 0.4.1) with ansible-core 2.19.14; Java 17 or later.
# Expected: the text of the event, as ansible-core itself would template it.
# Seen: as in the table at the end of this script; the variable ansible_eda.event, which run_playbook adds by itself, has the
#   right text in each case.
# Date: 2026-11-29.
# For users of this collection: in a playbook that ansible-rulebook runs, take IDs from ansible_eda.event, not from extra_vars
#   with a template. A batch task ID that became a number is refused by the modules; a device ID is not.
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
cat >play.yml <<'YAML'
- hosts: localhost
  gather_facts: false
  tasks:
    - debug: {msg: 'SEEN {{ item }}: {{ ansible_eda.event[item] }}, templated: {{ lookup("vars", item) }} ({{ lookup("vars", item) | type_debug }})'}
      loop: [hexadecimal, exponent, device, number]
YAML
cat >rules.yml <<'YAML'
- name: IDs
  hosts: all
  sources:
    - eda.builtin.generic:
        final_delay: 2
        payload:
          hexadecimal: 699203909f3e5b0007a1c00d
          exponent: "699203909000000070001e12"
          device: "1234_0001"
          number: "0x1F"
  rules:
    - name: run
      condition: event.device is defined
      action:
        run_playbook:
          name: play.yml
          extra_vars:
            hexadecimal: "{{ event.hexadecimal }}"
            exponent: "{{ event.exponent }}"
            device: "{{ event.device }}"
            number: "{{ event.number }}"
YAML
timeout 120 ansible-rulebook -r rules.yml -i inventory.yml >out.txt 2>err.txt
sed -n 's/.*"msg": "SEEN \(.*\)".*/\1/p' out.txt | tee seen.txt

diff seen.txt - <<'TXT'
hexadecimal: 699203909f3e5b0007a1c00d, templated: 699203909f3e5b0007a1c00d (str)
exponent: 699203909000000070001e12, templated: 6.992039090000001e+32 (float)
device: 1234_0001, templated: 12340001 (int)
number: 0x1F, templated: 31 (int)
TXT
echo "As described: ansible-rulebook turns a templated ID into a number."
