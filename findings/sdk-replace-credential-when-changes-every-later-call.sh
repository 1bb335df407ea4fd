#!/usr/bin/env bash
# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Surprise: with the SDK, replacing the credentials of one call replaces those of the client, for this call and all later
#   ones, in all threads; even if the call is never made.
# Packages: huaweicloudsdkcore 3.1.219, huaweicloudsdkiotda 3.1.219.
# Expected: client.list_batch_tasks_invoker(request).replace_credential_when(function) concerns this request, as add_header
#   beside it does, and as the method of the same name does in the SDK for Java, which works on a copy.
# Seen: the next plain client.list_batch_tasks(request) is signed with the other key, and goes to the other project, since
#   the project ID in the path is part of the credentials. (huaweicloudsdkcore/invoker/invoker.py)
# Date: 2026-11-29.
# For users of this collection: nothing to do, each task has its own credentials. Where the SDK is used beside it: one client
#   for each project. A clean-up that looks into another project for one call goes on there.
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
cat >replace.py <<'PY'
import re

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkiotda.v5 import DeleteBatchTaskRequest, IoTDAClient, ListBatchTasksRequest
from server import serve

server = serve()
mine = BasicCredentials("my-key", "secret", "a" * 32)
other = BasicCredentials("other-key", "secret", "b" * 32)
client = (
    IoTDAClient.new_builder()
    .with_credentials(mine)
    .with_endpoint("http://127.0.0.1:%d" % server.server_address[1])
    .build()
)
client.list_batch_tasks_invoker(ListBatchTasksRequest(task_type="createDevices")).replace_credential_when(
    lambda credentials: other
)  # prepared, but never invoked
client.delete_batch_task(DeleteBatchTaskRequest(task_id="c" * 24))
for request in server.seen:
    key = re.search("Access=([^,]+)", request.headers["Authorization"]).group(1)
    print(request.command, request.path, "signed with", key)
PY
venv/bin/python -W ignore replace.py | tee seen.txt

diff seen.txt - <<'TXT'
DELETE /v5/iot/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/batchtasks/cccccccccccccccccccccccc signed with other-key
TXT
echo "As described: a call that is never made moves the client to another project."
