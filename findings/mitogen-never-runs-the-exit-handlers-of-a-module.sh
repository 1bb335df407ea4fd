#!/usr/bin/env bash
# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Surprise: under mitogen's strategy, what a module registers with atexit.register never runs: not at the end of the task, not
#   at the end of the play, not when the process ends.
# Packages: mitogen 0.3.54 with ansible-core 2.19.14 (strategy mitogen_linear).
# Expected: a module ends like a program, so its exit handlers run, at the latest when mitogen's process ends. A lock is
#   released, a temporary file with a secret is removed.
# Seen: linear: the lock file is gone after the task. mitogen_linear: it is still there after the play. mitogen runs modules
#   in one process that goes on, replaces atexit.register, runs only handlers that are shutil.rmtree itself
#   (ansible_mitogen/runner.py, AtExitWrapper), and its process ends without the others.
# Date: 2026-11-29.
# For users of this collection: nothing to do, its modules register none. Authors: clean up in try/finally. Where a module of
#   another collection leaves files or locks behind under mitogen, set "strategy: linear" for its play.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HOME="$work"
export ANSIBLE_HOME="$work/.ansible" ANSIBLE_NOCOLOR=1 ANSIBLE_DEPRECATION_WARNINGS=False
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check ansible-core==2.19.14 mitogen==0.3.54
venv/bin/pip list --disable-pip-version-check 2>/dev/null | grep -iE '^(ansible-core|mitogen) '

mkdir library
cat >library/lock.py <<'PY'
#!/usr/bin/python
import atexit
import os

from ansible.module_utils.basic import AnsibleModule

module = AnsibleModule({"path": {"type": "path", "required": True}})
os.close(os.open(module.params["path"], os.O_CREAT | os.O_EXCL))
atexit.register(os.unlink, module.params["path"])
module.exit_json(changed=True, pid=os.getpid())
PY
cat >play.yml <<'YAML'
- hosts: localhost
  gather_facts: false
  tasks:
    - lock:
        path: "{{ playbook_dir }}/lock"
      register: first
    - ansible.builtin.stat:
        path: "{{ playbook_dir }}/lock"
      register: lock
    - ansible.builtin.debug:
        msg: "after the task: lock={{ lock.stat.exists }} pid={{ first.pid }}"
YAML
strategies=$(venv/bin/python -c 'import ansible_mitogen, os; print(os.path.dirname(ansible_mitogen.__file__))')/plugins/strategy
for strategy in linear mitogen_linear; do
  rm -f lock
  ANSIBLE_STRATEGY_PLUGINS="$strategies" ANSIBLE_STRATEGY="$strategy" venv/bin/ansible-playbook play.yml >out.txt 2>&1
  grep -o 'after the task: lock=[A-Za-z]*' out.txt | sed "s/^/$strategy, /" | tee -a seen.txt
  pid=$(grep -o 'pid=[0-9]*' out.txt | cut -d= -f2)
  for _ in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
  kill -0 "$pid" 2>/dev/null && exit 1
  echo "$strategy, after the end of the module's process: lock=$([ -e lock ] && echo True || echo False)" | tee -a seen.txt
done

diff seen.txt - <<'TXT'
linear, after the task: lock=False
linear, after the end of the module's process: lock=False
mitogen_linear, after the task: lock=True
mitogen_linear, after the end of the module's process: lock=True
TXT
echo "As described: mitogen never runs the exit handlers of a module."
