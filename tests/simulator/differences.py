# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the official API description and the official pages or SDKs differ, and which of them the oracle follows.

The stricter one wins, unless the other is the newer one or is seen in practice. ``changes`` are applied to the
description before anything is compared with it: each replaces the value at a path, where a list of parameters is
taken as a mapping by their names. A choice without changes is the description as it is, or a check in the code of the
simulator.

What differs in calls and fields that the collection does not use is left out. A test fails when one of the packages
below has another version, or when the description has come to say what was chosen: compare them anew then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

COMPARED = {"huaweicloud-mcp-server": "0.3.1", "huaweicloudsdkiotda": "3.1.219", "huaweicloudsdkiotdm": "3.1.219"}
"""The packages with the description and with the SDK (for Python where no other language is named)."""

Change = tuple[tuple[str, ...], Any]

_SCHEMAS = ("components", "schemas")
_TYPES = (
    "softwareUpgrade|firmwareUpgrade|moduleUpgrade|createDevices|updateDevices|deleteDevices|freezeDevices|"
    "unfreezeDevices|createCommands|createAsyncCommands|createMessages|updateDeviceShadows|changeGateway|"
    "sendEmails|sendSmss|addDevicesToGroup|deviceConfig|deviceJob"
)
_SUBTASK = "Success|Fail|Processing|FailWaitRetry|Stopped|Waitting|Removed|DeviceInProgress|Rejected"
_INSTANCE = "CREATING|ACTIVE|FROZEN|TRADING|MODIFYING|MODIFY_FAILED|FAILED"
_INSTANCE_ID = {"type": "string", "pattern": "[a-f0-9-]{1,36}"}


@dataclass(frozen=True)
class Difference:
    """One difference: what the description says, what the pages or SDKs say, and the choice with its reason."""

    service: str
    subject: str
    description: str
    documents: str
    choice: str
    changes: Sequence[Change] = field(default=())


DIFFERENCES = (
    Difference(
        "iotda",
        "task_type of a list and of a creation",
        "16 types, five of them in no page and not in the SDK; neither moduleUpgrade nor changeGateway",
        "12 types in the SDK, moduleUpgrade among them; the Chinese pages of 2025-12 have changeGateway",
        "both together: to read all tasks, every type that may exist must be asked for",
        (
            (("paths", "/ListBatchTasks", "get", "parameters", "task_type", "schema", "pattern"), _TYPES),
            (("components", "schemas", "CreateBatchTask", "properties", "task_type", "pattern"), _TYPES),
        ),
    ),
    Difference(
        "iotda",
        "task_type of a task",
        "any text; its prose names 10 types",
        "the SDK's prose names 11, updateDevices among them; moduleUpgrade, which it can create, is in neither",
        "as for a list",
        (((*_SCHEMAS, "Task", "properties", "task_type", "pattern"), _TYPES),),
    ),
    Difference(
        "iotda",
        "task_type of a list: mandatory or not",
        "mandatory",
        "mandatory on five versions of the page and in the SDKs for Go, Java and PHP; that for Python has it as "
        "mandatory, but sends a request without it",
        "mandatory",
    ),
    Difference(
        "iotda",
        "body of a creation: mandatory or not",
        "mandatory",
        "optional in the SDK, which has every body as optional",
        "mandatory",
    ),
    Difference(
        "iotda",
        "ConfirmBatchTask and need_confirm",
        "absent: it is older than both",
        "the SDK and the page of 2026-09 have them",
        "present; requests and replies as for StopBatchTask",
        (
            ((*_SCHEMAS, "CreateBatchTask", "properties", "need_confirm"), {"type": "boolean"}),
            ((*_SCHEMAS, "Task", "properties", "need_confirm"), {"type": "boolean"}),
        ),
    ),
    Difference(
        "iotda",
        "targets_filter",
        "an object of objects, while its own example has a list",
        "group_ids, a list of strings",
        "group_ids and nothing else",
        tuple(
            (
                (*_SCHEMAS, schema, "properties", "targets_filter"),
                {
                    "type": "object",
                    "properties": {"group_ids": {"type": "array", "items": {"type": "string"}}},
                    "additionalProperties": False,
                },
            )
            for schema in ("CreateBatchTask", "Task")
        ),
    ),
    Difference(
        "iotda",
        "number of targets",
        "no limit in the schema; its prose has those of the pages",
        "at most 30,000 for a creation, at most 100 for stop, retry and confirm; the SDK has them in its prose, too",
        "the limits of the pages",
        (
            ((*_SCHEMAS, "CreateBatchTask", "properties", "targets", "maxItems"), 30_000),
            ((*_SCHEMAS, "BatchTargets", "properties", "targets", "maxItems"), 100),
            ((*_SCHEMAS, "BatchTargets", "properties", "targets", "items", "pattern"), "[a-zA-Z0-9_-]{1,128}"),
        ),
    ),
    Difference(
        "iotda",
        "retry_count and retry_interval",
        "1 to 5 and 0 to 1,440, independent of each other",
        "at most 5 and at most 1,440, and each requires the other",
        "both together",
        (
            (
                (*_SCHEMAS, "TaskPolicy", "dependencies"),
                {"retry_count": ["retry_interval"], "retry_interval": ["retry_count"]},
            ),
        ),
    ),
    Difference(
        "iotda",
        "document of an upgrade",
        "package_id, one text, in its example",
        "package_ids, a list, in what the SDK creates; package_id in the tasks that it shows",
        "either: the simulator shows what was sent, and the collection compares both",
    ),
    Difference(
        "iotda",
        "task_ext_info",
        "an object with a maxLength of 512, which says nothing of an object",
        "an object, at most 512 characters",
        "512 characters when written as JSON: the simulator refuses more",
    ),
    Difference(
        "iotda",
        "task_detail_status, by which subtasks are filtered",
        "9 statuses",
        "7 in the SDK: neither DeviceInProgress nor Rejected",
        "9",
    ),
    Difference(
        "iotda",
        "status of a subtask",
        "any text; its prose names 6 statuses",
        "the same 6 in the SDK, whose own filter has a seventh, Removed",
        "the 9 of the filter",
        (((*_SCHEMAS, "TaskDetail", "properties", "status", "pattern"), _SUBTASK),),
    ),
    Difference(
        "iotda",
        "file_name of an uploaded file",
        "a parameter of the kind formData, as in OpenAPI 2",
        "multipart/form-data with one part named file",
        "multipart/form-data with one part named file, which has a file name of 1 to 60 characters",
    ),
    Difference(
        "iotda",
        "body of a deletion's 204",
        "a string",
        "no body on the pages; a string in the SDK",
        "no body: RFC 9110 allows none",
    ),
    Difference(
        "iotda",
        "status codes of errors",
        "those of each call, such as neither 400 nor 401 for a deletion, and 400 nor 403 for a stop",
        "400, 401, 403, 404 and 500 on every page of 2025; 429 and 5xx by the API gateway in front of every service",
        "a success has the description's code and no other; an error may have any, since tests alter ``Settings``, "
        "but by default the simulator keeps to those of the pages",
    ),
    Difference(
        "iotdm",
        "instance_id",
        "36 characters, not anchored",
        "the same",
        "the whole value must match, as for every other pattern",
        ((("paths", "/ShowInstance", "get", "parameters", "instance_id", "schema"), _INSTANCE_ID),),
    ),
    Difference(
        "iotdm",
        "instance_type",
        "standard, basic, enterprise, valueaddedservice",
        "standard and enterprise in the SDK",
        "the description's",
    ),
    Difference(
        "iotdm",
        "status of an instance",
        "any text of at most 64 characters",
        "7 statuses in the SDK",
        "those 7 in a reply; the collection takes any text",
        tuple(
            ((*_SCHEMAS, schema, "properties", "status", "pattern"), _INSTANCE)
            for schema in ("QueryInstanceSimplify", "QueryInstanceComplex")
        ),
    ),
    Difference(
        "iotdm",
        "marker of a list",
        "1 to 20 hexadecimal digits, by default 18, where batch tasks have 24",
        "any text in the SDK",
        "the description's; the collection sends what the service gave",
    ),
    Difference(
        "iotdm",
        "count of a list",
        "1 to 10,000, while instances may be an empty list",
        "the number of instances",
        "0 to 10,000",
        (((*_SCHEMAS, "QueryInstances", "properties", "count", "minimum"), 0),),
    ),
    Difference(
        "iotdm",
        "ports and addresses that an access has not",
        "integers and strings",
        "null where there is none (SDK: optional)",
        "null is allowed for non_tls_port and websocket_port",
        tuple(
            (
                (*_SCHEMAS, "AccessInfo", "properties", name),
                {"type": ["integer", "null"], "minimum": 0, "maximum": 65535},
            )
            for name in ("non_tls_port", "websocket_port")
        ),
    ),
    Difference(
        "iotdm",
        "region_id of an instance",
        "absent",
        "the SDK has it",
        "allowed",
        (((*_SCHEMAS, "QueryInstanceComplex", "properties", "region_id"), {"type": "string"}),),
    ),
    Difference(
        "iotdm",
        "characters of tags",
        "Unicode classes (\\p{L}, \\p{Z}, \\p{N}), which Python's expressions do not know",
        "the same",
        "word characters and white space in their place",
        (
            (
                (*_SCHEMAS, "Tag", "properties", "key", "pattern"),
                r"(?!\s)(?!_sys_)[\w\s.:=+\-@]*(?<!\s)",
            ),
            ((*_SCHEMAS, "Tag", "properties", "value", "pattern"), r"[\w\s.:\/=+\-@]*"),
        ),
    ),
    Difference(
        "iam",
        "X-Auth-Token for a list of projects and for an agency's keys",
        "mandatory",
        "the SDKs and Terraform sign with access keys instead",
        "either is enough; the simulator refuses a request with neither",
        tuple(
            (("paths", f"/{call}", method, "parameters", "X-Auth-Token", "required"), False)
            for call, method in (("KeystoneListProjects", "get"), ("CreateTemporaryAccessKeyByAgency", "post"))
        ),
    ),
    Difference(
        "iam",
        "links of a list of projects",
        "next and previous are strings",
        "null where there is no such page",
        "null is allowed for next and previous",
        tuple(
            ((*_SCHEMAS, "Links", "properties", name), {"type": ["string", "null"]}) for name in ("next", "previous")
        ),
    ),
    Difference(
        "iam",
        "user of a token given for an ID token",
        "OS-FEDERATION.groups is an object with items",
        "a list",
        "a list",
        (((*_SCHEMAS, "GroupInfo", "type"), "array"),),
    ),
)
