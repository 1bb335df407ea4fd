#!/usr/bin/env bash
# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Surprise: a play keyword of ansible-core 2.20 and later, "validate_argspec: true", looks for the specification under the name
#   of the play. ansible-lint knows the keyword and the file, and refuses a specification under almost any name of a play: it
#   allows only letters, digits and underscores there, so no name with a space.
# Packages: ansible-core 2.21.5, ansible-lint 26.10.1.
# Expected: what "validate_argspec: true" needs passes ansible-lint.
# Seen: play "Clean up": ansible-playbook validates; ansible-lint ends with schema[play-argspec], exit status 2, and says that this
#   rule cannot be skipped. With "validate_argspec: clean_up" and a specification of that name, both are satisfied. ansible-lint
#   also demands a description and examples, which ansible-core does without.
# Date: 2026-11-29.
# For users of this collection: in playbooks that call its modules or roles, name the specification in validate_argspec.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HOME="$work" ANSIBLE_HOME="$work/.ansible" ANSIBLE_NOCOLOR=1 NO_COLOR=1
"${PYTHON313:-python3.13}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check ansible-core==2.21.5 ansible-lint==26.10.1
export PATH="$work/venv/bin:$PATH"

mkdir project
cd project
write() { # name of the files, value of validate_argspec, name of the specification, days
  cat >"$1.yml" <<YAML
---
- name: Clean up
  hosts: localhost
  gather_facts: false
  validate_argspec: $2
  vars:
    cleanup_days: $4
  tasks:
    - name: Show
      ansible.builtin.debug:
        msg: "{{ cleanup_days }}"
YAML
  cat >"$1.meta.yml" <<YAML
---
short_description: Clean up
description: Shows a number of days.
argument_specs:
  $3:
    short_description: Clean up
    examples: ansible-playbook $1.yml
    options:
      cleanup_days:
        type: int
        required: true
        description: Age in days.
YAML
}
write by_play_name true "Clean up" 30
write by_own_name clean_up clean_up 30
write wrong_value true "Clean up" soon
ansible-lint --offline --version 2>/dev/null | head -1
for name in by_play_name by_own_name wrong_value; do
  run=0 lint=0
  ansible-playbook "$name.yml" >"$name.run.txt" 2>&1 || run=$?
  ansible-lint --offline "$name.yml" "$name.meta.yml" >"$name.lint.txt" 2>&1 || lint=$?
  echo "$name: ansible-playbook $run, ansible-lint $lint" | tee -a seen.txt
done
grep -m1 'does not match' by_play_name.lint.txt

diff seen.txt - <<'TXT'
by_play_name: ansible-playbook 0, ansible-lint 2
by_own_name: ansible-playbook 0, ansible-lint 0
wrong_value: ansible-playbook 2, ansible-lint 2
TXT
grep -q 'Validating arguments against arg spec Clean up' by_play_name.run.txt
grep -q 'play-argspec' by_play_name.lint.txt
echo "As described: ansible-lint refuses the specification that validate_argspec: true needs."
