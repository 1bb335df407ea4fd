# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The batch task interface of IoTDA, version 5.

https://support.huaweicloud.com/intl/en-us/api-iothub/iot_06_v5_0045.html and its neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response

from . import actions
from .authentication import Authenticator
from .creation import Creator
from .files import uploaded
from .instances import Instance
from .parameters import detail_page, list_selection
from .responses import BadRequest, error_response, json_response
from .routing import Router
from .settings import Refusal, Settings
from .store import TaskStore
from .tasks import Task

_ROOT = "/v5/iot/{project_id}/batchtasks"
_FILES = "/v5/iot/{project_id}/batchtask-files"
_TASK_ID = re.compile(r"[0-9a-f]{1,24}\Z")
_WRONG_PATH = Refusal(404, "IOTDA.000029", "The requested resource does not exist.")
_BAD_TASK_ID = Refusal(400, "IOTDA.000006", "Invalid input data. task_id is invalid.")

Work = Callable[[Instance, Request, bytes], Response]
TaskWork = Callable[[TaskStore, Task, Request, bytes], Response]


class Iotda:
    """One host's interface: the shared one, or that of a dedicated instance."""

    def __init__(
        self,
        authenticator: Authenticator,
        settings: Settings,
        creator: Creator,
        instances: Mapping[str, Instance],
        own: Instance,
    ) -> None:
        self._authenticator = authenticator
        self._settings = settings
        self._creator = creator
        self._instances = instances
        self._own = own
        self.router = Router(
            [
                ("GET", _ROOT, self._checked("list", self._list)),
                ("POST", _ROOT, self._checked("create", self._create)),
                ("GET", _ROOT + "/{task_id}", self._on_task("show", self._show)),
                ("DELETE", _ROOT + "/{task_id}", self._on_task("delete", self._delete)),
                ("POST", _ROOT + "/{task_id}/stop", self._on_task("stop", self._stop)),
                ("POST", _ROOT + "/{task_id}/retry", self._on_task("retry", self._retry)),
                ("POST", _ROOT + "/{task_id}/confirm", self._on_task("confirm", self._confirm)),
                ("POST", _FILES, self._checked("upload", self._upload)),
                ("GET", _FILES, self._checked("list_files", self._list_files)),
                ("DELETE", _FILES + "/{file_id}", self._checked("delete_file", self._delete_file)),
            ],
            self._unknown,
        )

    def _checked(self, action: str, work: Work) -> Callable[[Request, bytes], Response]:
        def handler(request: Request, body: bytes) -> Response:
            project_id = request.path_params["project_id"]
            self._authenticator.check_project(self._authenticator.authenticate(request, body), project_id, request)
            self._authenticator.check_permission(action)
            instance = self._instance(request)
            if isinstance(instance, Response):
                return instance
            try:
                return work(instance, request, body)
            except BadRequest as error:
                return error_response(error.refusal)

        return handler

    def _on_task(self, action: str, work: TaskWork) -> Callable[[Request, bytes], Response]:
        def found(instance: Instance, request: Request, body: bytes) -> Response:
            store = instance.store(request.path_params["project_id"])
            task_id = request.path_params["task_id"]
            if not _TASK_ID.match(task_id):
                return error_response(_BAD_TASK_ID)
            task = store.get(task_id)
            if task is None:
                return error_response(self._settings.absent)
            return work(store, task, request, body)

        return self._checked(action, found)

    def _instance(self, request: Request) -> Instance | Response:
        wanted = request.headers.get("Instance-Id")
        if wanted is None:
            if self._settings.instance_required:
                return error_response(self._settings.instance_missing)
            return self._own
        instance = self._instances.get(wanted)
        if instance is None or not self._own.serves(instance):
            return error_response(self._settings.unknown_instance)
        return instance

    def _unknown(self, request: Request, body: bytes) -> Response:
        self._authenticator.authenticate(request, body)
        return error_response(_WRONG_PATH)

    def _list(self, instance: Instance, request: Request, body: bytes) -> Response:
        selection = list_selection(request, self._settings)
        app_ids = self._settings.app_ids
        if selection.app_id is not None and app_ids is not None and selection.app_id not in app_ids:
            return error_response(self._settings.unknown_app)
        tasks, count = instance.store(request.path_params["project_id"]).select(selection)
        page = {"count": count, "marker": tasks[-1].task_id if tasks else selection.marker}
        return json_response(200, {"batchtasks": [task.shown() for task in tasks], "page": page})

    def _create(self, instance: Instance, request: Request, body: bytes) -> Response:
        project_id = request.path_params["project_id"]
        task = self._creator.create(instance.store(project_id), instance.files(project_id), body)
        return json_response(201, task.shown())

    def _upload(self, instance: Instance, request: Request, body: bytes) -> Response:
        name, content = uploaded(request.headers.get("Content-Type", ""), body)
        return json_response(201, instance.files(request.path_params["project_id"]).add(name, content).shown())

    def _list_files(self, instance: Instance, request: Request, body: bytes) -> Response:
        files = instance.files(request.path_params["project_id"]).files()
        return json_response(200, {"files": [file.shown() for file in files]})

    def _delete_file(self, instance: Instance, request: Request, body: bytes) -> Response:
        instance.files(request.path_params["project_id"]).delete(request.path_params["file_id"])
        return json_response(204)

    def _show(self, store: TaskStore, task: Task, request: Request, body: bytes) -> Response:
        details, page = detail_page(request, task)
        return json_response(200, {"batchtask": task.shown(), "task_details": details, "page": page})

    def _delete(self, store: TaskStore, task: Task, request: Request, body: bytes) -> Response:
        if not task.finished:
            return error_response(self._settings.unfinished)
        store.delete(task.task_id)
        return json_response(204)

    def _stop(self, store: TaskStore, task: Task, request: Request, body: bytes) -> Response:
        if not actions.stoppable(task):
            return error_response(self._settings.not_stoppable)
        return self._acted(200, actions.stop(store, task, actions.targets(body), self._settings.stopping_takes))

    def _retry(self, store: TaskStore, task: Task, request: Request, body: bytes) -> Response:
        if not actions.retryable(task):
            return error_response(self._settings.not_retryable)
        named = actions.targets(body)
        task.failing = self._creator.failing(task.devices)
        return self._acted(200, actions.retry(store, task, named, self._settings.processing_takes))

    def _confirm(self, store: TaskStore, task: Task, request: Request, body: bytes) -> Response:
        if not actions.confirmable(task):
            return error_response(self._settings.not_confirmable)
        results = actions.confirm(store, task, actions.targets(body), self._settings.processing_takes)
        return self._acted(self._settings.confirm_status, results)

    def _acted(self, status: int, results: actions.Results) -> Response:
        listed = results.listed if results.chosen or self._settings.stop_all_lists_targets else []
        return json_response(status, {"targets": listed})
