#!/usr/bin/env bash
# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Surprise: connect_retries of keystoneauth (and so of openstacksdk, its clouds.yaml and each client built on it) repeats a
#   POST that the service has received and is working on. The error that remains is called ConnectTimeout.
# Package: keystoneauth1 5.18.1 (urllib3 2.8.0, requests 2.34.2 for comparison).
# Expected: what the name says: only attempts that could not connect are repeated, since nothing was sent in those. So does
#   Retry(connect=2) of urllib3, and status_code_retries is a setting of its own.
# Seen: with a timeout of 1 s and a service that answers after 2 s, connect_retries=2 sends the POST three times; also when
#   the service closes the connection without an answer. With urllib3 it is sent once. keystoneauth turns every timeout and
#   every broken connection of requests into one class of error (keystoneauth1/session.py, _send_request).
# Date: 2026-11-29.
# For users of this collection: nothing to do; it repeats a POST only if nothing was sent. With keystoneauth, set
#   connect_retries to 0 for requests that create something.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HOME="$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check keystoneauth1==5.18.1 requests==2.34.2 urllib3==2.8.0
venv/bin/pip list --disable-pip-version-check 2>/dev/null | grep -E '^(keystoneauth1|requests|urllib3) '
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
cat >retries.py <<'PY'
import logging

import requests
from iam import serve
from keystoneauth1 import session
from keystoneauth1.identity import v3
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

logging.disable(logging.CRITICAL)
server = serve(delay=2)


def post_with_keystoneauth():
    auth = v3.Password(server.url + "/v3", username="joe", password="password", user_domain_name="example")
    session.Session(auth=auth, timeout=1).post(server.url + "/batchtasks", json={"task_name": "one"}, connect_retries=2)


def post_with_requests():
    plain = requests.Session()
    plain.mount("http://", HTTPAdapter(max_retries=Retry(total=None, connect=2, read=0)))
    plain.post(server.url + "/batchtasks", json={"task_name": "one"}, timeout=1)


for post in (post_with_keystoneauth, post_with_requests):
    server.seen.clear()
    try:
        post()
    except Exception as error:
        count = server.seen.count(("POST", "/batchtasks"))
        print(f"{post.__name__}: {type(error).__name__}, the POST arrived {count} times")
PY
venv/bin/python -W ignore retries.py | tee seen.txt

diff seen.txt - <<'TXT'
post_with_keystoneauth: ConnectTimeout, the POST arrived 3 times
post_with_requests: ReadTimeout, the POST arrived 1 times
TXT
echo "As described: connect_retries repeats a POST that arrived."
