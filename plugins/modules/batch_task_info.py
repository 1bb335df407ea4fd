#!/usr/bin/python

# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: batch_task_info
short_description: Read batch tasks of Huawei Cloud IoTDA
version_added: 1.0.0
description:
  - Reads batch tasks of Huawei Cloud IoT Device Access (IoTDA), by their IDs or by filters, with or without their
    subtasks (one for each device, with its result).
  - With neither O(task_id) nor a filter, all batch tasks are read.
  - IoTDA lists one type of task at a time. So the module reads a list for each type, several at the same time, and
    merges them. That takes one request for each type, and about one more for every further 50 tasks of the type. With
    O(status), there is a list for each type and status.
  - The pages of a long list are read several at a time as well. They are read one after the other if O(created_after)
    is set, or if O(limit) is combined with several types or with other filters.
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
      - This module changes nothing, so check mode makes no difference. Only GET requests are sent to IoTDA.
      - As in every run, other requests can come first, POST and PUT among them, to obtain credentials or to look up the
        project ID. They go to IAM, STS, the metadata service of an ECS or the pod identity of CCE, and change nothing
        in IoTDA.
  diff_mode:
    support: N/A
    details:
      - This module changes nothing.
  idempotent:
    support: full
options:
  task_id:
    description:
      - Read only the tasks with these IDs. A task that does not exist is left out. With an empty list, the module does
        nothing.
      - Cannot be combined with filters.
    type: list
    elements: str
    aliases:
      - task_ids
  app_id:
    description: Only tasks of the resource space with this ID. If omitted, tasks of all resource spaces.
    type: str
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
  status:
    description: Only tasks with one of these statuses, spelled as in the API.
    type: list
    elements: str
    choices: [Initializing, Waitting, Processing, Success, Fail, PartialSuccess, Stopped, Stopping]
  task_name:
    description:
      - Only tasks whose whole name matches one of these shell patterns, such as V(nightly_*). The match is
        case-sensitive.
      - The service cannot filter by name, so this saves no request.
    type: list
    elements: str
  created_before:
    description:
      - Only tasks created before this time, given as ISO 8601 (V(2026-01-31T00:00:00Z)) or in the format of the API
        (V(20260131T000000Z)), in UTC unless it has an offset.
      - A task whose C(create_time) is missing or unreadable is left out.
    type: str
  created_after:
    description: Only tasks created at this time or later, in the same formats as O(created_before).
    type: str
  limit:
    description:
      - The maximum number of tasks to return, newest first, at least V(1). If omitted, all tasks are returned. Lists
        are read only as far as needed.
    type: int
  details:
    description:
      - If true, the subtasks are returned as well, in RV(batch_tasks[].task_details), and the failed ones also in
        RV(batch_tasks[].failed_targets).
    type: bool
    default: false
  detail_status:
    description:
      - Only subtasks with this status. Needs O(details=true). V(DeviceInProgress) and V(Rejected) are undocumented.
    type: str
    choices: [Processing, Success, Fail, Waitting, FailWaitRetry, Stopped, Removed, DeviceInProgress, Rejected]
  include_output:
    description:
      - If true, the C(output) of subtasks is returned. It can contain secrets of devices, so set C(no_log=true) on the
        task. Needs O(details=true).
    type: bool
    default: false
  concurrency:
    description: The maximum number of concurrent requests, from V(1) to V(64).
    type: int
    default: 10
seealso:
  - module: huaweicloud.iotda.batch_task
  - module: huaweicloud.iotda.batch_task_prune
"""

EXAMPLES = r"""
- name: Read the ten newest firmware upgrades that failed, at least in part
  huaweicloud.iotda.batch_task_info:
    region: cn-north-4
    task_type: firmwareUpgrade
    status:
      - Fail
      - PartialSuccess
    limit: 10
  register: upgrades

- name: Show which devices failed in one of them, and why
  huaweicloud.iotda.batch_task_info:
    region: cn-north-4
    task_id: 5c8ba99030344005c02316ad
    details: true
    detail_status: Fail
  register: failures

- name: Delete the finished batch tasks with certain names
  block:
    - name: Find them
      huaweicloud.iotda.batch_task_info:
        region: cn-north-4
        task_name: freeze_lost_*
        task_type: freezeDevices
        status: [Success, Fail, PartialSuccess, Stopped]
      register: found

    - name: Delete what was found
      huaweicloud.iotda.batch_task:
        region: cn-north-4
        task_id: "{{ found.batch_tasks | map(attribute='task_id') | list }}"
        state: absent
"""

RETURN = r"""
check_mode:
  description: True if this run was in check mode.
  returned: unless Ansible itself refused the options
  type: bool
  sample: false
batch_tasks:
  description: The tasks, newest first, with the field names and values of the API.
  returned: success
  type: list
  elements: dict
  contains:
    task_id:
      description: The ID of the task.
      type: str
      returned: always
      sample: 5c8ba99030344005c02316ad
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
    status_desc:
      description: Why the task as a whole failed.
      type: str
      returned: when the service returns it
    create_time:
      description: When the task was created, in UTC.
      type: str
      returned: when the service returns it
      sample: 20190303T084300Z
    task_progress:
      description: How many subtasks have each status. The service spells one of them C(waitting).
      type: dict
      returned: when the service returns it
      sample:
        success: 2
        total: 2
    targets:
      description: The IDs of the devices that were given to the task.
      type: list
      elements: str
      returned: when the service returns it
    task_details:
      description: The subtasks, one for each device.
      type: list
      elements: dict
      returned: when O(details=true)
      contains:
        target:
          description: The device.
          type: str
          returned: when the service returns it
        status:
          description: The status of the subtask.
          type: str
          returned: when the service returns it
          sample: Fail
        output:
          description: The output of a subtask that succeeded, which can contain the secret of a device.
          type: str
          returned: when O(include_output=true) and the service returns it
        error:
          description: Why a subtask failed, as C(error_code) and C(error_msg).
          type: dict
          returned: when the service returns it
          sample:
            error_code: IOTDA.014016
            error_msg: Operation not allowed. The device is not online.
    failed_targets:
      description:
        - The subtasks with the status C(Fail), C(FailWaitRetry) (which IoTDA will retry) or C(Rejected), one entry for
          each, sorted by error. A value that the service does not return is an empty string.
      type: list
      elements: dict
      returned: when O(details=true)
      contains:
        target:
          description: The device.
          type: str
          returned: always
          sample: meter_0001
        status:
          description: The status of the subtask.
          type: str
          returned: always
          sample: Fail
        error_code:
          description: The error code.
          type: str
          returned: always
          sample: IOTDA.014016
        error_msg:
          description: The error message.
          type: str
          returned: always
          sample: Operation not allowed. The device is not online.
count:
  description: How many tasks were returned.
  returned: success
  type: int
  sample: 1
skipped_types:
  description: Known types that the service refused as invalid. Their tasks were not read.
  returned: success
  type: list
  elements: str
  sample:
    - changeGateway
http_status:
  description: The HTTP status of the failed request.
  returned: on failure, when there was a response
  type: int
  sample: 403
error_code:
  description: The error code that the service returned.
  returned: on failure, when the response had one
  type: str
  sample: APIGW.0302
error_msg:
  description: The error message that the service returned.
  returned: on failure, when the response had one
  type: str
request_id:
  description: The request ID that the service returned.
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
    - method: GET
      path: /v5/iot/09968f1d01b7446eafde0b3704e74070/batchtasks/5c8ba99030344005c02316ad
      status: 503
      attempt: 2
      request_id: a1b2c3d4e5f60718293a4b5c6d7e8f90
      ms: 48
"""

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.python import refuse_old_python

refuse_old_python()

from ansible_collections.huaweicloud.iotda.plugins.module_utils._account.options import CONCURRENCY, Option, specs_of
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import (
    FINISHED,
    SUBTASK_STATUSES,
    UNFINISHED,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.read import parse_read_options, read_tasks
from ansible_collections.huaweicloud.iotda.plugins.module_utils._module.runner import ModuleContext, Result, run_module

OPTIONS: dict[str, Option] = {
    "task_id": Option(
        {"type": "list", "elements": "str", "aliases": ["task_ids"]}, selects=True, may_be_empty=True, holds_ids=True
    ),
    "app_id": Option({"type": "str"}, selects=True, holds_ids=True),
    "task_type": Option({"type": "list", "elements": "str"}, selects=True),
    "status": Option({"type": "list", "elements": "str", "choices": [*FINISHED, *UNFINISHED]}, selects=True),
    "task_name": Option({"type": "list", "elements": "str"}, selects=True, holds_ids=True),
    "created_before": Option({"type": "str"}, selects=True),
    "created_after": Option({"type": "str"}, selects=True),
    "limit": Option({"type": "int"}, limits=(1, 1_000_000_000, ""), selects=True),
    "details": Option({"type": "bool", "default": False}),
    "detail_status": Option({"type": "str", "choices": list(SUBTASK_STATUSES)}, selects=True),
    "include_output": Option({"type": "bool", "default": False}),
    "concurrency": CONCURRENCY,
}
ARGUMENT_SPEC = specs_of(OPTIONS)


def read(context: ModuleContext) -> Result:
    """Read the tasks that the options ask for."""
    options = parse_read_options(context.options)
    nothing = options.task_ids == []
    tasks, skipped_types = ([], []) if nothing else read_tasks(context.client(), options)
    return {"changed": False, "batch_tasks": tasks, "count": len(tasks), "skipped_types": skipped_types}


def main() -> None:
    """Run the module."""
    run_module(read, OPTIONS)


if __name__ == "__main__":
    main()
