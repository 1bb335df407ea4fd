# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sockets, the event loop in its thread, and uvicorn on it."""

from __future__ import annotations

import asyncio
import socket
import threading
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .fault_injection import TRANSPORT

HOST = "127.0.0.1"
_PATIENCE = 10.0


class _Protocol(HttpToolsProtocol):
    """HTTP by uvicorn, which also hands the application the connection itself, so that it can break it."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"][TRANSPORT] = self.transport


class _Server(uvicorn.Server):
    """One port. It begins and ends at once, without the ticks that a server in production needs."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        config.load()
        self.lifespan = config.lifespan_class(config)

    async def end(self) -> None:
        loop = asyncio.get_running_loop()
        for server in self.servers:
            # asyncio attaches what it has accepted one step later, and cannot attach it to a closed server.
            for listener in server.sockets:
                loop.remove_reader(listener.fileno())
            await asyncio.sleep(0)
            server.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        # Requests under way must learn first that nobody waits for them any more.
        await asyncio.sleep(0)
        # With those of asyncio that wait for the end of a TLS handshake.
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Loop:
    """An event loop in a thread, with servers on it."""

    def __init__(self, keep_alive: float, chain_file: Path | None) -> None:
        self._keep_alive = keep_alive
        self._chain_file = chain_file
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="simulator", daemon=True)
        self._servers: list[_Server] = []
        self._thread.start()

    def serve(self, app: ASGIApp, port: int = 0) -> str:
        """Serve ``app`` on a port of the loopback address (0: a free one); return its URL. Raises OSError."""
        # Without the protocol named, asyncio leaves Nagle on, and each answer waits 40 ms for an acknowledgement.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError:
            listener.close()
            raise
        server = _Server(self._config(app))
        self._run(server.startup(sockets=[listener]))
        self._servers.append(server)
        scheme = "https" if self._chain_file else "http"
        return f"{scheme}://{HOST}:{listener.getsockname()[1]}"

    def close(self) -> None:
        """Close every port and connection, and end the thread."""
        for server in self._servers:
            self._run(server.end())
        self._run(asyncio.sleep(0))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE)
        self._loop.close()

    def _config(self, app: ASGIApp) -> uvicorn.Config:
        return uvicorn.Config(
            app,
            http=_Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=int(self._keep_alive),
            ssl_certfile=self._chain_file,
            ssl_keyfile=self._chain_file,
        )

    def _run(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE)
