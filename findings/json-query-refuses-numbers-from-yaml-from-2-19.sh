#!/usr/bin/env bash
# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Surprise: from ansible-core 2.19 on, json_query takes the numbers in a module's result and refuses the same numbers written in
#   YAML: sum, max, max_by, sort and abs end in "invalid type for value", although type() says "number".
#   sort_by and max_by by a text (a date) turn round as well: refused with results up to 2.18, with YAML from 2.19 on.
#   The filter teaches jmespath Ansible's texts, lists and dictionaries by name, but no number, and only half of its tables.
# Packages: community.general 13.5.0 (from ansible 14.5.0) and jmespath 1.1.0 with ansible-core 2.18.19 and 2.21.5.
#   2.19.14 and 2.22.0rc1 do as 2.21.5, 2.16.14 as 2.18.19.
# Expected: equal data give equal answers, wherever they come from.
# Seen: as in the table at the end of this script. With "to_json | from_json" in between, all is well in both.
# Date: 2026-11-29.
# For users of this collection: on registered results, json_query works from 2.19 on; up to 2.18, put "to_json | from_json"
#   before a sort_by on dates. A test with results copied into YAML fails where the real ones work: load them with from_json.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HOME="$work" ANSIBLE_HOME="$work/.ansible" ANSIBLE_NOCOLOR=1 ANSIBLE_COLLECTIONS_PATH="$work"
python3 -m venv venv-2.18.19
"${PYTHON313:-python3.13}" -m venv venv-2.21.5
for version in 2.18.19 2.21.5; do
  "venv-$version/bin/pip" install --quiet --disable-pip-version-check "ansible-core==$version" jmespath==1.1.0
done
venv-2.21.5/bin/pip download --quiet --disable-pip-version-check --no-deps ansible==14.5.0
venv-2.21.5/bin/python - <<'PY'
import glob
import zipfile

root = "ansible_collections/community/general/"
wanted = ["plugins/filter/json_query.py", "meta/runtime.yml", "MANIFEST.json"]
with zipfile.ZipFile(glob.glob("ansible-*.whl")[0]) as wheel:
    wheel.extractall(".", [root + name for name in wanted])
PY
grep -m1 '"version"' ansible_collections/community/general/MANIFEST.json

mkdir library
cat >library/listing.py <<'PY'
#!/usr/bin/python
from ansible.module_utils.basic import AnsibleModule

AnsibleModule({}).exit_json(tasks=[{"id": "a", "n": 5, "created": "20261101T000000Z"}, {"id": "b", "n": 7, "created": "20261001T000000Z"}])
PY
cat >play.yml <<'YAML'
- hosts: localhost
  gather_facts: false
  vars:
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
    tasks_in_yaml: [{id: a, n: 5, created: 20261101T000000Z}, {id: b, n: 7, created: 20261001T000000Z}]
  tasks:
    - listing:
      register: result
    - debug: {msg: "ANSWER {{ tasks_in_yaml | community.general.json_query(query) }}"}
      when: source == "yaml"
    - debug: {msg: "ANSWER {{ result.tasks | community.general.json_query(query) }}"}
      when: source == "result"
    - debug: {msg: "ANSWER {{ result.tasks | to_json | from_json | community.general.json_query(query) }}"}
      when: source == "json"
YAML
answer() { # version, source, query
  "venv-$1/bin/ansible-playbook" play.yml -e "source=$2" -e "{query: '$3'}" >out.txt 2>&1 || true
  if grep -q 'invalid type for value' out.txt; then
    echo refused
  else
    sed -n 's/.*"ANSWER \(.*\)".*/\1/p' out.txt
  fi
}
for version in 2.18.19 2.21.5; do
  for query in 'sum([].n)' 'sort_by(@, &created)[0].id'; do
    for source in yaml result json; do
      echo "$version $query $source: $(answer "$version" "$source" "$query")" | tee -a seen.txt
    done
  done
done

diff seen.txt - <<'TXT'
2.18.19 sum([].n) yaml: 12
2.18.19 sum([].n) result: 12
2.18.19 sum([].n) json: 12
2.18.19 sort_by(@, &created)[0].id yaml: refused
2.18.19 sort_by(@, &created)[0].id result: refused
2.18.19 sort_by(@, &created)[0].id json: b
2.21.5 sum([].n) yaml: refused
2.21.5 sum([].n) result: 12
2.21.5 sum([].n) json: 12
2.21.5 sort_by(@, &created)[0].id yaml: refused
2.21.5 sort_by(@, &created)[0].id result: b
2.21.5 sort_by(@, &created)[0].id json: b
TXT
echo "As described: json_query refuses numbers from YAML from 2.19 on."
