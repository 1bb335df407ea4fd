#!/usr/bin/env bash
# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Surprise: the SDK for Python leaves out the path of an endpoint: behind a gateway at https://gateway.example.com/iotda, all
#   requests, deletions among them, go to https://gateway.example.com/v5/..., without a word.
# Packages: huaweicloudsdkcore 3.1.219, huaweicloudsdkiotda 3.1.219; keystoneauth1 5.18.1 for comparison.
# Expected: the path is put before that of each request, as endpoint_override of keystoneauth does; or an error when the
#   client is built.
# Seen: only scheme, host and port of the endpoint are used, for the signature as well (huaweicloudsdkcore/client.py,
#   _url_parse and build_future_request). What answers is whatever the gateway has at that path.
# Date: 2026-11-29.
# For users of this collection: nothing to do, it refuses an endpoint with a path before anything is sent. For the SDK, give
#   the gateway a host name of its own for IoTDA.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HOME="$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check huaweicloudsdkcore==3.1.219 huaweicloudsdkiotda==3.1.219 \
  keystoneauth1==5.18.1
venv/bin/pip list --disable-pip-version-check 2>/dev/null | grep -E '^(huaweicloudsdk|keystoneauth1)'
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
cat >path.py <<'PY'
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkiotda.v5 import DeleteBatchTaskRequest, IoTDAClient
from keystoneauth1 import adapter, noauth, session
from server import serve

server = serve()
endpoint = "http://127.0.0.1:%d/iotda" % server.server_address[1]
project, task = "0" * 32, "c" * 24
client = IoTDAClient.new_builder().with_credentials(BasicCredentials("key", "secret", project)).with_endpoint(endpoint).build()
client.delete_batch_task(DeleteBatchTaskRequest(task_id=task))
print("SDK:", server.seen[-1].command, server.seen[-1].path)
openstack = adapter.Adapter(session.Session(auth=noauth.NoAuth()), endpoint_override=endpoint)
openstack.delete(f"/v5/iot/{project}/batchtasks/{task}")
print("keystoneauth1:", server.seen[-1].command, server.seen[-1].path)
PY
venv/bin/python -W ignore path.py | tee seen.txt

diff seen.txt - <<'TXT'
SDK: DELETE /v5/iot/00000000000000000000000000000000/batchtasks/cccccccccccccccccccccccc
keystoneauth1: DELETE /iotda/v5/iot/00000000000000000000000000000000/batchtasks/cccccccccccccccccccccccc
TXT
echo "As described: the SDK drops the path of an endpoint."
