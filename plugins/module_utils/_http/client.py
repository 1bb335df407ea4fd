# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shared HTTP helper: one pooled session, time-outs, retries, throttling, and failures as values.

It knows nothing about batch tasks, and a request has one of two ends: a Response, whatever its status, or TransportError.
Redirects are never followed, ``.netrc`` is never read, cookies are never kept.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import json
import os
import random
import threading
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any, Callable
from urllib.parse import quote, urlencode, urlsplit

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.cancellation import Cancellation
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.environment import first_set
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import (
    CancelledError,
    ConfigurationError,
    RequestError,
    TransportError,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.redaction import Redactor
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.auth import Auth, signature_of
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.deadline import Watchdog, WatchedAdapter
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.models import (
    THROTTLED,
    Request,
    Response,
    is_ambiguous_status,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.proxies import passwords_of, proxies_for
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.rate_limiter import RateLimiter
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.requests_compat import (
    InsecureRequestWarning,
    Session,
    disable_warnings,
    requests,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.transport_errors import classify_transport_error
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.urls import host_of

_RETRIED = frozenset((408, THROTTLED, 500, 502, 503, 504))
_SAFE_TO_REPEAT = frozenset(("GET", "DELETE"))
# Which requests obeys.
CA_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_COOKIES = ("Set-Cookie", "Set-Cookie2")
_LARGEST_BODY = 64 * 1024 * 1024
_FIRST_DELAY, _LONGEST_DELAY = 0.5, 10.0


@dataclass(frozen=True)
class HttpConfig:
    """How to talk: ``timeout`` of one attempt and ``retry_timeout`` of one request with all its attempts, in seconds.

    ``verify`` is False, True, or the path of a CA bundle. ``connections`` is how many requests are under way at most.
    ``proxied``: whether the proxies that the environment names are used.
    """

    timeout: float = 30.0
    retry_timeout: float = 120.0
    verify: bool | str = True
    connections: int = 10
    proxied: bool = True


@dataclass
class ClientStats:
    """What a client has met: answers of 429, and attempts beyond the first."""

    throttled: int = 0
    retries: int = 0


class HttpClient:
    """One session for all threads. ``send`` is all there is to call.

    ``secrets`` are what answers must not be told with; those of the proxies are added to them.
    """

    def __init__(
        self,
        settings: HttpConfig,
        clock: Callable[[], float] = time.monotonic,
        secrets: Redactor | None = None,
        cancellation: Cancellation | None = None,
    ) -> None:
        self._settings = settings
        self._secrets = secrets or Redactor()
        self._clock = clock
        self._cancellation = cancellation or Cancellation()
        self._limiter = RateLimiter(clock, self._cancellation.sleep)
        self._watchdog = Watchdog(clock)
        self._counting = threading.Lock()
        self._stats = ClientStats()
        self._verify = _verify(settings.verify)
        self._proxies: dict[str, Mapping[str, str]] = {}
        self._session = _session(settings)

    @property
    def cancellation(self) -> Cancellation:
        """What ends the run early; waits that belong to the run are to go through it."""
        return self._cancellation

    @property
    def stats(self) -> ClientStats:
        """A copy of what was met until now."""
        with self._counting:
            return replace(self._stats)

    def send(self, call: Request) -> Response:
        """Send ``call`` until it has a final answer or ``retry_timeout`` seconds are over.

        Repeated are GET and DELETE after a broken connection or 408, 429, 500, 502, 503, 504, and any other method
        where the request surely was not carried out. Raises TransportError, and CancelledError where nothing was sent
        because the run was cancelled before.
        """
        deadline = self._clock() + self._settings.retry_timeout
        attempts, ambiguous, renewed = 0, False, False
        end: Response | TransportError | None = None
        while True:
            turn = self._limiter.acquire(deadline)
            if self._cancellation.reason:
                if end is not None:
                    return _finish(end, attempts, ambiguous)
                raise CancelledError(self._cancellation.reason)
            attempts += 1
            if attempts > 1:
                self._count(retries=1)
            try:
                sent, end = self._attempt(call, max(turn, deadline) + self._settings.timeout)
            except TransportError as error:
                end = error
            else:
                if not renewed and _renewed_credentials(call.auth, sent, end, attempts, ambiguous):
                    renewed = True
                    continue
            delay = self._delay(call, end, attempts, turn)
            if delay is None or self._clock() + delay > deadline:
                return _finish(end, attempts, ambiguous)
            ambiguous = ambiguous or _may_have_acted(end)
            if not (isinstance(end, Response) and end.status == THROTTLED):
                self._cancellation.sleep(delay)

    def _attempt(self, call: Request, deadline: float) -> tuple[Any, Response]:
        request = self._prepared(call)
        timeout = self._settings.timeout
        with self._watchdog.watching(deadline, timeout) as attempt:
            try:
                response = self._session.send(
                    request,
                    timeout=(timeout, timeout),
                    verify=self._verify,
                    proxies=dict(self._proxies_for(call.url)),
                    allow_redirects=False,
                    stream=True,
                )
                with closing(response):
                    _check_final(response, call.url)
                    reply = Response(
                        response.status_code,
                        response.headers,
                        _read(response, call.url),
                        secrets=self._secrets,
                        signature=signature_of(request),
                    )
            except (requests.RequestException, OSError, TransportError) as error:
                if attempt.expired:
                    raise _trickled(call.url, attempt.connecting) from None
                if isinstance(error, TransportError):
                    raise
                raise classify_transport_error(error, call.url, timeout, attempt.connecting, attempt.sent) from None
        # Without a stated length, what the watchdog cut short looks like the whole.
        if attempt.expired:
            raise _trickled(call.url, attempt.connecting)
        return request, reply

    def _prepared(self, call: Request) -> Any:
        query = urlencode(sorted(call.query), quote_via=quote, safe="~")
        headers = {"Accept": "application/json", "User-Agent": "huaweicloud.iotda (Ansible)", **call.headers}
        data = None
        if call.body is not None:
            data = json.dumps(call.body).encode()
            headers["Content-Type"] = "application/json"
        files = {"file": (call.file.name, call.file.content)} if call.file else None
        url = f"{call.url}?{query}" if query else call.url
        request = requests.Request(call.method, url, headers, files=files, data=data, auth=call.auth)
        return self._session.prepare_request(request)

    def _proxies_for(self, url: str) -> Mapping[str, str]:
        if not self._settings.proxied:
            return {}
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        if origin not in self._proxies:
            proxies = proxies_for(url)
            for secret in passwords_of(url, proxies):
                self._secrets.add(secret)
            self._proxies[origin] = proxies
        return self._proxies[origin]

    def _delay(self, call: Request, end: Response | TransportError, attempts: int, turn: float) -> float | None:
        """Return how long to wait before the next attempt, or None if there is to be none."""
        backoff = min(_LONGEST_DELAY, _FIRST_DELAY * 2.0 ** min(attempts - 1, 10)) * random.uniform(0.5, 1.0)
        if isinstance(end, TransportError):
            repeatable = call.method in _SAFE_TO_REPEAT or not end.ambiguous
            return backoff if repeatable and end.cause in ("connect", "timeout", "broken", "proxy") else None
        if end.status == THROTTLED:
            self._count(throttled=1)
            return self._limiter.record_throttle(turn, end.retry_after(), self._settings.retry_timeout)
        self._limiter.record_success(turn)
        if end.status not in _RETRIED or call.method not in _SAFE_TO_REPEAT:
            return None
        asked = end.retry_after()
        return backoff if asked is None else max(asked, backoff)

    def _count(self, throttled: int = 0, retries: int = 0) -> None:
        with self._counting:
            self._stats.throttled += throttled
            self._stats.retries += retries


def _renewed_credentials(auth: Auth, sent: Any, response: Response, attempts: int, ambiguous: bool) -> bool:
    """Whether ``auth`` has renewed its credentials because of ``response``; if it cannot, the request fails."""
    try:
        return auth.on_response(sent, response)
    except RequestError as error:
        raise error.with_attempts(attempts, ambiguous) from None


def _may_have_acted(end: Response | TransportError) -> bool:
    return end.ambiguous if isinstance(end, TransportError) else is_ambiguous_status(end.status)


def _finish(end: Response | TransportError, attempts: int, ambiguous: bool) -> Response:
    if isinstance(end, Response):
        return replace(end, attempts=attempts, ambiguous=ambiguous)
    raise TransportError(str(end), end.cause, attempts, ambiguous or end.ambiguous)


class _Session(Session):
    def get_redirect_target(self, resp: Any) -> None:
        """Return nothing: requests would parse it even where it is not to follow, and stumble over a broken one."""


class _Adapter(WatchedAdapter):
    def build_response(self, req: Any, resp: Any) -> Any:
        """Take cookies out unread: a broken date in one would make the standard library print a traceback."""
        for name in _COOKIES:
            del resp._original_response.msg[name]
        return super().build_response(req, resp)


def _session(settings: HttpConfig) -> Session:
    session = _Session()
    adapter = _Adapter(pool_maxsize=settings.connections)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    if settings.verify is False:
        disable_warnings(InsecureRequestWarning)
    return session


def _verify(chosen: bool | str) -> bool | str:
    """Return what to verify certificates with; False and a path win over the variables that requests obeys."""
    if chosen is not True:
        return _existing(chosen, "ca_path") if isinstance(chosen, str) else chosen
    name = first_set(os.environ, CA_BUNDLES)
    return True if name is None else _existing(os.environ[name], f"The environment variable {name}")


def _existing(path: str, origin: str) -> str:
    if not os.path.exists(path):
        raise ConfigurationError(f"{origin} names a file of CA certificates that does not exist: {path}")
    return path


def _trickled(url: str, connecting: bool) -> TransportError:
    if connecting:
        return TransportError(f"no connection to {host_of(url)} could be made in time", "connect")
    return TransportError(f"{host_of(url)} did not complete its answer in time", "timeout", ambiguous=True)


def _read(response: Any, url: str) -> bytes:
    pieces: list[bytes] = []
    size = 0
    for piece in response.iter_content(65536):
        size += len(piece)
        if size > _LARGEST_BODY:
            raise TransportError(
                f"{host_of(url)} sent an answer larger than {_LARGEST_BODY >> 20} MiB", "size", ambiguous=True
            )
        pieces.append(piece)
    _check_whole(response, url, size)
    return b"".join(pieces)


def _check_final(response: Any, url: str) -> None:
    """Raise TransportError for an answer that is only to tell that another follows, which is not waited for."""
    if response.status_code < 200:
        # What follows must not be taken for the answer to the next request of this connection.
        response.raw.close()
        message = f"{host_of(url)} answered {response.status_code}, which is no final answer"
        raise TransportError(message, "broken", ambiguous=True)


def _check_whole(response: Any, url: str, size: int) -> None:
    """Raise TransportError for a body shorter than it says it is, which urllib3 before version 2 passes as whole.

    Without a stated length, an answer of nothing is one that was cut off, perhaps in the middle of its headers.
    """
    if response.status_code == 204 or "Transfer-Encoding" in response.headers:
        return
    stated = response.headers.get("Content-Length", "")
    known = stated.isascii() and stated.isdigit()
    if response.raw.tell() < int(stated) if known else size == 0:
        raise TransportError(
            f"the connection to {host_of(url)} broke before the answer was complete", "broken", ambiguous=True
        )
