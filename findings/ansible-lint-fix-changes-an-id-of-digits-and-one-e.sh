#!/usr/bin/env bash
# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Surprise: "ansible-lint --fix" writes another value in place of a hexadecimal ID that has no quotes and happens to consist of
#   digits with a single "e" among them. Ansible reads such an ID as text (YAML 1.1); ansible-lint rewrites the file with
#   ruamel.yaml, which takes it for a floating-point number (YAML 1.2) and keeps only as many digits as a float has.
# Packages: ansible-lint 26.10.1 (ruamel.yaml 0.19.1) with ansible-core 2.19.14.
# Expected: --fix changes the style ("yes" to "true" here) and no value.
# Seen: 699203909000000070001e12 becomes 699203909000000078541e12, which again looks like an ID. The exit status is 8, as after
#   any fix; the output has only a warning about the form of floats. The ID in quotes and the one with other letters are kept.
# Date: 2026-11-29.
# For users of this collection: write the IDs of batch tasks in quotes. IDs have 24 hexadecimal digits, so about one in 30,000
#   is of this form, and a changed ID in a playbook that deletes names another task.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HOME="$work" ANSIBLE_HOME="$work/.ansible" ANSIBLE_NOCOLOR=1 NO_COLOR=1
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check ansible-core==2.19.14 ansible-lint==26.10.1 ruamel.yaml==0.19.1
export PATH="$work/venv/bin:$PATH"

mkdir project
cd project
cat >play.yml <<'YAML'
---
- name: Show IDs
  hosts: localhost
  gather_facts: no
  tasks:
    - name: Show
      ansible.builtin.debug:
        msg: "{{ ids | join(' ') }}"
      vars:
        ids:
          - 699203909000000070001e12
          - "699203909000000070001e12"
          - 699203909f3e5b0007a1c00d
YAML
ids() { ansible-playbook play.yml 2>/dev/null | sed -n 's/.*"msg": "\(.*\)"/\1/p'; }
ansible-lint --offline --version 2>/dev/null | head -1
before=$(ids)
echo "before: $before"
status=0
ansible-lint --offline --fix play.yml >lint.txt 2>&1 || status=$?
after=$(ids)
echo "after:  $after (exit status $status)"
cat play.yml

[ "$before" = "699203909000000070001e12 699203909000000070001e12 699203909f3e5b0007a1c00d" ]
[ "$after" = "699203909000000078541e12 699203909000000070001e12 699203909f3e5b0007a1c00d" ]
[ "$status" = 8 ]
grep -q 'gather_facts: false' play.yml
echo "As described: ansible-lint --fix changes an ID of digits and one e."
