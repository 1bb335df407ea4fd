# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the service's documents do not tell, or what a test may want otherwise: each a setting with its default."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from .tasks import TASK_TYPES


@dataclass(frozen=True)
class Refusal:
    """An error as IoTDA words it: the HTTP status, ``error_code`` and ``error_msg``."""

    status: int
    code: str
    message: str


@dataclass
class Settings:
    """How the simulator behaves. Every field may be given to ``Simulator`` and changed while it runs.

    "Invented" means that no public document tells: a client must not depend on it.
    """

    region: str = "cn-north-4"
    domain_name: str = "example-account"
    username: str = "iotda-operator"
    password: str = "invented-password-for-tests-1"
    """The IAM user that may log in."""

    absent: Refusal = Refusal(404, "IOTDA.014201", "The batch task does not exist.")
    """Show, delete, stop, retry or confirm of a task that is not there. The status is known, the code is invented."""
    unfinished: Refusal = Refusal(403, "IOTDA.014213", "Operation not allowed. The batch task is not finished.")
    """Deletion of an unfinished task. Status and code are invented, after the pattern of other refusals."""
    not_stoppable: Refusal = Refusal(403, "IOTDA.014215", "Operation not allowed. The batch task cannot be stopped.")
    """Stop of a wrong type or status. Invented."""
    not_retryable: Refusal = Refusal(403, "IOTDA.014218", "Operation not allowed. The batch task cannot be retried.")
    """Retry of a wrong type or status. Invented."""
    not_confirmable: Refusal = Refusal(403, "IOTDA.014217", "Operation not allowed. The task needs no confirmation.")
    """Confirmation of a wrong type or status. Invented."""
    name_taken: Refusal = Refusal(400, "IOTDA.014202", "Invalid input. The batch task name already exists.")
    """Creation of a name that exists, where ``unique_names`` is set. Invented."""
    unknown_instance: Refusal = Refusal(403, "IOTDA.000021", "Operation not allowed. The instance does not exist.")
    """An ``Instance-Id`` that is not one of the simulator's, or not that of the host. Invented."""
    instance_missing: Refusal = Refusal(400, "IOTDA.000006", "Invalid input data. Instance-Id is required.")
    """No ``Instance-Id`` where ``instance_required`` is set. Invented."""
    unknown_app: Refusal = Refusal(403, "IOTDA.001000", "Operation not allowed. The application does not exist.")
    """A resource space that is not among ``app_ids``."""

    task_type_missing: Refusal = Refusal(400, "IOTDA.000006", "Invalid input data. task_type is required.")
    """A list without ``task_type``, which is mandatory. Status and code are not documented."""
    unknown_task_type: Refusal = Refusal(400, "IOTDA.000006", "Invalid input data. task_type is invalid.")
    """A list or a creation with a type that is not among ``task_types``. Status and code are not documented."""
    unknown_file: Refusal = Refusal(400, "IOTDA.014600", "The batch task file does not exist.")
    """Creation with a ``document_source`` that is not there. The code is that of its deletion, the status invented."""
    file_absent: Refusal = Refusal(404, "IOTDA.014600", "The batch task file does not exist.")
    """Deletion of a file that is not there."""
    file_name_taken: Refusal = Refusal(400, "IOTDA.014602", "Invalid input. The batch task file name already exists.")
    file_too_large: Refusal = Refusal(400, "IOTDA.014603", "Invalid input. The batch task file is too large.")
    bad_file: Refusal = Refusal(400, "IOTDA.014604", "Invalid input. The content of the file is invalid.")
    """A file that is neither .xlsx nor .xls. The code is invented."""
    too_many_files: Refusal = Refusal(403, "IOTDA.014605", "Operation not allowed. There are too many files.")
    """One file more than ``most_files``. Status and code are invented."""
    several_target_kinds: Refusal | None = None
    """Creation with two of ``targets``, ``targets_filter`` and ``document_source``. None: the first of them counts."""
    too_many_tasks: Refusal = Refusal(403, "IOTDA.014214", "Operation not allowed. Too many tasks are unfinished.")
    """One unfinished task more than ``most_unfinished``. Invented."""

    unknown_agency: Refusal = Refusal(403, "IAM.0003", "The agency does not exist or does not trust this account.")
    """Temporary keys of an agency that is not there. Status and code are invented."""

    instance_absent: Refusal = Refusal(404, "IOTDA.013001", "The instance does not exist.")
    """Instance management: show of an instance that is not there. Status and code are invented."""
    basic_instances_listed: bool = False
    """Whether instance management lists basic instances, too. Not documented."""
    instances_per_page: int = 500
    """The most that a page of instances holds, whatever ``limit`` says: for tests that page with few instances."""

    identity_provider: str = "example-ci"
    """The identity provider (``X-Idp-Id``) whose ID tokens IAM takes."""
    oidc_provider_urn: str = "iam::0b5c1d2e3f4a4b5c8d6e7f8091a2b3c4:identityProvider:oidc:example-ci"
    oidc_agency_urn: str = "iam::0b5c1d2e3f4a4b5c8d6e7f8091a2b3c4:agency:example-deployer"
    """The identity provider and the agency that trusts it, by which STS gives out keys."""
    sts_created: bool = False
    """Whether STS answers 201 and not 200. Not documented."""

    list_needs_task_type: bool = True
    """Whether a list without ``task_type`` is refused. The parameter is mandatory; the refusal is an assumption."""
    offset_beside_marker: str = "honoured"
    """What a list makes of ``offset`` beside ``marker``: ``honoured``, as documented; ``ignored``; ``refused``; or
    ``miscounted``, from the newest task of the list. Whether the service counts exactly is unknown."""
    bad_offset: Refusal = Refusal(400, "IOTDA.000018", "Invalid input data. offset is invalid.")
    """A list with ``offset`` beside ``marker`` where ``offset_beside_marker`` is ``refused``."""
    task_types: tuple[str, ...] = TASK_TYPES
    """The types that a list or a creation may name. Which of the undocumented ones the service accepts is unknown."""
    unique_names: bool = False
    """Whether a task's name must be new. Not documented; names repeat in practice."""
    listed_after: float = 0.0
    """Seconds, on the simulator's clock, after which a list shows a new task. Not documented."""
    rewrites_documents: bool = False
    """Whether a task's document is kept in a form of the service's own: numbers in place of texts of digits, a default
    added, the keys in another order. Not documented."""
    instance_required: bool = False
    """Whether ``Instance-Id`` is mandatory, as documented for the professional edition."""
    app_ids: tuple[str, ...] | None = None
    """The resource spaces there are; None: every one named exists."""
    default_app_id: str = "example_default_space"
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Device groups for ``targets_filter``. An unknown group makes a task that fails, as the service does."""
    devices: tuple[str, ...] | None = None
    """The devices there are; None: every one named exists. The subtask of an unknown one fails."""
    failing_devices: tuple[str, ...] = ()
    """The devices whose subtasks fail, in every attempt."""
    unknown_device: Refusal = Refusal(404, "IOTDA.014000", "The device does not exist.")
    """The error of the subtask of an unknown device. Invented."""
    most_unfinished: int | None = None
    """How many tasks of a resource space may be unfinished. Documented as 10 that are processed at the same time;
    what happens to the next one is not, so it is accepted by default."""

    file_devices: tuple[str, ...] = ("node_0001", "node_0002")
    """The devices that every uploaded file lists; what is really in a file is not read."""
    files_are_checked: bool = True
    """Whether a ``document_source`` must be an uploaded file."""
    single_use_files: bool = True
    """Whether a file is gone once a task was created from it, as observed by the authors of Terraform's provider."""
    file_lifetime: float = 3600.0
    most_files: int = 10
    largest_file: int = 2 * 1024 * 1024

    confirm_status: int = 200
    """The status of a successful confirmation, by analogy with stop and retry."""
    stop_all_lists_targets: bool = True
    """Whether stop, retry and confirm with ``{}`` name each target in the reply. Not documented."""

    waiting_takes: float = 0.5
    processing_takes: float = 5.0
    stopping_takes: float = 2.0
    """Seconds, on the simulator's clock, that a created task waits and is processed, and a stopped one takes."""

    signature_skew: float = 900.0
    """Seconds that ``X-Sdk-Date`` may differ from the service's time, in either direction."""
    shared_accepts_derived: bool = False
    """Whether the shared endpoint accepts derived signing. Not documented; the SDK never tries."""
    project_header_must_match: bool = True
    """Whether an ``X-Project-Id`` other than the path's is refused. Not documented."""
    token_lifetime: float = 86400.0
    temporary_key_lifetime: float = 86400.0

    keep_alive: float = 75.0
    """Seconds that an idle connection is kept."""


def from_report(report: Path) -> dict[str, Any]:
    """Return the settings that a report of ``make conformance`` ends with, for ``Simulator(**settings)``.

    Raises ValueError.
    """
    found = re.search(r"^```json\n(.*?)^```", report.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    values = json.loads(found.group(1)) if found else None
    known = {one.name for one in fields(Settings)}
    if not isinstance(values, dict) or not known.issuperset(values):
        raise ValueError(f"{report} holds no settings of the simulator")
    return {name: _setting(value) for name, value in values.items()}


def change(settings: Settings, given: Mapping[str, Any]) -> None:
    """Change the settings that ``given`` names. Raises ValueError for a name that is none, and then changes nothing."""
    unknown = set(given).difference(one.name for one in fields(Settings))
    if unknown:
        raise ValueError(f"no settings: {', '.join(sorted(unknown))}")
    for name, value in given.items():
        setattr(settings, name, _setting(value))


def _setting(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"status", "code", "message"}:
        return Refusal(**value)
    return tuple(value) if isinstance(value, list) else value
