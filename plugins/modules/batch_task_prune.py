#!/usr/bin/python

# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: batch_task_prune
short_description: Delete finished batch tasks of Huawei Cloud IoTDA by age and count
version_added: 1.0.0
description:
  - Deletes finished batch tasks of Huawei Cloud IoT Device Access (IoTDA) by age and count.
  - Only tasks with the status C(Success), C(Fail), C(PartialSuccess) or C(Stopped) can match. Nothing that does not
    match is ever deleted, and nothing is deleted before all matching tasks are known.
  - Within one rule, a task must match every option. With several O(rules), a task is deleted if it matches any of them.
  - IoTDA lists one type of task at a time. So the module reads a list for each type, several at the same time. That
    takes one request for each type, and about one more for every further 50 tasks of the type. If O(status) has fewer
    than the four statuses, there is a list for each type and status. Each deletion takes one more request.
  - The failure of one task does not stop the others. But if ten requests of one kind, such as deletions, fail in a row
    for a reason that has nothing to do with the task, the remaining tasks are skipped, and their RV(tasks[].msg) says
    so. Such reasons are no response, rejected credentials, internal errors of the service, and throttling until
    O(retry_timeout) expires.
author:
  - The huaweicloud.iotda authors (@huaweicloud-iotda)
extends_documentation_fragment:
  - huaweicloud.iotda.attributes
  - huaweicloud.iotda.attributes.action_group
  - huaweicloud.iotda.connection
  - huaweicloud.iotda.connection.instance
  - huaweicloud.iotda.reporting
attributes:
  check_mode:
    support: full
    details:
      - Only GET requests are sent to IoTDA. RV(tasks) lists exactly the tasks that would be deleted. If more tasks
        match than O(max_deletions), the module fails, as it does outside check mode.
      - As in every run, other requests can come first, POST and PUT among them, to obtain credentials or to look up the
        project ID. They go to IAM, STS, the metadata service of an ECS or the pod identity of CCE, and change nothing
        in IoTDA.
  diff_mode:
    support: full
    details:
      - RV(ignore:before) lists the tasks that are deleted, or in check mode would be.
  idempotent:
    support: full
    details:
      - A later run also deletes the tasks that have finished or become old enough in the meantime.
options:
  older_than:
    description:
      - Delete tasks older than this, given as a whole number of weeks, days, hours or minutes, such as V(2w), V(30d),
        V(12h) or V(90m). The unit V(m) is minutes, not months. V(0d) matches tasks of any age.
      - The age is measured from the creation of the task, by the clock of the service or of the host where the module
        runs, whichever is earlier.
      - At least one of O(older_than), O(created_before), O(keep_last) and O(rules) is required. If O(keep_last)
        is set too, a task is deleted only if both options select it. O(older_than) and O(created_before) are mutually
        exclusive.
    type: str
  created_before:
    description:
      - Delete tasks that were created before this time, given as ISO 8601 (V(2026-01-31T00:00:00Z)) or in the format of
        the API (V(20260131T000000Z)), in UTC unless it has an offset. Mutually exclusive with O(older_than).
    type: str
  keep_last:
    description:
      - Keep this many of the newest tasks of each type, whatever their age, and delete the others. Tasks that
        O(status), O(task_type), O(task_name) or O(app_id) exclude, or that O(protect) keeps, are not counted.
      - V(0) alone would delete every finished task, and is refused. To do that, use O(older_than=0d).
    type: int
  status:
    description: Only tasks with one of these statuses.
    type: list
    elements: str
    default: [Success, Fail, PartialSuccess, Stopped]
    choices: [Success, Fail, PartialSuccess, Stopped]
  task_type:
    description:
      - Only tasks of these types, spelled as in the API. A type that you name and that the service refuses is an error.
      - If omitted, all known types. They are C(softwareUpgrade), C(firmwareUpgrade), C(moduleUpgrade),
        C(createDevices), C(updateDevices), C(deleteDevices), C(freezeDevices), C(unfreezeDevices), C(createCommands),
        C(createAsyncCommands), C(createMessages), C(updateDeviceShadows), C(changeGateway), and the undocumented
        C(sendEmails), C(sendSmss), C(addDevicesToGroup), C(deviceConfig) and C(deviceJob). Any of these that the
        service refuses as invalid is skipped, and listed in RV(skipped_types).
    type: list
    elements: str
  task_name:
    description:
      - Only tasks whose whole name matches one of these shell patterns, such as V(nightly_*). The match is
        case-sensitive.
    type: list
    elements: str
  protect:
    description:
      - Never delete tasks with one of these IDs, or with a name that matches one of these shell patterns.
      - O(keep_last) does not count these tasks.
    type: list
    elements: str
  app_id:
    description: Only tasks of the resource space with this ID. If omitted, tasks of all resource spaces.
    type: str
  max_deletions:
    description: If more tasks match than this, nothing is deleted and the module fails, in check mode as well.
    type: int
    default: 1000
  rules:
    description:
      - Several rules for one run. Each rule has its own O(older_than), O(created_before), O(keep_last), O(status),
        O(task_type), O(task_name) and O(app_id), so these options cannot be set beside O(rules). A task is deleted if
        it matches any of the rules, and is counted once.
      - Each rule needs at least one of O(rules[].older_than), O(rules[].created_before) and O(rules[].keep_last). The
        first two are mutually exclusive.
      - O(protect) and O(max_deletions) apply to all rules together. Each list of tasks is read only once.
      - Error messages number the rules from 1. For example, C(rules[2].keep_last) is in the second rule.
    type: list
    elements: dict
    suboptions:
      older_than:
        description: As O(older_than), for this rule.
        type: str
      created_before:
        description: As O(created_before), for this rule.
        type: str
      keep_last:
        description: As O(keep_last), for this rule. Tasks that the other options of this rule exclude are not counted.
        type: int
      status:
        description: As O(status), for this rule.
        type: list
        elements: str
        default: [Success, Fail, PartialSuccess, Stopped]
        choices: [Success, Fail, PartialSuccess, Stopped]
      task_type:
        description: As O(task_type), for this rule.
        type: list
        elements: str
      task_name:
        description: As O(task_name), for this rule.
        type: list
        elements: str
      app_id:
        description: As O(app_id), for this rule.
        type: str
  tasks_file:
    description:
      - A file on the host where the module runs that gets one line of JSON for each outcome, even if O(returned) leaves
        it out of RV(tasks), and in check mode as well. It also gets one for each task that only O(protect) keeps, with
        the outcome C(protected). An existing file is replaced. A relative path begins in the directory of the playbook
        on a local connection, and in the home directory of the remote user otherwise.
      - A file that cannot be written is an error before anything is deleted.
    type: path
  concurrency:
    description: The maximum number of concurrent requests, from V(1) to V(64).
    type: int
    default: 10
notes:
  - A task whose C(create_time) is missing or unreadable is always kept, and O(keep_last) does not count it.
seealso:
  - module: huaweicloud.iotda.batch_task
  - module: huaweicloud.iotda.batch_task_info
"""

EXAMPLES = r"""
- name: Delete finished batch tasks older than 30 days, but keep the 20 newest of each type
  huaweicloud.iotda.batch_task_prune:
    region: cn-north-4
    older_than: 30d
    keep_last: 20

- name: Delete successful freeze and unfreeze tasks created before 2026, but none if more than 100 match
  huaweicloud.iotda.batch_task_prune:
    region: cn-north-4
    created_before: "2026-01-01T00:00:00Z"
    status: Success
    task_type:
      - freezeDevices
      - unfreezeDevices
    max_deletions: 100

- name: Delete old tasks of nightly jobs, except one customer's tasks and a task under investigation
  huaweicloud.iotda.batch_task_prune:
    region: cn-north-4
    older_than: 30d
    task_name: nightly_*
    protect:
      - nightly_acme_*
      - 5c8ba99030344005c02316ad

- name: Delete failed tasks after 90 days, and all upgrades except the 10 newest of each type
  huaweicloud.iotda.batch_task_prune:
    region: cn-north-4
    rules:
      - older_than: 90d
        status: Fail
      - keep_last: 10
        task_type: softwareUpgrade, firmwareUpgrade
    protect: audit_*

- name: Delete very many tasks, with a line for each in a log and only the failures in the result
  huaweicloud.iotda.batch_task_prune:
    region: cn-north-4
    older_than: 30d
    max_deletions: 100000
    audit_log: ~/iotda_prune.jsonl
    returned: failed

- name: List the tasks that would be deleted, and delete nothing
  huaweicloud.iotda.batch_task_prune:
    region: cn-north-4
    older_than: 2w
  check_mode: true
  register: predicted

- name: Show their names
  ansible.builtin.debug:
    msg: "{{ predicted.tasks | map(attribute='task_name') | list }}"
"""

RETURN = r"""
check_mode:
  description: True if this run was in check mode.
  returned: unless Ansible itself refused the options
  type: bool
  sample: false
examined:
  description: >-
    How many finished tasks are selected by O(status), O(task_type), O(task_name) and O(app_id), or by those of at least
    one of the O(rules).
  returned: when the tasks could be listed
  type: int
  sample: 812
matched:
  description: How many of the examined tasks match.
  returned: when the tasks could be listed
  type: int
  sample: 790
kept:
  description: >-
    RV(examined) minus the tasks that were deleted, or were already gone. In check mode, minus the tasks that would be
    deleted.
  returned: when the tasks could be listed
  type: int
  sample: 22
protected:
  description: How many tasks were kept only because of O(protect). RV(kept) includes them.
  returned: when the tasks could be listed
  type: int
  sample: 1
unmatched_protect:
  description: The entries of O(protect) that match none of the examined tasks, all of which are finished.
  returned: when the tasks could be listed
  type: list
  elements: str
  sample:
    - Audit_*
matched_by_rule:
  description: For each rule in O(rules), in the same order, how many tasks match it and no earlier rule.
  returned: when the tasks could be listed, with O(rules)
  type: list
  elements: int
  sample: [780, 10]
skipped_types:
  description: Known types that the service refused as invalid. Their tasks were not read.
  returned: when the tasks could be listed
  type: list
  elements: str
  sample:
    - changeGateway
tasks:
  description: >-
    The outcome of each matching task that O(returned) selects, oldest first. Empty if more tasks match than
    O(max_deletions).
  returned: when the tasks could be listed
  type: list
  elements: dict
  contains:
    task_id:
      description: The ID of the task.
      type: str
      returned: always
      sample: 5c8ba99030344005c02316ad
    outcome:
      description:
        - V(deleted) when IoTDA confirmed that it deleted the task. In check mode, when the task would be deleted.
        - V(absent) when IoTDA said that the task no longer exists.
        - V(deleted_unconfirmed) when IoTDA said that the task no longer exists, but an earlier attempt of this run,
          which IoTDA did not confirm, may have deleted it.
        - V(failed) for everything else.
      type: str
      returned: always
      sample: deleted
    attempts:
      description: How many times the delete request was sent, V(0) in check mode.
      type: int
      returned: always
      sample: 1
    msg:
      description: Why it failed, and what to do next.
      type: str
      returned: when RV(tasks[].outcome) is V(failed)
    http_status:
      description: The HTTP status of the response that decided the outcome.
      type: int
      returned: when there was a response
      sample: 204
    error_code:
      description: The error code that the service returned.
      type: str
      returned: when the response had one
      sample: IOTDA.000022
    error_msg:
      description: The error message that the service returned.
      type: str
      returned: when the response had one
    request_id:
      description: The request ID that the service returned.
      type: str
      returned: when the response had one
    encoded_authorization_message:
      description: Which policy of IAM denied the request, and why, in encoded form.
      type: str
      returned: when the response had one
    task_name:
      description: The name of the task.
      type: str
      returned: when the service returns it
      sample: freeze_lost_meters
    task_type:
      description: The type of the task.
      type: str
      returned: when the service returns it
      sample: freezeDevices
    status:
      description: The status of the task.
      type: str
      returned: when the service returns it
      sample: Success
    create_time:
      description: When the task was created, in UTC.
      type: str
      returned: when the service returns it
      sample: 20190303T084300Z
    rule:
      description: The number of the first rule in O(rules) that selects the task.
      type: int
      returned: with O(rules)
      sample: 1
summary:
  description: How many tasks had each outcome.
  returned: when the tasks could be listed
  type: dict
  sample:
    absent: 0
    deleted: 790
    deleted_unconfirmed: 0
    failed: 0
throttled:
  description: How many responses had the status 429 (too many requests).
  returned: when the tasks could be listed
  type: int
  sample: 3
retries:
  description: How many times a request was sent again.
  returned: when the tasks could be listed
  type: int
  sample: 3
elapsed:
  description: How many seconds listing and deleting took.
  returned: when the tasks could be listed
  type: float
  sample: 4.318
http_status:
  description: The HTTP status of the response for the request or the first task that failed.
  returned: on failure, when there was a response
  type: int
  sample: 403
error_code:
  description: The error code that the service returned for the request or the first task that failed.
  returned: on failure, when the response had one
  type: str
  sample: APIGW.0302
error_msg:
  description: The error message that the service returned for the request or the first task that failed.
  returned: on failure, when the response had one
  type: str
request_id:
  description: The request ID that the service returned for the request or the first task that failed.
  returned: on failure, when the response had one
  type: str
encoded_authorization_message:
  description:
    - Which policy of IAM denied the request, and why, in encoded form. To decode it, use DecodeAuthorizationMessage of
      Huawei Cloud's STS, which needs the permission C(sts::decodeAuthorizationMessage).
  returned: on failure, when the response had one
  type: str
hint:
  description: What to do next, if the cause of the failure is known.
  returned: on failure, when the cause is known
  type: str
endpoint:
  description: The base URL of the IoTDA instance.
  returned: when it is known
  type: str
  sample: https://iotda.cn-north-4.myhuaweicloud.com
project_id:
  description: The ID of the project.
  returned: when it is known
  type: str
  sample: 6f2a9d0c4b8e4f53a1d7c0e95b3f8a12
instance_id:
  description: The ID of the IoTDA instance.
  returned: when O(instance_id) is given
  type: str
  sample: 1f6d2c4e-7b3a-4a59-8c1d-2e9f0b6a7d35
credential_source:
  description: The source of the credentials, and the agency if there is one. Never the credentials themselves.
  returned: when credentials were found
  type: str
  sample: environment (HW_ACCESS_KEY, HW_SECRET_KEY)
requests:
  description:
    - >-
      What was sent to IoTDA and IAM: the last 100 attempts, in the order in which they ended, without secrets and
      without bodies. Include them in a ticket to Huawei Cloud.
    - Each has its C(method), its C(path) with the query, the number of the C(attempt) for this request, and how long it
      took in milliseconds (C(ms)). An attempt that got a response has the C(status) of the response, and the
      C(request_id) if the service sent one. Any other has the C(cause) in one word, such as C(timeout).
  returned: with C(-vvv), and when the module fails after it has repeated a request
  type: list
  elements: dict
  sample:
    - method: DELETE
      path: /v5/iot/09968f1d01b7446eafde0b3704e74070/batchtasks/5c8ba99030344005c02316ad
      status: 503
      attempt: 2
      request_id: a1b2c3d4e5f60718293a4b5c6d7e8f90
      ms: 48
"""

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.python import refuse_old_python

refuse_old_python()

import time

from ansible_collections.huaweicloud.iotda.plugins.module_utils._account.options import (
    CONCURRENCY,
    REPORTING,
    Option,
    specs_of,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import FINISHED
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.prune import parse_rules, prune
from ansible_collections.huaweicloud.iotda.plugins.module_utils._module.runner import ModuleContext, Result, run_module

_MANY = 1_000_000_000
RULE: dict[str, Option] = {
    "older_than": Option({"type": "str"}, selects=True),
    "created_before": Option({"type": "str"}, selects=True),
    "keep_last": Option({"type": "int", "no_log": False}, limits=(0, _MANY, ""), selects=True),
    "status": Option(
        {"type": "list", "elements": "str", "default": list(FINISHED), "choices": list(FINISHED)}, selects=True
    ),
    "task_type": Option({"type": "list", "elements": "str"}, selects=True),
    "task_name": Option({"type": "list", "elements": "str"}, selects=True, holds_ids=True),
    "app_id": Option({"type": "str"}, selects=True, holds_ids=True),
}
OPTIONS: dict[str, Option] = {
    **RULE,
    "rules": Option({"type": "list", "elements": "dict"}, selects=True, entries=RULE),
    "protect": Option({"type": "list", "elements": "str"}, selects=True, holds_ids=True),
    "max_deletions": Option({"type": "int", "default": 1000}, limits=(0, _MANY, "")),
    "tasks_file": Option({"type": "path"}),
    "concurrency": CONCURRENCY,
    **REPORTING,
}
ARGUMENT_SPEC = specs_of(OPTIONS)


def prune_tasks(context: ModuleContext) -> Result:
    """Delete what the options select, or predict it."""
    rules = parse_rules(context.options)
    started = time.monotonic()
    result = prune(context.client(), rules, context.options, context.check_mode, context.diff, context.warn)
    return {**result, "elapsed": round(time.monotonic() - started, 3)}


def main() -> None:
    """Run the module."""
    run_module(
        prune_tasks,
        OPTIONS,
        required_one_of=[("older_than", "created_before", "keep_last", "rules")],
        mutually_exclusive=[("older_than", "created_before"), *(("rules", name) for name in RULE)],
    )


if __name__ == "__main__":
    main()
