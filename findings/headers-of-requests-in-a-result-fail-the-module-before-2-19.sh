#!/usr/bin/env bash
# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Surprise: a module that returns the headers of a response of requests as they are,
#   exit_json(headers=response.headers), works under ansible-core 2.19 and later, and under 2.18 fails after it has done
#   its work.
# Packages: requests 2.34.2 with ansible-core 2.18.19 (2.16.14 does the same) and 2.19.14 (as do 2.21.5 and 2.22.0rc1).
# Expected: headers are a mapping, so the task is ok under both, or refused under both.
# Seen: 2.18.19: MODULE FAILURE, "Cannot json serialize {...}": the module makes a copy of the same type without
#   secrets, which is not a dictionary and which its JSON encoder does not know. 2.19.14: ok. types.MappingProxyType,
#   also a mapping, works in both.
# Date: 2026-11-29.
# For users of this collection: nothing to do, its modules return plain dictionaries only. Authors:
#   dict(response.headers). Test with the oldest supported ansible-core, since the newer ones hide the mistake.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HOME="$work" ANSIBLE_HOME="$work/.ansible" ANSIBLE_NOCOLOR=1 ANSIBLE_DEPRECATION_WARNINGS=False
mkdir library
cat >library/ask.py <<'PY'
#!/usr/bin/python
import http.server
import pathlib
import threading
import types

import requests
from ansible.module_utils.basic import AnsibleModule


class Handler(http.server.BaseHTTPRequestHandler):
    def do_DELETE(self):
        pathlib.Path("deleted").touch()
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


module = AnsibleModule({"how": {"type": "str", "required": True}})
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
headers = requests.delete("http://127.0.0.1:%d/" % server.server_address[1], timeout=10).headers
if module.params["how"] == "dict":
    headers = dict(headers)
elif module.params["how"] == "proxy":
    headers = types.MappingProxyType(dict(headers))
module.exit_json(changed=True, headers=headers)
PY
cat >play.yml <<'YAML'
- hosts: localhost
  gather_facts: false
  tasks:
    - ask:
        how: "{{ how }}"
YAML
run() { # version, how: prints ok or failed
  rm -f deleted
  if "venv-$1/bin/ansible-playbook" play.yml -e "how=$2" >"$1-$2.txt" 2>&1; then echo ok; else echo failed; fi
}
for version in 2.18.19 2.19.14; do
  python3 -m venv "venv-$version"
  "venv-$version/bin/pip" install --quiet --disable-pip-version-check "ansible-core==$version" requests==2.34.2
  for how in as_it_is dict proxy; do
    seen=$(run "$version" "$how")
    sent=$([ -e deleted ] && echo sent || echo "not sent")
    echo "ansible-core $version, headers $how: $seen (DELETE $sent)" | tee -a seen.txt
  done
done
grep -o 'Cannot json serialize' 2.18.19-as_it_is.txt | head -1

diff seen.txt - <<'TXT'
ansible-core 2.18.19, headers as_it_is: failed (DELETE sent)
ansible-core 2.18.19, headers dict: ok (DELETE sent)
ansible-core 2.18.19, headers proxy: ok (DELETE sent)
ansible-core 2.19.14, headers as_it_is: ok (DELETE sent)
ansible-core 2.19.14, headers dict: ok (DELETE sent)
ansible-core 2.19.14, headers proxy: ok (DELETE sent)
TXT
grep -q 'Cannot json serialize' 2.18.19-as_it_is.txt
echo "As described: before 2.19, headers of requests in a result fail the module."
