#!/usr/bin/env bash
# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Surprise: NO_PROXY=192.0.2.5:8443 has no effect on `requests`, while host.example.com:8443 has, and while the uri module of
#   the same play goes direct with both. With a network, 192.0.2.0/24, it is the other way round.
# Packages: requests 2.34.2, ansible-core 2.19.14.
# Expected: a host with a port is compared in the same way, be it a name or an address; and one NO_PROXY means one thing for
#   all tasks of a play.
# Seen: requests compares an address only with addresses and networks (requests/utils.py, should_bypass_proxies), a name
#   also with its port; urllib, on which the uri module stands, compares texts, so it knows ports and no networks.
# Date: 2026-11-29.
# For users of this collection: it reads NO_PROXY as requests does. For an instance with a private address, name the address
#   without its port, 192.0.2.5, which both understand.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HOME="$work"
export ANSIBLE_HOME="$work/.ansible" ANSIBLE_NOCOLOR=1 ANSIBLE_LOCALHOST_WARNING=False ANSIBLE_DEPRECATION_WARNINGS=False
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check ansible-core==2.19.14 requests==2.34.2
venv/bin/pip list --disable-pip-version-check 2>/dev/null | grep -E '^(ansible-core|requests) '
cat >ask.py <<'PY'
import http.server
import json
import os
import subprocess
import sys
import threading

import requests


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        content = json.dumps(self.server.name).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


def serve(name):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.name = name
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def uri(url):
    told = subprocess.run(
        ["venv/bin/ansible", "localhost", "-m", "ansible.builtin.uri", "-a", json.dumps({"url": url})],
        capture_output=True, text=True,
    ).stdout
    return json.loads(told.partition("=>")[2])["json"]


port, proxy = serve("direct"), serve("by proxy")
os.environ["http_proxy"] = f"http://127.0.0.1:{proxy}"
for host, entry in (
    ("127.0.0.1", "127.0.0.1"),
    ("127.0.0.1", f"127.0.0.1:{port}"),
    ("localhost", f"localhost:{port}"),
    ("127.0.0.1", "127.0.0.0/8"),
):
    os.environ["no_proxy"] = entry
    url = f"http://{host}:{port}"
    line = f"http://{host}:PORT, no_proxy={entry.replace(str(port), 'PORT')}"
    print(f"{line}: requests {requests.get(url, timeout=10).json()}, uri {uri(url)}")
PY
venv/bin/python ask.py | tee seen.txt

diff seen.txt - <<'TXT'
http://127.0.0.1:PORT, no_proxy=127.0.0.1: requests direct, uri direct
http://127.0.0.1:PORT, no_proxy=127.0.0.1:PORT: requests by proxy, uri direct
http://localhost:PORT, no_proxy=localhost:PORT: requests direct, uri direct
http://127.0.0.1:PORT, no_proxy=127.0.0.0/8: requests direct, uri by proxy
TXT
echo "As described: requests ignores an address with a port in NO_PROXY."
