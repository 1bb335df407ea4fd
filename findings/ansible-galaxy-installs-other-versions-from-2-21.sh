#!/usr/bin/env bash
# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Surprise: "ansible-galaxy collection install NAME" installs different versions from the same server under ansible-core
#   2.20 and 2.21. From 2.21 on, requires_ansible of meta/runtime.yml, up to then only a warning at run time, counts for
#   the choice: an older version that allows this ansible-core is taken, and exit status and last line are as ever. An
#   archive on disk that does not allow it is refused, also with --no-deps and --force.
# Packages: ansible-core 2.20.10 and 2.21.5 (2.19.14 does as 2.20.10, 2.22.0rc1 as 2.21.5).
# Expected: the newest version in both, or an error where it does not fit.
# Seen: versions 1.0.0 (>=2.16.0) and 2.0.0 (>=2.99.0) on the server: 2.20.10 installs 2.0.0, 2.21.5 installs 1.0.0.
# Date: 2026-11-29.
# For users of this collection: pin its version in requirements.yml. If 2.21 or later refuses a collection that is meant
#   for another ansible-core, for example while an image is built, set
#   ANSIBLE_COLLECTIONS_ON_ANSIBLE_VERSION_MISMATCH=ignore.
set -euo pipefail

work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
cd "$work"
export ANSIBLE_NOCOLOR=1
mkdir archives
for version in 2.20.10 2.21.5; do
  "${PYTHON313:-python3.13}" -m venv "venv-$version"
  "venv-$version/bin/pip" install --quiet --disable-pip-version-check "ansible-core==$version"
done
export HOME="$work/home" ANSIBLE_HOME="$work/home/.ansible"
for version in 1.0.0 2.0.0; do
  mkdir -p src/meta
  echo Example >src/README.md
  printf 'namespace: acme\nname: one\nversion: %s\nreadme: README.md\nauthors: [acme]\n' "$version" >src/galaxy.yml
  echo "requires_ansible: '$([ "$version" = 1.0.0 ] && echo '>=2.16.0' || echo '>=2.99.0')'" >src/meta/runtime.yml
  venv-2.20.10/bin/ansible-galaxy collection build src --output-path archives >/dev/null
done
cat >server.py <<'PY'
import hashlib
import http.server
import json
import pathlib

BASE = "/api/v3/collections/acme/one"
REQUIRES = {"2.0.0": ">=2.99.0", "1.0.0": ">=2.16.0"}


def page(path, base):
    if path == "/api":
        return {"available_versions": {"v3": "v3/"}}
    if path == BASE:
        times = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
        return {"namespace": "acme", "name": "one", "highest_version": {"version": "2.0.0"}, **times}
    if path == BASE + "/versions":
        found = [{"version": version, "requires_ansible": wanted} for version, wanted in REQUIRES.items()]
        return {"meta": {"count": 2}, "links": {"next": None}, "data": found}
    version = path.rsplit("/", 1)[1]
    name = "acme-one-%s.tar.gz" % version
    return {
        "version": version,
        "href": path + "/",
        "namespace": {"name": "acme"},
        "collection": {"name": "one"},
        "requires_ansible": REQUIRES[version],
        "download_url": "%s/archives/%s" % (base, name),
        "artifact": {"sha256": hashlib.sha256(pathlib.Path("archives", name).read_bytes()).hexdigest()},
        "metadata": {"dependencies": {}},
        "signatures": [],
    }


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        path = self.path.split("?")[0].rstrip("/")
        if path.startswith("/archives/"):
            body = pathlib.Path(path[1:]).read_bytes()
        else:
            body = json.dumps(page(path, "http://127.0.0.1:%d" % self.server.server_address[1])).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
pathlib.Path("port").write_text(str(server.server_address[1]))
server.serve_forever()
PY
venv-2.21.5/bin/python server.py &
server=$!
for _ in $(seq 50); do [ -s port ] || sleep 0.2; done
source_url="http://127.0.0.1:$(cat port)/api/"

for version in 2.20.10 2.21.5; do
  rm -rf "$HOME"
  export ANSIBLE_COLLECTIONS_PATH="$work/server-$version"
  "venv-$version/bin/ansible-galaxy" collection install acme.one -s "$source_url" -p "$ANSIBLE_COLLECTIONS_PATH" | tail -1
  got=$(sed -n 's/.*"version": "\([0-9.]*\)".*/\1/p' "$ANSIBLE_COLLECTIONS_PATH/ansible_collections/acme/one/MANIFEST.json")
  status=0
  "venv-$version/bin/ansible-galaxy" collection install archives/acme-one-2.0.0.tar.gz --no-deps --force \
    -p "$work/disk-$version" >"disk-$version.txt" 2>&1 || status=$?
  ignored=0
  ANSIBLE_COLLECTIONS_ON_ANSIBLE_VERSION_MISMATCH=ignore "venv-$version/bin/ansible-galaxy" collection install \
    archives/acme-one-2.0.0.tar.gz -p "$work/ignored-$version" >/dev/null 2>&1 || ignored=$?
  echo "ansible-core $version: server $got, archive $status, archive with ignore $ignored" | tee -a seen.txt
done
grep -m1 'requires ansible-core' disk-2.21.5.txt

diff seen.txt - <<'TXT'
ansible-core 2.20.10: server 2.0.0, archive 0, archive with ignore 0
ansible-core 2.21.5: server 1.0.0, archive 1, archive with ignore 0
TXT
echo "As described: ansible-galaxy of 2.21 installs another version than that of 2.20."
