#!/usr/bin/env bash
# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Surprise: hwc_network_vpc of community.general takes a VPC for absent when the listing failed. With "state: absent" the task
#   is ok, changed=false, and the VPC is still there; with "state: present" a second VPC of the same name is created.
# Packages: community.general 13.5.0, as it is in ansible 14.5.0 (hwc_smn_topic looks for its topic in the same way),
#   keystoneauth1 5.18.1, ansible-core 2.19.14.
# Expected: the task fails with the status of the listing: nothing is known of the resource.
# Seen: the listing is answered with 503 (any status but 2xx does it), the exception is dropped, and the search ends with
#   "none" (plugins/modules/hwc_network_vpc.py, get_id_by_name). Nothing in the result tells it.
# Date: 2026-11-29.
# For users of this collection: nothing to do, its modules fail if they cannot tell. In plays that also use these two, give
#   their "id": it is fetched without a listing, and a failure is reported.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HOME="$work"
export ANSIBLE_HOME="$work/.ansible" ANSIBLE_COLLECTIONS_PATH="$work/collections" ANSIBLE_NOCOLOR=1
export ANSIBLE_DEPRECATION_WARNINGS=False ANSIBLE_LOCALHOST_WARNING=False ANSIBLE_COLLECTIONS_ON_ANSIBLE_VERSION_MISMATCH=ignore
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check ansible-core==2.19.14 keystoneauth1==5.18.1
# Of the 92 collections, only what these modules need.
venv/bin/pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --python-version 3.12 ansible==14.5.0
venv/bin/python - <<'PY'
import json
import zipfile

root = "ansible_collections/community/general/"
with zipfile.ZipFile("ansible-14.5.0-py3-none-any.whl") as wheel:
    needed = [name for name in wheel.namelist() if name.startswith(root)]
    wheel.extractall("collections", [name for name in needed if "hwc" in name or name.endswith(("MANIFEST.json", "runtime.yml"))])
with open("collections/" + root + "MANIFEST.json") as manifest:
    print("community.general", json.load(manifest)["collection_info"]["version"])
PY
venv/bin/pip list --disable-pip-version-check 2>/dev/null | grep -E '^(ansible-core|keystoneauth1) '
cat >cloud.py <<'PY'
import http.server
import json
import sys

STATUS_OF_LIST = int(sys.argv[1])
VPC = {"id": "1" * 32, "name": "meters", "cidr": "192.168.0.0/16", "status": "OK", "routes": [], "enable_shared_snat": False}


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.partition("?")[0]
        status, content = 404, {}
        if path == "/v3/auth/tokens":
            url = "http://%s/v1/p1" % self.headers["Host"]
            endpoint = {"id": "e1", "interface": "public", "region": "cn-north-4", "region_id": "cn-north-4", "url": url}
            catalog = [{"id": "s1", "type": "vpc", "name": "vpc", "endpoints": [endpoint]}]
            user = {"id": "u1", "name": "joe", "domain": {"id": "d1", "name": "example"}}
            project = {"id": "p1", "name": "cn-north-4", "domain": user["domain"]}
            times = {"issued_at": "2026-11-29T00:00:00.000000Z", "expires_at": "2099-01-01T00:00:00.000000Z"}
            token = {"methods": ["password"], "user": user, "project": project, "roles": [], "catalog": catalog, **times}
            status, content = 201, {"token": token}
        else:
            print(self.command, self.path, file=open("requests.txt", "a"))
            if (self.command, path) == ("GET", "/v1/p1/vpcs"):
                first = self.path.endswith("marker=&limit=10")
                status, content = STATUS_OF_LIST, {"vpcs": [VPC] if first else []}
            elif (self.command, path) == ("POST", "/v1/p1/vpcs") or self.command == "GET":
                status, content = 200, {"vpc": VPC}
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("X-Subject-Token", "token")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
run() { # status of the listing, state, further arguments
  : >requests.txt
  : >port.txt
  venv/bin/python cloud.py "$1" >port.txt 2>/dev/null &
  local server=$!
  until [ -s port.txt ]; do sleep 0.1; done
  venv/bin/ansible localhost -m community.general.hwc_network_vpc "${@:3}" -a "identity_endpoint=http://127.0.0.1:$(cat port.txt)/v3
    user=joe password=password domain=example project=cn-north-4 region=cn-north-4 name=meters cidr=192.168.0.0/16 state=$2" \
    >out.txt 2>&1 || true
  kill "$server"
  wait "$server" 2>/dev/null || true
  local result changed
  result=$(grep -oE '^localhost \| [A-Z]+' out.txt | cut -d' ' -f3)
  changed=$(grep -oE '"changed": [a-z]+' out.txt | cut -d' ' -f2)
  echo "listing $1, $2${3:+ $3}: $result, changed=$changed; $(paste -sd, requests.txt)" | tee -a seen.txt
}
run 200 absent --check
run 503 absent
run 503 present

diff seen.txt - <<'TXT'
listing 200, absent --check: CHANGED, changed=true; GET /v1/p1/vpcs?marker=&limit=10,GET /v1/p1/vpcs?marker=11111111111111111111111111111111&limit=10,GET /v1/p1/vpcs/11111111111111111111111111111111
listing 503, absent: SUCCESS, changed=false; GET /v1/p1/vpcs?marker=&limit=10
listing 503, present: CHANGED, changed=true; GET /v1/p1/vpcs?marker=&limit=10,POST /v1/p1/vpcs,GET /v1/p1/vpcs/11111111111111111111111111111111,GET /v1/p1/vpcs/11111111111111111111111111111111
TXT
echo "As described: a failed listing counts as no resource."
