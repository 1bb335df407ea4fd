#!/usr/bin/env bash
# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Surprise: a server, or a gateway before it, that sends an interim response (102 Processing, 103 Early Hints) before "403
#   Forbidden" makes a refused DELETE look like a success to `requests`: status 103, ok is True, raise_for_status() is silent.
#   The 403 is never read. ansible.builtin.uri fails with "Status code was 103", also if the final response is 204.
# Packages: requests 2.34.2 with urllib3 2.8.0, ansible-core 2.19.14, huaweicloudsdkiotda 3.1.219; httpx 0.28.1 for
#   comparison. Python 3.11.7; http.client of 3.13.0 does the same.
# Expected: an interim response is skipped, as RFC 9110 (15.2) asks of every client, whether it knows the number or not.
# Seen: only 100 is skipped, by the standard library's http.client, on which urllib3 and the uri module stand. httpx: 403.
#   The official SDK returns a response object with status 103 and raises nothing.
# Date: 2026-11-29.
# For users of this collection: nothing to do, it skips interim responses. Elsewhere check for the status that you expect,
#   not for "ok".
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HOME="$work"
export ANSIBLE_HOME="$work/.ansible" ANSIBLE_NOCOLOR=1 ANSIBLE_LOCALHOST_WARNING=False
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check ansible-core==2.19.14 requests==2.34.2 urllib3==2.8.0 httpx==0.28.1 \
  huaweicloudsdkcore==3.1.219 huaweicloudsdkiotda==3.1.219
venv/bin/pip list --disable-pip-version-check 2>/dev/null | grep -E '^(ansible-core|requests|urllib3|httpx|huaweicloudsdkiotda) '
cat >ask.py <<'PY'
import json
import socketserver
import subprocess
import sys
import threading

import httpx
import requests
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkiotda.v5 import DeleteBatchTaskRequest, IoTDAClient

REFUSAL = b'{"error_code": "IOTDA.000006", "error_msg": "refused"}'


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        while self.rfile.readline().strip():
            """The request."""
        self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n")
        self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nConnection: close\r\n")
        self.wfile.write(b"Content-Length: %d\r\n\r\n%s" % (len(REFUSAL), REFUSAL))


socketserver.ThreadingTCPServer.allow_reuse_address = True
server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = "http://127.0.0.1:%d" % server.server_address[1]

response = requests.delete(url, timeout=10)
response.raise_for_status()
print("requests:", response.status_code, "ok" if response.ok else "not ok")
client = IoTDAClient.new_builder().with_credentials(BasicCredentials("k", "s", "0" * 32)).with_endpoint(url).build()
print("SDK:", client.delete_batch_task(DeleteBatchTaskRequest(task_id="c" * 24)).status_code)
told = subprocess.run(
    [sys.argv[1], "localhost", "-m", "ansible.builtin.uri", "-a", json.dumps({"url": url, "method": "DELETE"}),
     "-e", "ansible_python_interpreter=" + sys.executable],
    capture_output=True, text=True,
).stdout
print("uri:", "Status code was 103" if "Status code was 103" in told else told)
print("httpx:", httpx.delete(url).status_code)
PY
venv/bin/python -W ignore ask.py venv/bin/ansible | tee seen.txt

diff seen.txt - <<'TXT'
requests: 103 ok
SDK: 103
uri: Status code was 103
httpx: 403
TXT
echo "As described: response 103 hides the refusal behind it."
