#!/usr/bin/env bash
# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Surprise: from ansible-core 2.19 on, the junit callback reports each failed task as an error, not as a failure, and in
#   place of the result of the module its text is "(traceback missing)" three times. The callback takes the key
#   "exception" for a crash (plugins/callback/junit.py), and from 2.19 on every failed result has that key.
# Packages: ansible-core 2.18.19 and 2.19.14. 2.20.10, 2.21.5 and 2.22.0rc1 do the same as 2.19.14.
# Expected: fail_json() of a module is a <failure> with the whole result in both versions.
# Seen: 2.18.19: failures="1", and the text has the result. 2.19.14: errors="1", failures="0", and apart from the
#   message nothing of the result is in the report.
# Date: 2026-11-29.
# For users of this collection: the report names the message of a failed deletion, not the outcome of each batch task.
#   Keep the registered result, for example with ansible.builtin.copy in an "always" section, and count errors together
#   with failures.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HOME="$work" ANSIBLE_HOME="$work/.ansible" ANSIBLE_NOCOLOR=1
mkdir library
cat >library/refuse.py <<'PY'
#!/usr/bin/python
from ansible.module_utils.basic import AnsibleModule

AnsibleModule({}).fail_json(msg="1 of 2 failed", outcomes=[{"id": "a1", "outcome": "deleted"}, {"id": "a2", "outcome": "busy"}])
PY
cat >play.yml <<'YAML'
- hosts: localhost
  gather_facts: false
  tasks:
    - refuse:
YAML
for version in 2.18.19 2.19.14; do
  python3 -m venv "venv-$version"
  "venv-$version/bin/pip" install --quiet --disable-pip-version-check "ansible-core==$version"
  status=0
  JUNIT_OUTPUT_DIR="$work/report-$version" ANSIBLE_CALLBACKS_ENABLED=ansible.builtin.junit \
    "venv-$version/bin/ansible-playbook" play.yml >/dev/null 2>&1 || status=$?
  [ "$status" = 2 ]
  echo "== ansible-core $version"
  cat "report-$version"/*.xml
done

old=$(cat report-2.18.19/*.xml)
new=$(cat report-2.19.14/*.xml)
grep -q 'errors="0" failures="1"' <<<"$old"
grep -q '<failure message="1 of 2 failed"' <<<"$old"
grep -q 'busy' <<<"$old"
grep -q 'errors="1" failures="0"' <<<"$new"
grep -q '<error message="[^"]*1 of 2 failed" type="error">(traceback missing)' <<<"$new"
if grep -q 'busy' <<<"$new"; then exit 1; fi
echo "As described: from 2.19 on, the junit report loses the result of a failed task."
