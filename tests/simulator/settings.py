# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the service's documents do not tell, or what a test may want otherwise: each a setting with its default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


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

    unique_names: bool = False
    """Whether a task's name must be new. Not documented; names repeat in practice."""
    instance_required: bool = False
    """Whether ``Instance-Id`` is mandatory, as documented for the professional edition."""
    app_ids: tuple[str, ...] | None = None
    """The resource spaces there are; None: every one named exists."""
    default_app_id: str = "example_default_space"
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Device groups for ``targets_filter``. An unknown group makes a task that fails, as the service does."""
    file_devices: tuple[str, ...] = ("node_0001", "node_0002")
    """The devices a task created from a ``document_source`` is about; files themselves are not simulated."""

    create_status: int = 201
    retry_status: int = 200
    confirm_status: int = 200
    """Success statuses that are not documented, by analogy with their neighbours."""
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
