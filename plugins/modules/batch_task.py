#!/usr/bin/python

# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: batch_task
short_description: Create, stop, retry, confirm and delete batch tasks of Huawei Cloud IoTDA
version_added: 1.0.0
description:
  - Manages batch tasks of Huawei Cloud IoT Device Access (IoTDA).
  - With O(state=present), creates one batch task, identified by O(task_name) and O(task_type). If the response to the
    create request is lost, the module reads the list of tasks before it sends anything again.
  - With any other O(state), stops, retries, confirms or deletes the batch tasks in O(task_id), several at the same
    time, and returns the outcome of each.
  - A task counts as absent only if IoTDA itself says so. A 404 from any other server, such as a gateway, or for a wrong
    path is a failure. But IoTDA gives the same response for a task of another instance or project, so a wrong
    O(endpoint), O(instance_id) or O(project_id) can look like success.
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
      - Only GET requests are sent to IoTDA, and nothing is uploaded. From the responses, the module predicts what the
        run would do, failures included.
      - As in every run, other requests can come first, POST and PUT among them, to obtain credentials or to look up the
        project ID. They go to IAM, STS, the metadata service of an ECS or the pod identity of CCE, and change nothing
        in IoTDA.
      - With O(wait=true) or O(force=true), an unfinished task is predicted to finish in time, and with a status that
        O(accept) lists.
      - Check mode cannot predict whether the credentials have the required permissions, or whether the service accepts
        the content of a file or of O(document).
  diff_mode:
    support: full
    details:
      - RV(ignore:before) and RV(ignore:after) show the tasks that are created, changed or deleted. Outside check mode,
        a deletion usually shows only the IDs, because tasks are not read before they are deleted.
  idempotent:
    support: full
    details:
      - IoTDA accepts several tasks with the same name. If several hosts of a play, or several runs, create the same
        task at the same time, none of them finds it, and each creates one. After it has created a task, the module
        lists the newest tasks once more, and a warning names any duplicates. In a play with several hosts, set
        C(run_once) on a task with O(state=present).
options:
  state:
    description:
      - With V(absent), the batch tasks do not exist afterwards. IoTDA deletes only finished tasks, whose status is
        C(Success), C(Fail), C(PartialSuccess) or C(Stopped). For unfinished ones, see O(wait) and O(force). If an ID is
        absent and shorter than the usual 24 characters, a warning says so, since it may have been truncated.
      - With V(present), there is a batch task with the name O(task_name) and the type O(task_type), in O(app_id) if
        given. An existing task is not changed, and a warning names the fields that differ from the options. If
        there are several, the newest is returned, with a warning.
      - If the response to the create request is lost and two reads of the list do not show the task, the request is
        sent again, until O(retry_timeout) expires. If it is still not known whether the task exists, the module fails
        with C(changed=true). Wait as long as the message says before you run it again.
      - With V(stopped), a C(softwareUpgrade) or C(firmwareUpgrade) in progress is stopped. A task that has finished or
        is stopping already is not changed. An unfinished task of another type makes the module fail.
      - With V(retried), the module retries the devices that failed or were stopped in a C(softwareUpgrade) or
        C(firmwareUpgrade). A task without such devices is not changed. A task that was stopped as a whole is not
        changed either, since IoTDA cannot retry it, and a warning says so.
      - With V(confirmed), the module starts those devices of a C(softwareUpgrade), C(firmwareUpgrade) or
        C(moduleUpgrade) that are waiting for confirmation. A task in which no device waits is not changed.
      - A stop, retry or confirm request that may have reached IoTDA is not sent again. If its response is lost, the
        module reads the task, and reports success only if the task shows something that only this request can have
        caused. Otherwise the module fails with C(changed=true) and a warning. There is one exception. If the response
        to a stop is lost and the task, or a device in O(targets), has finished with a status other than C(Stopped),
        that is no failure, and the outcome is C(stopped_unconfirmed). The same rules apply to a device that is in
        O(targets) but not in the response.
    type: str
    required: true
    choices: [absent, present, stopped, retried, confirmed]
  task_id:
    description:
      - The IDs of the batch tasks. Each has at most 24 characters, which are digits and the lowercase letters V(a) to
        V(f).
      - An ID that is listed more than once counts once. With an empty list, the module does nothing.
      - Required with every O(state) except V(present), which does not accept it.
    type: list
    elements: str
    aliases:
      - task_ids
  task_name:
    description:
      - The name of the batch task, of at most 128 letters, digits, underscores and Chinese characters.
      - Required with O(state=present), and not accepted with any other state.
    type: str
  task_type:
    description:
      - The type of the batch task, such as V(freezeDevices), V(unfreezeDevices), V(deleteDevices), V(createDevices),
        V(updateDevices), V(createCommands), V(createAsyncCommands), V(createMessages), V(updateDeviceShadows),
        V(softwareUpgrade), V(firmwareUpgrade) or V(moduleUpgrade).
      - Required with O(state=present), and not accepted with any other state.
    type: str
  app_id:
    description:
      - The ID of the resource space of the batch task. If omitted, the module looks for the task in all resource
        spaces, and creates it in the default one. Valid only with O(state=present).
    type: str
  targets:
    description:
      - IDs of devices. With O(state=present), the devices of the new task, at most 30,000.
      - With V(stopped), V(retried) or V(confirmed), and exactly one O(task_id), only these devices of the task are
        stopped, retried or confirmed, in requests of at most 100 devices.
      - A new task needs exactly one of O(targets), O(group_ids) and O(src); for C(moduleUpgrade) and types not listed
        under O(task_type), only IoTDA checks that one is set. C(createDevices) and C(updateDevices) accept only O(src).
        O(src) is accepted only for them and for C(deleteDevices), C(freezeDevices) and C(unfreezeDevices).
    type: list
    elements: str
  group_ids:
    description:
      - The IDs of the device groups of the new task. Valid only with O(state=present).
      - IoTDA accepts an unknown group. The task then fails, which you see only with O(wait=true).
    type: list
    elements: str
  src:
    description:
      - A spreadsheet that lists the devices of the new task, on the host where the module runs. It must be an C(.xlsx)
        or C(.xls) file of at most 2 MiB, without a password. A relative path begins in the directory of the playbook on
        a local connection, and in the home directory of the remote user otherwise. Valid only with O(state=present).
      - Start from the official template for the task type (C(BatchCreateDevices_Template.xlsx),
        C(BatchDeleteDevices_Template.xlsx), C(BatchFreezeDevices_Template.xlsx) or
        C(BatchUnfreezeDevices_Template.xlsx)), and keep its header and columns. The console offers the templates, and
        so does the page "Uploading a batch task file" of the API reference, which has none for C(updateDevices).
      - The file is uploaded only if the task is to be created, and deleted again if the creation is refused. IoTDA uses
        an uploaded file once, and deletes it after one hour.
      - A missing file is an error only if the task is to be created.
    type: path
  document:
    description:
      - What the task does, as the API describes it for each type, such as C(package_ids) for an upgrade. Valid only
        with O(state=present).
    type: dict
  schedule_time:
    description:
      - When the new task starts, within the next 7 days, as ISO 8601 (V(2026-01-31T00:00:00Z)) or in the format of the
        API (V(20260131T000000Z)), in UTC unless it has an offset. If omitted, the task starts immediately. Valid only
        with O(state=present).
      - A time in the past, or too far ahead, is an error only if the task is to be created.
    type: str
  retry_count:
    description:
      - How many times IoTDA itself retries a device of the new task, from V(1) to V(5). Needs O(retry_interval). Valid
        only with O(state=present).
    type: int
  retry_interval:
    description:
      - How many minutes IoTDA waits before it retries a device, from V(0) to V(1440). Needs O(retry_count). Valid only
        with O(state=present).
    type: int
  gateway_mode:
    description:
      - If V(true), an upgrade (C(softwareUpgrade), C(firmwareUpgrade)) of child devices goes through their gateways.
        Valid only with O(state=present).
    type: bool
    default: false
  need_confirm:
    description:
      - If V(true), the devices of an upgrade (C(softwareUpgrade), C(firmwareUpgrade), C(moduleUpgrade)) wait until they
        are confirmed with O(state=confirmed). Valid only with O(state=present).
    type: bool
    default: false
  ext_info:
    description:
      - Additional information about an upgrade (C(softwareUpgrade), C(firmwareUpgrade)), of at most 512 characters when
        written as JSON. Valid only with O(state=present).
    type: dict
  accept:
    description:
      - The final statuses that count as success with O(wait=true), for O(state=present), V(retried) and V(confirmed).
      - If omitted, only C(Success).
    type: list
    elements: str
    choices: [Success, Fail, PartialSuccess, Stopped]
  wait:
    description:
      - With O(state=absent), wait until an unfinished task has finished, then delete it.
      - With O(state=stopped), wait until the task has stopped or finished. With O(targets), wait only until these
        devices are no longer in progress.
      - With the other states, wait until the task has finished, and fail unless O(accept) lists its status. With
        V(retried), the status from before the retry does not count. An upgrade can take days, so it is rarely
        practical to wait for one.
      - If somebody else deletes the task meanwhile, the module fails, except with O(state=absent).
    type: bool
    default: false
  wait_timeout:
    description:
      - Total seconds to wait for all unfinished tasks, at most 2592000 (30 days). The last read of a task may take up
        to O(retry_timeout) longer.
    type: int
    default: 600
  wait_delay:
    description:
      - Seconds between two reads of the unfinished tasks, and between two reads after a lost response, at most 86400.
    type: int
    default: 5
  force:
    description:
      - With O(state=absent), stop an unfinished C(softwareUpgrade) or C(firmwareUpgrade), wait until it has stopped,
        for at most O(wait_timeout), then delete it.
      - Tasks of other types cannot be stopped. They make the module fail, unless O(wait=true) is set as well.
    type: bool
    default: false
  concurrency:
    description: The maximum number of concurrent requests, from V(1) to V(64).
    type: int
    default: 10
seealso:
  - module: huaweicloud.iotda.batch_task_info
  - module: huaweicloud.iotda.batch_task_prune
  - name: Creating a batch task
    description: API reference page for O(state=present), with the fields of O(document).
    link: https://support.huaweicloud.com/intl/en-us/api-iothub/iot_06_v5_0045.html
  - name: Uploading a batch task file
    description: API reference page for O(src), with the templates.
    link: https://support.huaweicloud.com/intl/en-us/api-iothub/iot_06_v5_0021.html
  - name: Stopping a batch task
    description: API reference page for O(state=stopped).
    link: https://support.huaweicloud.com/intl/en-us/api-iothub/StopBatchTask.html
  - name: Deleting a batch task
    description: API reference page for O(state=absent).
    link: https://support.huaweicloud.com/intl/en-us/api-iothub/DeleteBatchTask.html
"""

EXAMPLES = r"""
- name: Delete one finished batch task, with credentials from the environment
  huaweicloud.iotda.batch_task:
    region: cn-north-4
    task_id: 5c8ba99030344005c02316ad
    state: absent

- name: Delete many tasks, with the connection set once for all modules of the collection
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

    - name: Show how many tasks had each outcome
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

- name: Stop a firmware upgrade in progress, then delete it
  huaweicloud.iotda.batch_task:
    region: cn-north-4
    task_id: 5c8ba99030344005c02316ad
    state: absent
    force: true

- name: Freeze two devices, and wait until the task has finished
  huaweicloud.iotda.batch_task:
    region: cn-north-4
    state: present
    task_name: freeze_lost_meters
    task_type: freezeDevices
    targets:
      - meter_0001
      - meter_0002
    wait: true

- name: Freeze the devices in a spreadsheet, which is based on BatchFreezeDevices_Template.xlsx
  huaweicloud.iotda.batch_task:
    region: cn-north-4
    state: present
    task_name: freeze_lost_meters_of_november
    task_type: freezeDevices
    src: lost_meters.xlsx
  run_once: true

- name: Create a firmware upgrade of a device group, which waits to be confirmed
  huaweicloud.iotda.batch_task:
    region: cn-north-4
    state: present
    task_name: meters_firmware_2_4
    task_type: firmwareUpgrade
    group_ids:
      - first_wave
    document:
      package_ids:
        - 5c8ba99030344005c02316ad
    need_confirm: true
    retry_count: 3
    retry_interval: 60
  register: upgrade

- name: Confirm the upgrade, so that it starts
  huaweicloud.iotda.batch_task:
    region: cn-north-4
    state: confirmed
    task_id: "{{ upgrade.batch_task.task_id }}"

- name: Retry the upgrade on the failed devices
  huaweicloud.iotda.batch_task:
    region: cn-north-4
    state: retried
    task_id: "{{ upgrade.batch_task.task_id }}"

- name: Stop the upgrade on two devices only
  huaweicloud.iotda.batch_task:
    region: cn-north-4
    state: stopped
    task_id: "{{ upgrade.batch_task.task_id }}"
    targets:
      - meter_0001
      - meter_0002
"""

RETURN = r"""
check_mode:
  description: True if this run was in check mode.
  returned: unless Ansible itself refused the options
  type: bool
  sample: false
tasks:
  description:
    - The outcome of each batch task that O(returned) selects, in the order of O(task_id). With O(state=present), at
      most one.
  returned: unless the options or credentials are unusable, or the first read of the list with O(state=present) fails
  type: list
  elements: dict
  contains:
    task_id:
      description: The ID of the task.
      type: str
      returned: always, except with O(state=present) if no task was found or created
      sample: 5c8ba99030344005c02316ad
    outcome:
      description:
        - V(deleted) when IoTDA confirmed that it deleted the task.
        - V(absent) when IoTDA said that the task does not exist.
        - V(deleted_unconfirmed) when IoTDA said that the task does not exist, but an earlier attempt of this run, which
          IoTDA did not confirm, may have deleted it.
        - V(created) when the task was created, or, with a warning, when the response was lost and a task of this name
          and type has appeared since. V(exists) when it existed already.
        - V(stopped), V(retried) or V(confirmed) when that was done, V(unchanged) when there was nothing to do.
        - V(stopped_unconfirmed) when the response to the stop was lost and the task, or a device in O(targets), has
          finished since, with a status other than C(Stopped).
        - V(failed) for everything else.
        - In check mode, the predicted outcome.
      type: str
      returned: always
      sample: deleted
    attempts:
      description: How many times the delete, create, stop, retry or confirm request was sent, V(0) in check mode.
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
      sample: APIGW.0302
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
    targets_succeeded:
      description: How many devices IoTDA stopped, retried or confirmed.
      type: int
      returned: when IoTDA reports individual devices
      sample: 99
    targets_failed:
      description: How many devices IoTDA did not stop, retry or confirm.
      type: int
      returned: when IoTDA reports individual devices
      sample: 1
    failed_targets:
      description:
        - The devices that IoTDA did not stop, retry or confirm.
        - If the module waited, and O(accept) does not list the final status of the task, the devices that failed in
          this task, at most 50. M(huaweicloud.iotda.batch_task_info) with
          O(huaweicloud.iotda.batch_task_info#module:details=true) lists all.
      type: list
      elements: dict
      returned: when devices failed
      contains:
        target:
          description: The device.
          type: str
          returned: always
          sample: meter_0001
        status:
          description: The status of its subtask.
          type: str
          returned: with O(wait=true)
          sample: Fail
        error_code:
          description: The error code that the service returned.
          type: str
          returned: when there is one
          sample: IOTDA.014219
        error_msg:
          description: The error message that the service returned.
          type: str
          returned: when there is one
          sample: Invalid input. The target is not in the task.
    failed_targets_total:
      description: How many devices failed in this task.
      type: int
      returned: when RV(tasks[].failed_targets) lists only the first of them
      sample: 731
outcome:
  description: The outcome of the task, as in RV(tasks[].outcome).
  returned: with O(state=present), when RV(tasks) is returned
  type: str
  sample: created
batch_task:
  description:
    - The task, with the field names and values of the API, which returns neither C(app_id) nor the file. In check mode,
      a task that would be created has only what the options set.
  returned: with O(state=present), when the task exists or would be created
  type: dict
  sample:
    create_time: 20190303T084300Z
    status: Initializing
    targets:
      - meter_0001
    task_id: 5c8ba99030344005c02316ad
    task_name: freeze_lost_meters
    task_type: freezeDevices
summary:
  description: How many tasks had each outcome that is possible for O(state).
  returned: when RV(tasks) is returned
  type: dict
  sample:
    absent: 1
    deleted: 9
    deleted_unconfirmed: 0
    failed: 0
http_status:
  description: The HTTP status of the response for the first task that failed.
  returned: on failure, when there was a response
  type: int
  sample: 403
error_code:
  description: The error code that the service returned for the first task that failed.
  returned: on failure, when the response had one
  type: str
  sample: APIGW.0302
error_msg:
  description: The error message that the service returned for the first task that failed.
  returned: on failure, when the response had one
  type: str
request_id:
  description: The request ID that the service returned for the first task that failed.
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

from typing import Any

from ansible_collections.huaweicloud.iotda.plugins.module_utils._account.options import (
    CONCURRENCY,
    DAY,
    REPORTING,
    Option,
    specs_of,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import (
    FINISHED,
    parse_targets,
    parse_task_ids,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.engine import (
    Run,
    RunOptions,
    open_log,
    verb_of,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.outcomes import OUTCOMES, Collector
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._module.runner import ModuleContext, Result, run_module

_OF_ONE_TASK = ("absent", "stopped", "retried", "confirmed")
_NEW = ("present",)
OPTIONS: dict[str, Option] = {
    "state": Option({"type": "str", "required": True, "choices": list(OUTCOMES)}),
    "task_id": Option(
        {"type": "list", "elements": "str", "aliases": ["task_ids"]},
        states=_OF_ONE_TASK,
        required=True,
        selects=True,
        may_be_empty=True,
        holds_ids=True,
    ),
    "task_name": Option({"type": "str"}, states=_NEW, required=True, selects=True, holds_ids=True),
    "task_type": Option({"type": "str"}, states=_NEW, required=True, selects=True),
    "app_id": Option({"type": "str"}, states=_NEW, selects=True, holds_ids=True),
    "targets": Option(
        {"type": "list", "elements": "str"},
        states=("present", "stopped", "retried", "confirmed"),
        selects=True,
        holds_ids=True,
    ),
    "group_ids": Option({"type": "list", "elements": "str"}, states=_NEW, selects=True, holds_ids=True),
    "src": Option({"type": "path"}, states=_NEW),
    "document": Option({"type": "dict"}, states=_NEW),
    # Left out, an upgrade begins at once.
    "schedule_time": Option({"type": "str"}, states=_NEW, selects=True),
    "retry_count": Option({"type": "int"}, limits=(1, 5, ""), states=_NEW),
    "retry_interval": Option({"type": "int"}, limits=(0, 1440, ""), states=_NEW),
    "gateway_mode": Option({"type": "bool", "default": False}, states=_NEW),
    "need_confirm": Option({"type": "bool", "default": False}, states=_NEW),
    "ext_info": Option({"type": "dict"}, states=_NEW),
    "accept": Option(
        {"type": "list", "elements": "str", "choices": list(FINISHED)}, states=("present", "retried", "confirmed")
    ),
    "wait": Option({"type": "bool", "default": False}),
    "wait_timeout": Option({"type": "int", "default": 600}, limits=(0, 30 * DAY, " seconds")),
    "wait_delay": Option({"type": "int", "default": 5}, limits=(0, DAY, " seconds")),
    "force": Option({"type": "bool", "default": False}, states=("absent",)),
    "concurrency": CONCURRENCY,
    **REPORTING,
}
ARGUMENT_SPEC = specs_of(OPTIONS)


def ensure_state(context: ModuleContext) -> Result:
    """Bring the tasks that the options name to the state that they name, or predict it."""
    options = context.options
    _check_states(options)
    run_options = _run_options(options, context.check_mode)
    if options["state"] == "present":
        from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.create import run_present

        return run_present(context.client, options, run_options, context.warn)
    task_ids = parse_task_ids(options["task_id"])
    targets = run_options.targets
    if targets and len(task_ids) != 1:
        raise ConfigurationError(f"targets needs exactly one task_id, not {len(task_ids)}")
    collector = Collector(options["state"], options["returned"], context.diff, targets)
    if not task_ids:
        return collector.build(context.warn)
    client = context.client()
    with open_log(options["audit_log"], client, options["state"], context.check_mode) as log:
        Run(client, verb_of(options["state"]), run_options, collector.add, log).bring(task_ids)
        return collector.build(context.warn, log)


def _check_states(options: dict[str, Any]) -> None:
    """Raise ConfigurationError for a missing option, or one that the state does not accept."""
    state = options["state"]
    missing = [
        name for name, option in OPTIONS.items() if option.required and state in option.states and options[name] is None
    ]
    if missing:
        find = "; find its ID by name with batch_task_info" if missing == ["task_id"] and options["task_name"] else ""
        raise ConfigurationError(f"state={state} needs {' and '.join(missing)}{find}")
    for name, option in OPTIONS.items():
        given = options[name] is not None and options[name] is not False  # 0 is given
        if given and option.states and state not in option.states:
            raise ConfigurationError(f"{name} cannot be used with state={state}, only with {', '.join(option.states)}")
    if options["accept"] is not None and not options["accept"]:
        raise ConfigurationError(f"accept must name at least one of {', '.join(FINISHED)}")


def _run_options(options: dict[str, Any], dry_run: bool) -> RunOptions:
    """Return how batch_task is to bring tasks to a state; raises ConfigurationError."""
    given = options["targets"] if options["state"] != "present" else None
    targets = [] if given is None else parse_targets("targets", given)
    return RunOptions(
        wait=options["wait"],
        wait_timeout=options["wait_timeout"],
        wait_delay=options["wait_delay"],
        concurrency=options["concurrency"],
        dry_run=dry_run,
        force=options["force"],
        targets=targets,
        accept=tuple(options["accept"] or RunOptions().accept),
    )


def main() -> None:
    """Run the module."""
    run_module(ensure_state, OPTIONS)


if __name__ == "__main__":
    main()
