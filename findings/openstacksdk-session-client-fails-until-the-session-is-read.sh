#!/usr/bin/env bash
# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Surprise: a client that openstacksdk makes for any service, conn.config.get_session_client("iotda"), cannot make a request,
#   unless somebody has looked at conn.session before. Looking is enough; a debugger or a print makes the error go away.
# Packages: openstacksdk 4.22.0, the newest (1.5.1 does it too, with another error), keystoneauth1 5.18.1.
# Expected: what its documentation says: after client = get_session_client('compute'), client.get('/flavors') "will work like
#   you think". It is the way to call a service with its own endpoint (iotda_endpoint_override) and IAM's token.
# Seen: RuntimeError: no connection found. After conn.session was read: 200. The session is made when it is first read, and
#   only then gets the reference to the connection that each client looks for (openstack/cloud/openstackcloud.py, session;
#   openstack/proxy.py, request). With OpenStackConfig alone, without a connection, there is no way at all.
# Date: 2026-11-29.
# For users of this collection: nothing to do. Scripts beside it that call IoTDA with openstacksdk: read conn.session once,
#   or use keystoneauth1's Adapter(conn.session, endpoint_override=...), which reads it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HOME="$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check openstacksdk==4.22.0 keystoneauth1==5.18.1
venv/bin/pip list --disable-pip-version-check 2>/dev/null | grep -E '^(openstacksdk|keystoneauth1) '
cat >iam.py <<'PY'
import http.server
import json
import threading
import time

TOKEN = {
    "methods": ["password"],
    "issued_at": "2026-11-29T00:00:00.000000Z",
    "expires_at": "2099-01-01T00:00:00.000000Z",
    "user": {"id": "u1", "name": "joe", "domain": {"id": "d1", "name": "example"}},
    "project": {"id": "p1", "name": "cn-north-4", "domain": {"id": "d1", "name": "example"}},
    "roles": [],
    "catalog": [],
}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.seen.append((self.command, self.path))
        login = self.path == "/v3/auth/tokens"
        if not login:
            time.sleep(self.server.delay)
        content = json.dumps({"token": TOKEN} if login else {}).encode()
        try:
            self.send_response(201 if login else 200)
            self.send_header("X-Subject-Token", "token")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except OSError:
            pass  # the client has gone

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


def serve(delay=0.0):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.seen, server.delay, server.url = [], delay, "http://127.0.0.1:%d" % server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
PY
cat >session.py <<'PY'
import openstack
from iam import serve

server = serve()
for look in (False, True):
    connection = openstack.connection.Connection(
        auth_type="v3password",
        auth={
            "auth_url": server.url + "/v3",
            "username": "joe",
            "password": "password",
            "user_domain_name": "example",
            "project_name": "cn-north-4",
            "project_domain_name": "example",
        },
        region_name="cn-north-4",
        iotda_endpoint_override=server.url + "/v5/iot/p1",
    )
    if look:
        connection.session
    client = connection.config.get_session_client("iotda")
    try:
        result = client.get("/batchtasks").status_code
    except Exception as error:
        result = f"{type(error).__name__}: {error}"
    print("session read" if look else "session not read", "-", result)
print(server.seen)
PY
venv/bin/python -W ignore session.py | tee seen.txt

diff seen.txt - <<'TXT'
session not read - RuntimeError: no connection found
session read - 200
[('POST', '/v3/auth/tokens'), ('GET', '/v5/iot/p1/batchtasks')]
TXT
echo "As described: the client works only after the session was read."
