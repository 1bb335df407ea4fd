#!/usr/bin/env bash
# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The main job of the collection, as a newcomer would do it, against a simulator of IoTDA: "make demo".
# Every scene says what it will show, and the demo fails if a command ends otherwise.
#
# Usage: run.sh FOLDER; the environment names the simulator, as tests/tools/with_simulator.py sets it.

set -euo pipefail

folder="$1/demo"
here="$(dirname "$0")"
rm -rf "$folder"
mkdir -p "$folder"
# From here on there is only the installed collection, not the checkout.
unset PYTHONPATH
export ANSIBLE_COLLECTIONS_PATH="$folder/collections" ANSIBLE_NOCOLOR=1 ANSIBLE_LOCALHOST_WARNING=false
export ANSIBLE_INVENTORY_UNPARSED_WARNING=false ANSIBLE_RETRY_FILES_ENABLED=false

scenes=0
scene() {
    scenes=$((scenes + 1))
    printf '\n\n%s. %s\n' "$scenes" "$1"
    shift
    printf '   %s\n' "$@"
}

fail() {
    printf '\nThe demo failed in scene %s: %s\n' "$scenes" "$1" >&2
    exit 1
}

# run OK|FAILS COMMAND...: show the command, run it, and hold its exit status against what was told.
run() {
    local told="$1" status=0
    shift
    printf '\n   $ %s\n\n' "$(quoted "$@")"
    "$@" > "$folder/output" 2>&1 < /dev/null || status=$?
    sed 's/^/   | /' "$folder/output"
    if [ "$told" = OK ] && [ "$status" != 0 ]; then fail "it ended with exit status $status"; fi
    if [ "$told" = FAILS ] && [ "$status" = 0 ]; then fail "it should have failed"; fi
}

quoted() {
    local word line=""
    for word in "$@"; do
        case "$word" in
        *[!a-zA-Z0-9_./=:,-]*) line="$line '$word'" ;;
        *) line="$line $word" ;;
        esac
    done
    printf '%s' "${line# }"
}

# says TEXT...: each text is in what the last command printed.
says() {
    local text
    for text in "$@"; do
        grep -qF -- "$text" "$folder/output" || fail "its output does not say: $text"
    done
}

there_are() {
    python "$here/fleet.py" --save "$folder/now.json"
    [ "$(grep -o '"task_id"' "$folder/now.json" | wc -l)" = "$1" ] || fail "there should be $1 batch tasks now"
}

delete() {
    local told="$1"
    shift
    run "$told" ansible localhost -m huaweicloud.iotda.batch_task -a "$@"
}

echo "This runs the collection against a simulator of Huawei Cloud IoTDA on this machine. Nothing leaves it."
echo "The simulator is at $HUAWEICLOUD_IOTDA_ENDPOINT. Its address, project and keys are environment variables,"
echo "as on a real account: HW_REGION_NAME, HUAWEICLOUD_SDK_PROJECT_ID, HW_ACCESS_KEY, HW_SECRET_KEY,"
echo "and HUAWEICLOUD_IOTDA_ENDPOINT."

scene "Install the collection" "It is built and installed as from Galaxy, into its own folder."
run OK ansible-galaxy collection build --output-path "$folder"
run OK ansible-galaxy collection install --offline -p "$folder/collections" "$(echo "$folder"/*.tar.gz)"
says "installed successfully"
python "$here/fleet.py" --save "$folder/before.json"
there_are 24

scene "Delete one batch task" "One command, one request. Each task has an outcome: deleted."
delete OK 'task_id=690b21d09f3e5b0007a1c001 state=absent'
says CHANGED '"outcome": "deleted"' '"http_status": 204'
there_are 23

scene "Do the same again" "The task is already gone, as it should be: no change, and no failure."
delete OK 'task_id=690b21d09f3e5b0007a1c001 state=absent'
says SUCCESS '"changed": false' '"outcome": "absent"'
there_are 23

scene "See first what would happen" "Check mode deletes nothing. With --diff, it shows the task that would go."
run OK ansible localhost --check --diff -m huaweicloud.iotda.batch_task \
    -a 'task_id=6912f4409f3e5b0007a1c002 state=absent'
says CHANGED '"outcome": "deleted"' 'create_street_lights_harbour'
there_are 23

scene "Delete a list of them in a playbook" "The playbook is tests/demo/delete_list.yml:"
sed -n '/^---/,$p' "$here/delete_list.yml" | sed 's/^/   : /'
run OK ansible-playbook "$here/delete_list.yml"
says "69a9bb709f3e5b0007a1c00f deleted" "69b5e6e09f3e5b0007a1c010 deleted" "69f0a3109f3e5b0007a1c015 deleted"
there_are 20

running="$(python "$here/fleet.py" --create-running 12)"
scene "Delete a task that is still running" \
    "Somebody has just started $running. IoTDA refuses to delete it," \
    "and the error says why, and what to do."
delete FAILS "task_id=$running state=absent"
says FAILED "only a finished task can be deleted" "set wait to delete it once it has finished"
there_are 21

scene "Wait until it has finished" "So set wait. It takes some seconds, then the task is deleted."
delete OK "task_id=$running state=absent wait=true wait_delay=1"
says CHANGED '"outcome": "deleted"'
there_are 20

campaign='task_name=freeze_demo task_type=freezeDevices targets=meter_0001,meter_0002 state=present'
scene "Create a batch task, and wait for it" "A task is known by its name and type. Two meters are frozen."
run OK ansible localhost -m huaweicloud.iotda.batch_task -a "$campaign wait=true wait_delay=1"
says CHANGED '"outcome": "created"' '"status": "Success"'
created="$(grep -o '"task_id": "[0-9a-f]*"' "$folder/output" | head -n 1 | cut -d '"' -f 4)"
there_are 21

scene "Create it again" "It exists, so nothing changes."
run OK ansible localhost -m huaweicloud.iotda.batch_task -a "$campaign"
says SUCCESS '"changed": false' '"outcome": "exists"'
there_are 21

scene "Look at an upgrade" "Which devices failed, and why?"
run OK ansible localhost -m huaweicloud.iotda.batch_task_info \
    -a 'task_id=691d80b09f3e5b0007a1c003 details=true detail_status=Fail'
says '"status": "PartialSuccess"' '"failed_targets"' 'The device is not online'

scene "Retry what failed" "Only the failed devices are tried again."
run OK ansible localhost -m huaweicloud.iotda.batch_task \
    -a 'task_id=691d80b09f3e5b0007a1c003 state=retried wait=true wait_delay=1'
says CHANGED '"outcome": "retried"' '"status": "Success"'

scene "Delete the task that was created" "It has finished, so it can be deleted by its ID."
delete OK "task_id=$created state=absent"
says CHANGED '"outcome": "deleted"'
there_are 20

scene "A wrong endpoint, where nobody listens" "The error says what happened, and what to check."
delete FAILS 'task_id=6912f4409f3e5b0007a1c002 state=absent endpoint=http://127.0.0.1:9 retry_timeout=0'
says FAILED "could not connect to 127.0.0.1:9" "check endpoint"
there_are 20

python "$here/fleet.py" --other-server "$folder/other-server" &
other_server=$!
trap 'kill "$other_server"' EXIT
until [ -e "$folder/other-server" ]; do sleep 0.1; done
scene "A wrong endpoint, where another server says 404 Not Found" \
    "IoTDA did not send this 404, so it does not mean that the task is gone."
delete FAILS "task_id=6912f4409f3e5b0007a1c002 state=absent endpoint=$(cat "$folder/other-server")"
says FAILED "this 404 was not sent by IoTDA"
there_are 20

scene "Prune: check first" "Which finished batch tasks are older than 90 days? Check mode lists what would go."
run OK ansible localhost --check -m huaweicloud.iotda.batch_task_prune -a 'older_than=90d'
says CHANGED '"matched": 10' '"deleted": 10'
there_are 20

scene "Prune: do it" "The same without --check. A task that is still running is never pruned."
run OK ansible localhost -m huaweicloud.iotda.batch_task_prune -a 'older_than=90d'
says CHANGED '"matched": 10' '"deleted": 10'
there_are 10

scene "Prune again" "Nothing matches any more, so nothing changes. It can run every night."
run OK ansible localhost -m huaweicloud.iotda.batch_task_prune -a 'older_than=90d'
says SUCCESS '"changed": false' '"matched": 0'
there_are 10

scene "Before and after" "What the simulator held at first, and what it holds now. The one that was Processing" \
    "and is Success has finished by itself in the meantime."
echo
python "$here/fleet.py" --compare "$folder/before.json" | sed 's/^/   /'
printf '\nAll %s scenes ended as expected.\n' "$scenes"
