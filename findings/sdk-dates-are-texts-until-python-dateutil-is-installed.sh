#!/usr/bin/env bash
# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Surprise: the type of a date in the SDK's answers depends on a package that the SDK neither needs nor names as a
#   dependency. Installing python-dateutil, which many packages bring along, turns texts into datetime objects, so that code
#   which worked fails.
# Packages: huaweicloudsdkcore 3.1.219, huaweicloudsdkiam 3.1.219, python-dateutil 2.9.0.post0.
# Expected: one type, the one that the model names (datetime); or a missing dependency that is reported.
# Seen: created_at of an access key is the text "2026-11-29T01:02:03Z" without python-dateutil (an ImportWarning says so,
#   which Python hides by default), and a datetime with it: json.dumps of it, slices, startswith fail. With python-dateutil,
#   a date with another offset than Z is still a text, with a warning: a Z is put after whatever does not end in one.
#   (huaweicloudsdkcore/client.py, _deserialize_data_time)
# Date: 2026-11-29.
# For users of this collection: nothing to do, it does not use the SDK. With the SDK, read dates from response.raw_content.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HOME="$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check huaweicloudsdkcore==3.1.219 huaweicloudsdkiam==3.1.219
cat >dates.py <<'PY'
import http.server
import json
import threading

from huaweicloudsdkcore.auth.credentials import GlobalCredentials
from huaweicloudsdkiam.v5 import IamClient, ListAccessKeysV5Request

CREATED = ["2026-11-29T01:02:03Z", "2026-11-29T09:02:03+08:00"]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        keys = [{"user_id": "u", "access_key_id": "k", "status": "active", "created_at": text} for text in CREATED]
        content = json.dumps({"access_keys": keys}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = (
    IamClient.new_builder()
    .with_credentials(GlobalCredentials("key", "secret", "0" * 32))
    .with_endpoint("http://127.0.0.1:%d" % server.server_address[1])
    .build()
)
for text, key in zip(CREATED, client.list_access_keys_v5(ListAccessKeysV5Request(user_id="u")).access_keys):
    print(f"{text}: {type(key.created_at).__name__}")
PY
for round in without with; do
  if [ "$round" = with ]; then
    venv/bin/pip install --quiet --disable-pip-version-check python-dateutil==2.9.0.post0
  fi
  venv/bin/pip list --disable-pip-version-check 2>/dev/null | grep -E 'huaweicloudsdk|dateutil'
  venv/bin/python -W ignore dates.py | sed "s/^/$round python-dateutil: /" | tee -a seen.txt
done

diff seen.txt - <<'TXT'
without python-dateutil: 2026-11-29T01:02:03Z: str
without python-dateutil: 2026-11-29T09:02:03+08:00: str
with python-dateutil: 2026-11-29T01:02:03Z: datetime
with python-dateutil: 2026-11-29T09:02:03+08:00: str
TXT
echo "As described: dates of the SDK are texts until python-dateutil is installed."
