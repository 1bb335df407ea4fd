#!/usr/bin/env bash
# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Surprise: choices as a dictionary of values and their meanings, as the documentation of modules allows them, are taken
#   in the argument_specs of a role by ansible-doc and by antsibull-docs, which show each value with its meaning. The
#   role itself then ends with an "internal error" whatever value is given, an allowed one and the default included.
# Packages: ansible-core 2.19.14 (2.16.14, 2.21.5 and 2.22.0rc1 do the same), antsibull-docs 2.28.0.
# Expected: all accept the dictionary, or all refuse it.
# Seen: ansible-doc -t role and antsibull-docs lint-collection-docs: exit status 0; ansible-playbook: "internal error:
#   choices for argument mode are not iterable", exit status 2. With a list of the same values the role runs.
# Date: 2026-11-29.
# For users of this collection: nothing to do, its role has lists. Authors: describe the values in the description, and
#   let a test run the role once; ansible-lint 26.10.1 refuses the dictionary too.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HOME="$work" ANSIBLE_HOME="$work/.ansible" ANSIBLE_NOCOLOR=1 ANSIBLE_COLLECTIONS_PATH="$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check ansible-core==2.19.14 antsibull-docs==2.28.0
export PATH="$work/venv/bin:$PATH"

collection=ansible_collections/acme/one
mkdir -p "$collection/meta"
printf 'namespace: acme\nname: one\nversion: 1.0.0\nreadme: README.md\nauthors: [acme]\n' >"$collection/galaxy.yml"
echo Example >"$collection/README.md"
echo 'requires_ansible: ">=2.16.0"' >"$collection/meta/runtime.yml"
role() { # name, choices
  mkdir -p "$collection/roles/$1/meta" "$collection/roles/$1/tasks"
  cat >"$collection/roles/$1/meta/argument_specs.yml" <<YAML
argument_specs:
  main:
    short_description: Clean up
    description: Cleans up.
    author: Example (@example)
    options:
      mode:
        type: str
        default: soft
        description: How.
        choices: $2
YAML
  printf -- '- ansible.builtin.debug:\n    msg: "{{ mode }}"\n' >"$collection/roles/$1/tasks/main.yml"
}
role as_dict '{soft: Gently., hard: Roughly.}'
role as_list '[soft, hard]'
lint=0
antsibull-docs lint-collection-docs --plugin-docs --skip-rstcheck "$collection" || lint=$?
echo "antsibull-docs: exit status $lint" | tee seen.txt
for name in as_dict as_list; do
  printf -- '- hosts: localhost\n  gather_facts: false\n  tasks:\n    - ansible.builtin.include_role: {name: acme.one.%s}\n' "$name" \
    >play.yml
  doc=0 run=0
  ansible-doc -t role "acme.one.$name" >"$name.doc.txt" 2>/dev/null || doc=$?
  ansible-playbook play.yml -e mode=hard >"$name.run.txt" 2>&1 || run=$?
  echo "$name: ansible-doc $doc, ansible-playbook $run" | tee -a seen.txt
done
grep -A2 'choices' as_dict.doc.txt
grep -om1 'internal error: choices for argument mode are not iterable' as_dict.run.txt

diff seen.txt - <<'TXT'
antsibull-docs: exit status 0
as_dict: ansible-doc 0, ansible-playbook 2
as_list: ansible-doc 0, ansible-playbook 0
TXT
grep -q 'hard: Roughly.' as_dict.doc.txt
grep -q 'internal error: choices for argument mode are not iterable' as_dict.run.txt
echo "As described: choices as a dictionary are documented, and end the role."
