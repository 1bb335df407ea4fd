#!/usr/bin/env bash
# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Surprise: the SDK's retry strategy DECOR_RELATED_JITTER gives up within a third of a second: each of its at most ten
#   retries waits for 10 to 30 milliseconds.
# Packages: huaweicloudsdkcore 3.1.219, huaweicloudsdkiotda 3.1.219.
# Expected: decorrelated jitter, as it is known: each wait is between a base and three times the wait before it, up to a
#   limit (here 60 seconds, says the code), so that ten retries bridge some minutes.
# Seen: 10 waits of 10 to 30 ms, 0.3 s at most together, while EQUAL_JITTER waits for 10 to 21 s together. A Retry-After of
#   the service changes neither. (huaweicloudsdkcore/retry/backoff_strategy.py: the wait before is not passed on.)
# Date: 2026-11-29.
# For users of this collection: nothing to do, it has its own retries. Where the SDK is used beside it against throttling,
#   choose EQUAL_JITTER, or write a strategy: ten retries in 0.3 s only make throttling worse.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HOME="$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check huaweicloudsdkcore==3.1.219 huaweicloudsdkiotda==3.1.219
venv/bin/pip list --disable-pip-version-check 2>/dev/null | grep huaweicloudsdk
cat >server.py <<'PY'
import http.server
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.seen.append(self)
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_GET = do_POST = do_DELETE = answer

    def log_message(self, *_):
        pass


def serve(status=200, context=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.seen, server.status = [], status
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
PY
cat >waits.py <<'PY'
import time

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import SdkException
from huaweicloudsdkcore.retry.backoff_strategy import BackoffStrategies
from huaweicloudsdkiotda.v5 import IoTDAClient, ListBatchTasksRequest
from server import serve

server = serve(503)
client = (
    IoTDAClient.new_builder()
    .with_credentials(BasicCredentials("key", "secret", "0" * 32))
    .with_endpoint("http://127.0.0.1:%d" % server.server_address[1])
    .build()
)
waits = []
time.sleep = waits.append  # look at the waits, not wait
for name in ("DECOR_RELATED_JITTER", "EQUAL_JITTER"):
    waits.clear()
    server.seen.clear()
    try:
        client.list_batch_tasks_invoker(ListBatchTasksRequest(task_type="createDevices")).with_retry(
            lambda response, error: error is not None, 10, getattr(BackoffStrategies, name)
        ).invoke()
    except SdkException as error:
        print(f"{name}: {len(server.seen)} requests, {len(waits)} waits, {sum(waits):.3f} s, {type(error).__name__}")
    print("  ", [round(wait, 3) for wait in waits])
    if name == "DECOR_RELATED_JITTER":
        assert len(waits) == 10 and all(0.01 <= wait <= 0.03 for wait in waits), waits
    else:
        assert 10 <= sum(waits) <= 21, waits
PY
venv/bin/python -W ignore waits.py
echo "As described: decorrelated jitter is 10 to 30 ms at each retry."
