#!/usr/bin/env bash
# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Surprise: "aliases" of an option in the argument_specs of a role are shown by ansible-doc, and antsibull-docs has nothing to
#   say against them, but ansible-core never reads them: a required option that is given by its alias is "missing", and the
#   value of an optional one is neither checked nor passed on. Only variables with the names of the options are looked at
#   (plugins/action/validate_argument_spec.py).
# Packages: ansible-core 2.19.14 (2.16.14, 2.21.5 and 2.22.0rc1 do the same), antsibull-docs 2.28.0.
# Expected: as with modules, the alias is another name of the option, or the specification is refused.
# Seen: required option by its alias: "missing required arguments: protect". Optional one by its alias: "many", which is no
#   number, passes, and the role runs with its own default.
# Date: 2026-11-29.
# For users of this collection: nothing to do, its roles have no aliases. Authors: a second name that is not read can mean that
#   more is deleted than asked. Set the variable from its old name in the role's defaults instead.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HOME="$work" ANSIBLE_HOME="$work/.ansible" ANSIBLE_NOCOLOR=1 ANSIBLE_COLLECTIONS_PATH="$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check ansible-core==2.19.14 antsibull-docs==2.28.0
export PATH="$work/venv/bin:$PATH"

collection=ansible_collections/acme/one
mkdir -p "$collection/meta" "$collection/roles/tidy/meta" "$collection/roles/tidy/defaults" "$collection/roles/tidy/tasks"
printf 'namespace: acme\nname: one\nversion: 1.0.0\nreadme: README.md\nauthors: [acme]\n' >"$collection/galaxy.yml"
echo Example >"$collection/README.md"
echo 'requires_ansible: ">=2.16.0"' >"$collection/meta/runtime.yml"
cat >"$collection/roles/tidy/meta/argument_specs.yml" <<'YAML'
argument_specs:
  main:
    short_description: Clean up
    description: Cleans up.
    author: Example (@example)
    options:
      keep:
        description: How many to keep.
        type: int
        default: 1
        aliases: [keep_last]
      protect:
        description: What to keep in any case.
        type: list
        elements: str
        required: true
        aliases: [protected]
YAML
echo 'keep: 1' >"$collection/roles/tidy/defaults/main.yml"
echo '- debug: {msg: "keep {{ keep }}"}' >"$collection/roles/tidy/tasks/main.yml"
printf -- '- hosts: localhost\n  gather_facts: false\n  roles: [acme.one.tidy]\n' >play.yml

documented=$(ansible-doc -t role acme.one.tidy 2>/dev/null | grep -c 'aliases: \[\(keep_last\|protected\)\]')
echo "ansible-doc shows $documented aliases"
lint=0
(cd "$collection" && antsibull-docs lint-collection-docs --plugin-docs .) || lint=$?
echo "antsibull-docs: $lint"
given() {
  ansible-playbook play.yml -e "$1" 2>/dev/null |
    sed -n 's/.*"msg": "\(keep [^"]*\)".*/\1/p; s/.*\(missing required arguments: [a-z]*\).*/\1/p' | sort -u
}
for arguments in '{keep: 5, protect: [a]}' '{keep_last: 5, protect: [a]}' '{keep_last: many, protect: [a]}' '{keep: 5, protected: [a]}'; do
  echo "$arguments: $(given "$arguments")" | tee -a seen.txt
done

[ "$documented" = 2 ]
[ "$lint" = 0 ]
diff seen.txt - <<'TXT'
{keep: 5, protect: [a]}: keep 5
{keep_last: 5, protect: [a]}: keep 1
{keep_last: many, protect: [a]}: keep 1
{keep: 5, protected: [a]}: missing required arguments: protect
TXT
echo "As described: aliases of a role's options are shown and never read."
