#!/usr/bin/env bash
# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Surprise: "tasks_from: main.yml" runs the same tasks as "tasks_from: main", but the arguments of the role are not checked
#   against its argument_specs. The same with import_role, and with other entry points. The specification is looked up by the
#   text of tasks_from as it stands, extension included (playbook/role/__init__.py, _prepend_validation_task).
# Packages: ansible-core 2.16.14 and 2.19.14 (2.21.5 and 2.22.0rc1 do the same).
# Expected: both ways of naming the file are checked, since both run it.
# Seen: with "main" and "clean" a missing argument ends the role; with "main.yml", "clean.yml" and "./clean" the tasks run
#   without it, without a word.
# Date: 2026-11-29.
# For users of this collection: leave tasks_from out for its roles, which have no entry point but main, so that a wrong
#   argument ends the role before anything is sent.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HOME="$work" ANSIBLE_HOME="$work/.ansible" ANSIBLE_NOCOLOR=1
mkdir -p roles/tidy/meta roles/tidy/tasks
cat >roles/tidy/meta/argument_specs.yml <<'YAML'
argument_specs:
  main: &entry
    options: {keep: {type: int, required: true}}
  clean: *entry
YAML
echo '- debug: {msg: "RAN main"}' >roles/tidy/tasks/main.yml
echo '- debug: {msg: "RAN clean"}' >roles/tidy/tasks/clean.yml
cat >play.yml <<'YAML'
- hosts: localhost
  gather_facts: false
  tasks:
    - include_role: {name: tidy, tasks_from: "{{ file }}"}
      when: how == "include"
    - import_role: {name: tidy, tasks_from: "{{ file }}"}
      when: how == "import"
YAML
python3 -m venv venv-2.16.14
python3 -m venv venv-2.19.14
for version in 2.16.14 2.19.14; do
  "venv-$version/bin/pip" install --quiet --disable-pip-version-check "ansible-core==$version"
  for how in include import; do
    for file in main main.yml clean clean.yml ./clean; do
      status=0
      "venv-$version/bin/ansible-playbook" play.yml -e "how=$how file=$file" >out.txt 2>&1 || status=$?
      ran=$(sed -n 's/.*"msg": "\(RAN [a-z]*\)".*/\1/p' out.txt)
      refused=$(grep -qm1 'missing required arguments: keep' out.txt && echo refused || true)
      echo "$how $file: $status ${ran:-$refused}" | tee -a "seen-$version.txt"
    done
  done
  diff "seen-$version.txt" - <<'TXT'
include main: 2 refused
include main.yml: 0 RAN main
include clean: 2 refused
include clean.yml: 0 RAN clean
include ./clean: 0 RAN clean
import main: 2 refused
import main.yml: 0 RAN main
import clean: 2 refused
import clean.yml: 0 RAN clean
import ./clean: 0 RAN clean
TXT
done
echo "As described: with an extension in tasks_from, the role's arguments are not checked."
