#!/usr/bin/python

# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: batch_task
short_description: Delete batch tasks of Huawei Cloud IoTDA
version_added: 1.0.0
description:
  - Brings batch tasks of Huawei Cloud IoT Device Access (IoTDA), named by their IDs, to a state.
  - Deletes any number of them in one run, several at a time, and returns the outcome of each.
  - A task counts as already absent only if IoTDA itself says so. The 404 of a gateway, of a wrong path or of any other
    server is a failure, so that a wrong O(endpoint) never reads as success.
  - The failure of one task does not stop the others. But ten tasks in a row can fail for reasons that are not their
    own, when nobody answers, no credentials are accepted, the service has internal errors, or it throttles until
    O(retry_timeout) is over. Then the rest is not tried, and RV(tasks[].msg) of each of them says so.
author:
  - The huaweicloud.iotda authors (@huaweicloud-iotda)
extends_documentation_fragment:
  - huaweicloud.iotda.attributes
  - huaweicloud.iotda.attributes.action_group
  - huaweicloud.iotda.connection
  - huaweicloud.iotda.connection.instance
attributes:
  check_mode:
    support: full
    details:
      - Only GET requests are sent to IoTDA, as a rule one for each ID. They predict what the run would do, failures
        included.
      - Other requests can come first, as in every run. These are a login at IAM (POST) with a password, a search for
        the project ID at IAM (GET), and a request for a token to the metadata service of an ECS (PUT). None of them
        changes anything in IoTDA.
      - With O(wait=true) or O(force=true), an unfinished task is predicted to finish in time.
      - Whether the credentials may delete cannot be predicted, since only the deletion itself tells.
  diff_mode:
    support: full
    details:
      - RV(ignore:before) lists the tasks that are deleted. A run without check mode reads nothing first, and knows only
        their IDs.
  idempotent:
    support: full
options:
  task_id:
    description:
      - The IDs of the batch tasks, each of at most 24 digits and letters from V(a) to V(f), in lower case.
      - An ID that is given more than once counts once. With an empty list there is nothing to do, and nothing is sent.
    type: list
    elements: str
    required: true
    aliases:
      - task_ids
  state:
    description:
      - With V(absent), the batch tasks do not exist afterwards. IoTDA deletes only finished tasks, which are those in
        the status C(Success), C(Fail), C(PartialSuccess) or C(Stopped).
    type: str
    required: true
    choices:
      - absent
  wait:
    description:
      - Whether to wait for a task that has not finished, and to delete it then.
    type: bool
    default: false
  wait_timeout:
    description:
      - How many seconds to wait for all of the unfinished tasks together, 30 days at most. The last look at a task may
        take O(retry_timeout) longer.
    type: int
    default: 600
  wait_delay:
    description:
      - How many seconds to wait between two looks at the unfinished tasks, a day at most.
    type: int
    default: 5
  force:
    description:
      - Whether to stop an unfinished task of the type C(softwareUpgrade) or C(firmwareUpgrade), to wait until it has
        stopped, for at most O(wait_timeout), and to delete it then.
      - Tasks of other types cannot be stopped, and make the module fail unless O(wait=true) is set, too.
    type: bool
    default: false
  concurrency:
    description:
      - How many requests are under way at once, from V(1) to V(64).
    type: int
    default: 10
seealso:
  - name: Deleting a batch task
    description: The page of the API on which this module rests.
    link: https://support.huaweicloud.com/intl/en-us/api-iothub/DeleteBatchTask.html
"""

EXAMPLES = r"""
- name: Delete one finished batch task, with credentials from the environment
  huaweicloud.iotda.batch_task:
    region: cn-north-4
    task_id: 5c8ba99030344005c02316ad
    state: absent

- name: Delete many, with the connection given once for all modules of the collection
  module_defaults:
    group/huaweicloud.iotda.all:
      endpoint: "{{ iotda_endpoint }}"
      project_id: "{{ iotda_project_id }}"
      auth_token: "{{ iotda_token }}"
  block:
    - name: Delete a list of batch tasks, twenty at a time
      huaweicloud.iotda.batch_task:
        task_id: "{{ finished_task_ids }}"
        state: absent
        concurrency: 20
      register: deleted

    - name: Show how many there were of each outcome
      ansible.builtin.debug:
        var: deleted.summary

- name: Wait up to an hour for a task that is still running, then delete it
  huaweicloud.iotda.batch_task:
    region: cn-north-4
    task_id: 5c8ba99030344005c02316ad
    state: absent
    wait: true
    wait_timeout: 3600
    wait_delay: 30

- name: Stop a firmware upgrade that is under way, and delete it
  huaweicloud.iotda.batch_task:
    region: cn-north-4
    task_id: 5c8ba99030344005c02316ad
    state: absent
    force: true
"""

RETURN = r"""
tasks:
  description:
    - What became of each batch task, in the order of O(task_id).
  returned: when the connection could be made
  type: list
  elements: dict
  contains:
    task_id:
      description: The ID.
      type: str
      returned: always
      sample: 5c8ba99030344005c02316ad
    outcome:
      description:
        - V(deleted) when the service said that it deleted the task. In check mode, when it is predicted to.
        - V(absent) when IoTDA said that the task does not exist.
        - V(deleted_unconfirmed) when IoTDA said that the task does not exist, but an earlier attempt of this run, whose
          answer was lost, may be what deleted it.
        - V(failed) for everything else.
      type: str
      returned: always
      sample: deleted
    attempts:
      description: How many times the deletion was sent; V(0) in check mode.
      type: int
      returned: always
      sample: 1
    msg:
      description: Why it failed, and what to do next.
      type: str
      returned: when RV(tasks[].outcome) is V(failed)
    http_status:
      description: The HTTP status of the answer that decided.
      type: int
      returned: when there was an answer
      sample: 204
    error_code:
      description: The code of the error as the service gave it.
      type: str
      returned: when the answer had one
      sample: APIGW.0302
    error_msg:
      description: The text of the error as the service gave it.
      type: str
      returned: when the answer had one
    request_id:
      description: The ID under which the service knows the request.
      type: str
      returned: when the answer had one
    task_name:
      description: The name of the task.
      type: str
      returned: when the task was read
    task_type:
      description: The type of the task.
      type: str
      returned: when the task was read
      sample: freezeDevices
    status:
      description: The status of the task when it was last read.
      type: str
      returned: when the task was read
      sample: Processing
    create_time:
      description: When the task was created, in UTC.
      type: str
      returned: when the task was read
      sample: 20190303T084300Z
summary:
  description: How many tasks had each outcome.
  returned: when the connection could be made
  type: dict
  sample:
    absent: 1
    deleted: 9
    deleted_unconfirmed: 0
    failed: 0
http_status:
  description: Of the first task that failed, the HTTP status.
  returned: on failure, when there was an answer
  type: int
  sample: 403
error_code:
  description: Of the first task that failed, the code of the error as the service gave it.
  returned: on failure, when the answer had one
  type: str
  sample: APIGW.0302
error_msg:
  description: Of the first task that failed, the text of the error as the service gave it.
  returned: on failure, when the answer had one
  type: str
request_id:
  description: Of the first task that failed, the ID under which the service knows the request.
  returned: on failure, when the answer had one
  type: str
hint:
  description: What to do next, where the cause of the failure is known.
  returned: on failure, when the cause is known
  type: str
credential_source:
  description: Which source the credentials came from; never what it held.
  returned: on failure, when credentials were found
  type: str
  sample: environment (HW_ACCESS_KEY, HW_SECRET_KEY)
"""

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.delete import (
    DeleteOptions,
    delete_tasks,
    predict_deletions,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.ids import parse_task_ids
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.results import build_result
from ansible_collections.huaweicloud.iotda.plugins.module_utils._module.argument_spec import CONCURRENCY
from ansible_collections.huaweicloud.iotda.plugins.module_utils._module.runner import ModuleContext, Result, run_module

ARGUMENT_SPEC = {
    "task_id": {"type": "list", "elements": "str", "required": True, "aliases": ["task_ids"]},
    "state": {"type": "str", "required": True, "choices": ["absent"]},
    "wait": {"type": "bool", "default": False},
    "wait_timeout": {"type": "int", "default": 600},
    "wait_delay": {"type": "int", "default": 5},
    "force": {"type": "bool", "default": False},
    "concurrency": CONCURRENCY,
}


def remove(run: ModuleContext) -> Result:
    """Delete the tasks that the options name, or predict it."""
    options = run.options
    task_ids = parse_task_ids(options["task_id"])
    plan = DeleteOptions(
        wait=options["wait"],
        wait_timeout=options["wait_timeout"],
        wait_delay=options["wait_delay"],
        force=options["force"],
        concurrency=options["concurrency"],
    )
    if not task_ids:
        return build_result([], run.warn)
    act = predict_deletions if run.check_mode else delete_tasks
    return build_result(act(run.client(), task_ids, plan), run.warn)


def main() -> None:
    """Run the module."""
    run_module(remove, ARGUMENT_SPEC)


if __name__ == "__main__":
    main()
