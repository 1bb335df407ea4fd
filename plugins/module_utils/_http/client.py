# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shared HTTP client: pooled connections, timeouts, retries, rate limiting, and failures as values.

It knows nothing about batch tasks. A request ends in one of two ways: with a Response, whatever its status, or with a
TransportError. Redirects are never followed, ``.netrc`` is never read, cookies are never kept.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import getproxies

from .._core.errors import CancelledError, RequestError, TransportError
from .._core.redaction import Redactor
from .._core.runtime import Cancellation
from .addresses import ca_setting
from .messages import THROTTLED, Auth, Request, Response, is_ambiguous_status
from .rate_limiter import RateLimiter
from .transport import Transport, requests, urllib3

if TYPE_CHECKING:
    from .proxies import Proxies

_RETRIED_STATUSES = frozenset((408, THROTTLED, 500, 502, 503, 504))
_RETRIED_CAUSES = frozenset(("connect", "timeout", "broken", "malformed", "proxy"))
_IDEMPOTENT = frozenset(("GET", "DELETE"))
# A response of these ends with its headers, whatever they say (RFC 9112, 6.3).
_WITHOUT_BODY = (204, 304)
_LOGGED_ATTEMPTS = 100
_FIRST_DELAY, _LONGEST_DELAY = 0.5, 10.0  # seconds between attempts


class HttpConfig(NamedTuple):
    """The settings: ``timeout`` of one attempt and ``retry_timeout`` of one request with all its attempts, in seconds.

    ``timeout`` limits connecting, each wait for data, and the body as a whole. ``verify`` is False, True, or
    the path of a CA bundle. ``connections`` is how many requests are in progress at most. ``proxied``: whether the
    proxies that the environment names are used.
    """

    timeout: float = 30.0
    retry_timeout: float = 120.0
    verify: bool | str = True
    connections: int = 10
    proxied: bool = True


class ClientStats(NamedTuple):
    """The counters of a client: 429 responses and retries."""

    throttled: int = 0
    retries: int = 0


class HttpClient:
    """The client of all threads.

    ``redactor`` knows what error texts must not contain. ``cancellation`` cancels the run, and all waits of the run use
    it. ``stats`` are the counters.
    """

    def __init__(
        self,
        config: HttpConfig,
        clock: Callable[[], float] = time.monotonic,
        redactor: Redactor | None = None,
        transport: Transport | None = None,
        cancellation: Cancellation | None = None,
    ) -> None:
        self._config = config
        self._clock = clock
        self.redactor = redactor or Redactor()
        self.cancellation = cancellation or Cancellation()
        self._limiter = RateLimiter(clock, self.cancellation.sleep)
        self._lock = threading.Lock()
        self.stats = ClientStats()
        self._attempts: deque[dict[str, Any]] = deque(maxlen=_LOGGED_ATTEMPTS)
        self._verify = ca_setting(config.verify)
        self._proxies = _proxies_of_environment(self.redactor) if config.proxied else None
        self._transport = transport or Transport(pool_maxsize=config.connections)
        if config.verify is False:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def attempts(self) -> list[dict[str, Any]]:
        """Return the last 100 attempts, in the order in which they ended; no secret and no body is in them.

        Each has ``method``, ``path`` with the query, ``status``, or ``cause`` where there was no response, ``attempt``
        from 1, ``request_id`` if there was one, and ``ms``, the milliseconds that it took.
        """
        return [{**attempt, "path": self.redactor.redact(attempt["path"])} for attempt in list(self._attempts)]

    def send(self, request: Request) -> Response:
        """Send ``request`` until it has a final response or ``retry_timeout`` seconds are over.

        GET and DELETE are repeated after a broken connection or 408, 429, 500, 502, 503, 504; any other method only
        if the request surely was not carried out. Raises TransportError, IamError if credentials have to be renewed
        and cannot, and CancelledError where nothing was sent because the run was cancelled before.
        """
        deadline = self._clock() + self._config.retry_timeout
        query = urlencode(sorted(request.query), quote_via=quote, safe="~")
        query = f"?{query}" if query else ""
        path = urlsplit(request.url).path + query
        attempts, ambiguous, renewed = 0, False, False
        outcome: Response | TransportError | None = None
        while True:
            acquired = self._limiter.acquire(deadline)
            if self.cancellation.reason:
                if outcome is not None:
                    return _finish(outcome, attempts, ambiguous)
                raise CancelledError(self.cancellation.reason)
            attempts += 1
            if attempts > 1:
                self._count(retries=1)
            try:
                prepared = self._prepare(request, request.url + query)
            except RequestError as error:
                # Credentials that expired after an earlier attempt, and cannot be renewed, do not undo that attempt.
                raise error.with_attempts(attempts - 1, ambiguous) from None
            began = self._clock()
            try:
                outcome = self._attempt(prepared, request.url)
            except TransportError as error:
                outcome = error
            self._log(request.method, path, outcome, attempts, self._clock() - began)
            if isinstance(outcome, Response) and not renewed:
                renewed = _has_renewed(request.auth, prepared, outcome, attempts, ambiguous)
                if renewed:
                    continue
            delay = self._delay(request, outcome, attempts, acquired)
            if delay is None or self._clock() + delay > deadline:
                return _finish(outcome, attempts, ambiguous)
            ambiguous = ambiguous or _may_have_acted(outcome)
            if not (isinstance(outcome, Response) and outcome.status == THROTTLED):
                self.cancellation.sleep(delay)

    def _log(self, method: str, path: str, outcome: Response | TransportError, attempt: int, seconds: float) -> None:
        told: dict[str, Any] = {"method": method, "path": path}
        if isinstance(outcome, TransportError):
            told["cause"] = outcome.cause
        else:
            told["status"] = outcome.status
            told["request_id"] = outcome.request_id
            if not outcome.request_id and outcome.status >= 400:
                from .answers import id_in_error

                told["request_id"] = id_in_error(outcome)
        told.update(attempt=attempt, ms=round(seconds * 1000))
        self._attempts.append({name: value for name, value in told.items() if value is not None})

    def _prepare(self, request: Request, url: str) -> Any:
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "User-Agent": "huaweicloud.iotda (Ansible)",
            **request.headers,
        }
        data = None
        if request.body is not None:
            data = json.dumps(request.body).encode()
            headers["Content-Type"] = "application/json"
        files = {"file": request.file} if request.file else None
        return requests.Request(request.method, url, headers, files=files, data=data, auth=request.auth).prepare()

    def _attempt(self, prepared: Any, url: str) -> Response:
        proxy = self._proxies.for_url(url) if self._proxies else None
        timeout = self._config.timeout
        try:
            raw: Any = self._transport.send(
                prepared,
                stream=True,
                timeout=(timeout, timeout),
                verify=self._verify,
                proxies={urlsplit(url).scheme: proxy} if proxy else {},
            )
            with closing(raw):
                return Response(raw.status, raw.headers, self._read(raw), redactor=self.redactor)
        except Exception as error:  # parsing what a server sends, the libraries below raise anything
            from .failures import classify_transport_error

            raise classify_transport_error(error, url, timeout, proxy is not None) from None

    def _read(self, raw: Any) -> bytes:
        """Return the whole body, and give the connection back to the pool if it can serve another request."""
        if raw.status in _WITHOUT_BODY:
            # An unexpected body would be read as the next response.
            if raw.headers.get("Content-Length", "0") == "0" and "Transfer-Encoding" not in raw.headers:
                _release(raw)
            return b""
        from .body import BodyError, read_body

        if raw.status < 200:
            raise BodyError(f"{{host}} answered {raw.status}, which is not a final response", cause="malformed")
        body = read_body(raw._original_response.fp, raw.headers, self._config.timeout, self._clock)
        _release(raw)
        return body

    def _delay(
        self, request: Request, outcome: Response | TransportError, attempts: int, acquired: float
    ) -> float | None:
        """Return the seconds to wait before the next attempt, or None if there is to be none."""
        backoff = min(_LONGEST_DELAY, _FIRST_DELAY * 2.0 ** min(attempts - 1, 10)) * random.uniform(0.5, 1.0)
        if isinstance(outcome, TransportError):
            repeatable = request.method in _IDEMPOTENT or not outcome.ambiguous
            return backoff if repeatable and outcome.cause in _RETRIED_CAUSES else None
        if outcome.status == THROTTLED:
            self._count(throttled=1)
            return self._limiter.record_throttle(acquired, outcome.retry_after(), self._config.retry_timeout)
        self._limiter.record_success(acquired)
        if outcome.status not in _RETRIED_STATUSES or request.method not in _IDEMPOTENT:
            return None
        retry_after = outcome.retry_after()
        return backoff if retry_after is None else max(retry_after, backoff)

    def _count(self, throttled: int = 0, retries: int = 0) -> None:
        with self._lock:
            self.stats = ClientStats(self.stats.throttled + throttled, self.stats.retries + retries)


def _release(raw: Any) -> None:
    """Give the connection back to the pool; until its response is closed, it would refuse another thread's request."""
    raw._original_response.close()
    raw.release_conn()


def _proxies_of_environment(redactor: Redactor) -> Proxies | None:
    found = getproxies()
    if not found:
        return None
    from .proxies import Proxies

    proxies = Proxies(found)
    for secret in proxies.secrets:
        redactor.add(secret)
    return proxies


def _has_renewed(auth: Auth, prepared: Any, response: Response, attempts: int, ambiguous: bool) -> bool:
    """Whether ``auth`` has renewed its credentials because of ``response``; if it cannot, the request fails."""
    try:
        return auth.on_response(prepared, response)
    except RequestError as error:
        raise error.with_attempts(attempts, ambiguous) from None


def _may_have_acted(outcome: Response | TransportError) -> bool:
    return outcome.ambiguous if isinstance(outcome, TransportError) else is_ambiguous_status(outcome.status)


def _finish(outcome: Response | TransportError, attempts: int, ambiguous: bool) -> Response:
    if isinstance(outcome, Response):
        return outcome._replace(attempts=attempts, ambiguous=ambiguous)
    raise outcome.with_attempts(attempts, ambiguous or outcome.ambiguous)
