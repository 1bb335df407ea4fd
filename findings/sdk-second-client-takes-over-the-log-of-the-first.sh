#!/usr/bin/env bash
# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Surprise: two clients of the SDK in one process, each built with a log file of its own, write both into the second file.
#   The first file stays empty.
# Packages: huaweicloudsdkcore 3.1.219, huaweicloudsdkiotda 3.1.219.
# Expected: with_file_log, set for each client, concerns that client: one file for each region, instance or account.
# Seen: the logger is one for each class of clients ("HuaweiCloud-SDK-IoTDAClient"), and building a client takes away the
#   file of the one before, without a word. The same with with_stream_log. (huaweicloudsdkcore/client.py, add_file_logger)
# Date: 2026-11-29.
# For users of this collection: nothing to do, it does not use the SDK. With the SDK, use one log file, and find requests by
#   their host; or add handlers to the logger yourself.
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
cat >logs.py <<'PY'
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkiotda.v5 import IoTDAClient, ListBatchTasksRequest
from server import serve

endpoint = "http://127.0.0.1:%d" % serve().server_address[1]
clients = [
    IoTDAClient.new_builder()
    .with_credentials(BasicCredentials("key", "secret", letter * 32))
    .with_endpoint(endpoint)
    .with_file_log(f"project-{letter}.log")
    .build()
    for letter in "ab"
]
for client in clients:
    client.list_batch_tasks(ListBatchTasksRequest(task_type="createDevices"))
PY
venv/bin/python -W ignore logs.py
for letter in a b; do
  echo "project-$letter.log: $(grep -o '/v5/iot/.' "project-$letter.log" | tr '\n' ' ')" | tee -a seen.txt
done

diff <(sed 's/ *$//' seen.txt) - <<'TXT'
project-a.log:
project-b.log: /v5/iot/a /v5/iot/b
TXT
echo "As described: the second client takes over the log of the first."
