# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator as a test sees it: one object that serves, is filled, is made to fail, and remembers."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any
from uuid import uuid4
from weakref import WeakSet

import trustme
from starlette.requests import Request
from starlette.responses import Response

from . import certificates
from .accounts import Accounts, Agency, Project
from .app import CONTROL, App
from .authentication import Authenticator
from .certificates import Tls
from .clock import Clock
from .control import Control
from .creation import Creator, transitions
from .faults import Fault, Faults
from .iam import Iam
from .instances import DEDICATED, EDITIONS, Instance
from .iotda import Iotda
from .journal import Journal
from .management import MANAGEMENT, Management, check_name
from .metadata import Metadata
from .oracle import Oracle
from .responses import error_response, unknown_api
from .routing import Router
from .server import Loop
from .settings import Refusal, Settings
from .sts import POD_PATH, STS_PATH, PodIdentity, Sts
from .throttle import Throttle

_METADATA_PATHS = ("/openstack/", "/meta-data/")
_LIVING: WeakSet[Simulator] = WeakSet()


class Simulator:
    """IoTDA, IAM and the ECS metadata service on one port of the loopback address; instances on ports of their own.

    It serves from the moment it is made until ``close``, or within a ``with``. ``tls`` may be ``"expired"`` or
    ``"other_name"`` for a bad certificate; ``ca`` signs it (None: a new one). ``fill`` puts tasks in, at first and
    after each ``reset``. ``oracle`` compares every request and reply with the official API description; the end of a
    ``with`` raises Violation for what does not agree. All else are fields of ``Settings``.
    """

    def __init__(
        self,
        tls: Tls = False,
        ca: trustme.CA | None = None,
        clock: Clock | None = None,
        port: int = 0,
        fill: Callable[[Simulator], None] | None = None,
        oracle: bool = True,
        **settings: Any,
    ) -> None:
        self.settings = Settings(**settings)
        self.clock = clock or Clock()
        self.journal = Journal()
        self.faults = Faults()
        self.throttle = Throttle()
        self.oracle = Oracle(oracle)
        self.accounts = Accounts(self.settings, self.clock)
        self.metadata = Metadata(self.accounts, self.clock)
        self.pod_identity = PodIdentity(self.accounts)
        self._creator = Creator(self.settings, self.clock)
        self._instances: dict[str, Instance] = {}
        self._instance_numbers = count(1)
        self._denied: dict[str, str | None] = {}
        self._fill = fill
        self._folder = tempfile.TemporaryDirectory(prefix="simulator-")
        self.project_id = self.accounts.add_project(self.settings.region).project_id
        self._key = self.accounts.add_key()
        self.auth_token = self.issue_token()
        self._own = self._new_instance("basic", None, self.region, self.project_id)
        self.ca_file: str | None = None
        self._start(tls, ca, port)
        _LIVING.add(self)
        if fill:
            fill(self)

    def _start(self, tls: Tls, ca: trustme.CA | None, port: int) -> None:
        chain_file = None
        if tls:
            ca_file, chain_file = certificates.write(Path(self._folder.name), tls, ca)
            self.ca_file = str(ca_file)
        self._loop = Loop(self.settings.keep_alive, chain_file)
        try:
            self.url = self._own.url = self._loop.serve(self.shared_app(), port)
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """End every server and connection."""
        _LIVING.discard(self)
        self._loop.close()
        self._folder.cleanup()

    def __enter__(self) -> Simulator:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if error is None:
            self.oracle.raise_for_violations()

    # Credentials

    @property
    def region(self) -> str:
        return self.settings.region

    @property
    def access_key(self) -> str:
        return self._key.access

    @property
    def secret_key(self) -> str:
        return self._key.secret

    @property
    def username(self) -> str:
        return self.settings.username

    @property
    def password(self) -> str:
        return self.settings.password

    @property
    def domain_name(self) -> str:
        return self.settings.domain_name

    @property
    def instance(self) -> Instance:
        """The instance behind ``url``."""
        return self._own

    @property
    def instance_id(self) -> str:
        """The ID of the instance behind ``url``."""
        return self._own.instance_id

    def described(self) -> dict[str, str]:
        """Return what a client needs to know, by the names of the attributes."""
        names = ("url", "region", "project_id", "instance_id", "access_key", "secret_key", "auth_token")
        return {name: getattr(self, name) for name in (*names, "username", "password", "domain_name")}

    def secrets(self) -> set[str]:
        """Return every secret: the password, and each key and token that was issued."""
        return {self.password, self.pod_identity.token, *self.accounts.secrets()}

    @staticmethod
    def living() -> list[Simulator]:
        """Return the simulators of this process that serve."""
        return list(_LIVING)

    def environ(self) -> dict[str, str]:
        """Return the environment variables by which the modules find the simulator, and may use it."""
        found = {
            "HUAWEICLOUD_IOTDA_ENDPOINT": self.url,
            "HUAWEICLOUD_SDK_IAM_ENDPOINT": self.url,
            "HW_REGION_NAME": self.region,
            "HUAWEICLOUD_SDK_PROJECT_ID": self.project_id,
            "HW_ACCESS_KEY": self.access_key,
            "HW_SECRET_KEY": self.secret_key,
        }
        if self.ca_file:
            found["OS_CACERT"] = self.ca_file
        return found

    def add_project(
        self, name: str, project_id: str | None = None, enabled: bool = True, domain_name: str | None = None
    ) -> Project:
        """Add a project. A region's bears the region's name; ``domain_name`` None: the account of the user."""
        return self.accounts.add_project(name, project_id, enabled, domain_name)

    def remove_projects(self, name: str) -> None:
        self.accounts.remove_projects(name)

    def issue_token(self, project_id: str | None = None, expires_in: float | None = None) -> str:
        """Return a new token for a project (None: the first one) that is good for ``expires_in`` seconds."""
        return self.accounts.issue_token(project_id or self.project_id, expires_in).text

    def expire_token(self, token: str | None = None) -> None:
        """Let a token expire now; None: all of them."""
        self.accounts.expire_token(token)

    def temporary_key(self, expires_in: float | None = None) -> tuple[str, str, str]:
        """Return a new access key, its secret key and its security token."""
        key = self.accounts.add_temporary_key(expires_in)
        assert key.security_token is not None
        return key.access, key.secret, key.security_token

    def expire_temporary_keys(self) -> None:
        """Let every temporary key expire now: they are refused with 401."""
        self.accounts.expire_temporary_keys()

    def add_agency(self, name: str = "iotda-operators", domain_name: str = "delegating-account") -> Agency:
        """Return a new agency in another account. Its keys see that account's projects and nothing else."""
        return self.accounts.add_agency(name, domain_name)

    def id_token(self, expires_in: float = 3600.0) -> str:
        """Return a new token of the OpenID Connect provider that IAM and STS trust."""
        return self.accounts.add_id_token(expires_in).text

    @property
    def pod_identity_url(self) -> str:
        """The address at which a pod asks for its keys, with ``pod_identity.token``."""
        return self.url + POD_PATH

    def deny(self, action: str, code: str | None = None) -> None:
        """Refuse ``list``, ``show``, ``delete``, ``stop``, ``create``, ``retry`` or ``confirm`` with a 403.

        ``code``: the error code; None: APIGW.0302 at the shared endpoint, IOTDA.000022 at an instance's.
        """
        self._denied[action] = code

    def allow(self) -> None:
        """Take back every ``deny``."""
        self._denied.clear()

    # Tasks

    def add_task(
        self,
        task_type: str = "freezeDevices",
        status: str = "Success",
        task_name: str | None = None,
        create_time: datetime | None = None,
        app_id: str | None = None,
        task_id: str | None = None,
        devices: int | Sequence[str] = 2,
        finishes_in: float | None = None,
        outcome: str | None = None,
        project_id: str | None = None,
        instance: Instance | None = None,
    ) -> str:
        """Add a task and return its ID.

        An unfinished one stays as it is, unless ``finishes_in`` seconds lead it to ``outcome``, ``Success`` by
        default, or ``Stopped`` for one that is ``Stopping``. Raises ValueError.
        """
        task = self._creator.make(task_type, status, task_name, create_time, app_id, task_id, devices)
        store = (instance or self._own).store(project_id)
        store.add(task, transitions(status, finishes_in, outcome))
        return task.task_id

    def add_tasks(
        self, n: int, project_id: str | None = None, instance: Instance | None = None, **options: Any
    ) -> list[str]:
        """Add ``n`` tasks at once; the options are those of ``add_task`` that set a task's fields. Return their IDs."""
        tasks = [self._creator.make(**options) for dummy in range(n)]
        (instance or self._own).store(project_id).add_many(tasks)
        return [task.task_id for task in tasks]

    def task(self, task_id: str) -> dict[str, Any] | None:
        """Return a task of the shared endpoint's own instance, of any project, as the API shows it, or None."""
        return self._own.task(task_id)

    def tasks(self) -> list[dict[str, Any]]:
        """Return all of them, newest first."""
        return self._own.tasks()

    def task_ids(self) -> set[str]:
        return self._own.task_ids()

    def clear_tasks(self) -> None:
        """Remove the tasks of every instance."""
        for instance in self._instances.values():
            instance.clear()

    # Instances

    def add_region(self, region: str) -> str:
        """Let the account use another region; return the ID of its project there, which bears the region's name."""
        return self.add_project(region).project_id

    def management_endpoint(self, region: str = "{region}") -> str:
        """Return the endpoint of instance management in a region; by default with a place for its name."""
        return f"{self.url}{MANAGEMENT}{region}"

    def add_instance(
        self,
        edition: str = "standard",
        name: str | None = None,
        region: str | None = None,
        project_id: str | None = None,
        hostile: bool = False,
        **shown: Any,
    ) -> Instance:
        """Add an instance. A standard or enterprise one gets a port of its own, which demands derived signing.

        A ``professional`` one is served at ``url``, to those who send its ``Instance-Id``. ``region`` None: the
        simulator's. ``project_id`` None: the first project of the region. ``shown``: ``status``, ``description``,
        ``tags``, ``domain_name``, ``has_app_https``, as instance management shows them; ``hostile`` lets a name or
        tags pass that the service would not allow.
        """
        if edition not in EDITIONS:
            raise ValueError(f"edition must be one of {', '.join(EDITIONS)}, not {edition!r}")
        check_name(name or edition, hostile)
        region = region or self.region
        if project_id is None:
            project_id = self.project_id if region == self.region else self._project_of(region)
        instance = self._new_instance(edition, name, region, project_id, hostile=hostile, **shown)
        instance.url = self._loop.serve(self._instance_app(instance)) if edition in DEDICATED else self.url
        return instance

    @property
    def instances(self) -> list[Instance]:
        """All instances, that behind ``url`` first."""
        return list(self._instances.values())

    def _project_of(self, region: str) -> str:
        projects = self.accounts.projects_named(region, self.domain_name)
        return projects[0].project_id if projects else self.add_region(region)

    def _new_instance(self, edition: str, name: str | None, region: str, project_id: str, **shown: Any) -> Instance:
        number = next(self._instance_numbers)
        instance = Instance(
            instance_id=str(uuid4()),
            edition=edition,
            settings=self.settings,
            clock=self.clock,
            add=self.add_task,
            project_id=project_id,
            region=region,
            name=name or f"{edition}-{number}",
            record_id=f"{number:018x}",
            created=self.clock.now(),
            **shown,
        )
        self._instances[instance.instance_id] = instance
        return instance

    # Faults

    def fault(self, method: str | None = None, path: str | None = None, kind: str = "status", **options: Any) -> None:
        """Make requests fail; the options are those of ``Fault``."""
        self.faults.add(Fault(kind=kind, method=method, path=path, **options))

    def clear_faults(self) -> None:
        self.faults.clear()

    def rate_limit(self, per_second: float | None, retry_after: float | str | None = None) -> None:
        """Answer 429 to more IoTDA requests a second than this, in real time; None: no limit."""
        self.throttle.limit(per_second, retry_after)

    def latency(self, seconds: float) -> None:
        """Let every IoTDA request take that much longer."""
        self.throttle.latency = seconds

    def reset(self) -> None:
        """Undo everything since the start, except for settings, instances, projects, keys and tokens."""
        self.clear_tasks()
        self.clear_faults()
        self.journal.clear()
        self.clock.reset()
        self.rate_limit(None)
        self.latency(0.0)
        self.allow()
        if self._fill:
            self._fill(self)

    # Assembly

    def _authenticator(self, dedicated: bool, region: str | None = None) -> Authenticator:
        return Authenticator(self.accounts, self.settings, self.clock, self._denied, dedicated, region)

    def _iotda(self, instance: Instance) -> Router:
        authenticator = self._authenticator(instance.dedicated, instance.region)
        return Iotda(authenticator, self.settings, self._creator, self._instances, instance).router

    def shared_app(self) -> App:
        """Return the application of the shared endpoint, for a port of its own."""
        iam = Iam(self._authenticator(False), self.accounts, self.settings)
        iotda = self._iotda(self._own)
        management = Management(
            self._authenticator(False), self.accounts, self.settings, self._instances, otherwise=iotda.respond
        ).router
        services = [("/v5/iot/", management), (MANAGEMENT, management), (CONTROL, Control(self).router)]
        services += [("/v3/", iam.router), ("/v3.0/", iam.router)]
        services += [(STS_PATH, Sts(self.accounts, self.settings).router), (POD_PATH, self.pod_identity.router)]
        services += [(path, self.metadata.router) for path in _METADATA_PATHS]
        return self._app(services, unknown_api, self._cut_off)

    def _instance_app(self, instance: Instance) -> App:
        services = [("/v5/iot/", self._iotda(instance))]
        return self._app(services, _no_such_path)

    def _app(self, *services: Any) -> App:
        return App(self.clock, self.journal, self.faults, self.throttle, self.oracle, *services)

    def _cut_off(self, path: str) -> bool:
        return self.metadata.unreachable and path.startswith(_METADATA_PATHS)


def _no_such_path(request: Request, body: bytes) -> Response:
    return error_response(Refusal(404, "IOTDA.000029", "The requested resource does not exist."))
