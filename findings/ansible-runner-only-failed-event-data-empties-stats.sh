#!/usr/bin/env bash
# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Surprise: with only_failed_event_data (--only-failed-event-data), ansible-runner also drops the data of failed loop items, of
#   unreachable hosts and of the final figures: after a failed run, Runner.stats says that no host was even processed.
#   The callback keeps "runner_on_item_failed", but the event is called "runner_item_on_failed"
#   (display_callback/callback/awx_display.py).
# Packages: ansible-runner 2.4.3 with ansible-core 2.19.14.
# Expected: as the option says, "Omits extra ansible event data unless it's a failed event".
# Seen: of three failures only runner_on_failed keeps its data; the failed item and the unreachable host have only "stdout".
#   Runner.stats has empty failures, dark and processed in place of two failed hosts; status and rc are right.
# Date: 2026-11-29.
# For users of this collection: leave the option out, or judge a run by status and rc only, never by Runner.stats. If the
#   results are too long to store, set "returned: failed".
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HOME="$work" ANSIBLE_HOME="$work/.ansible" ANSIBLE_NOCOLOR=1
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check ansible-core==2.19.14 ansible-runner==2.4.3
export PATH="$work/venv/bin:$PATH"
ansible-runner --version

mkdir -p data/project data/inventory
cat >data/inventory/hosts.yml <<'YAML'
all:
  hosts:
    far: {ansible_host: 127.0.0.1, ansible_port: 1, ansible_connection: ssh}
    near: {ansible_connection: local}
YAML
cat >data/project/play.yml <<'YAML'
- hosts: all
  gather_facts: false
  tasks:
    - debug: {msg: "{{ item }}"}
      loop: [one, two]
      failed_when: item == "two"
      ignore_errors: true
    - ping:
      when: inventory_hostname == "far"
    - fail: {msg: over}
YAML
cat >run.py <<'PY'
import ansible_runner

for only_failed in (False, True):
    run = ansible_runner.run(
        private_data_dir="data", playbook="play.yml", quiet=True, only_failed_event_data=only_failed, ident=str(only_failed)
    )
    kept = {
        event["event"]
        for event in run.events
        if "fail" in event["event"] or "unreachable" in event["event"]
        if event["event_data"].get("res")
    }
    hosts = {name: sorted(run.stats[name]) for name in ("failures", "dark", "processed")}
    print(only_failed, run.status, run.rc, ",".join(sorted(kept)), hosts)
PY
python run.py | tee seen.txt

diff seen.txt - <<'TXT'
False failed 4 runner_item_on_failed,runner_on_failed,runner_on_unreachable {'failures': ['near'], 'dark': ['far'], 'processed': ['far', 'near']}
True failed 4 runner_on_failed {'failures': [], 'dark': [], 'processed': []}
TXT
echo "As described: only_failed_event_data empties the figures of a failed run."
