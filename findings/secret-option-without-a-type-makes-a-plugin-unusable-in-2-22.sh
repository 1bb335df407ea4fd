#!/usr/bin/env bash
# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Surprise: an inventory plugin whose option has "secret: true" and no "type" works under ansible-core 2.21 and cannot
#   be used at all under 2.22.0rc1.
# Packages: ansible-core 2.21.5 and 2.22.0rc1.
# Expected: "secret: true" masks the value in 2.22 and is ignored before, with and without "type: str".
# Seen: 2.22.0rc1 without a type: "cannot enable 'secret' with type None", the source is not read and no host is found;
#   ansible-inventory still exits with 0. "ansible-config dump -t inventory PLUGIN" fails as well. With "type: str" both
#   work.
# Date: 2026-11-29.
# For users of this collection: nothing to do, its inventory plugin does not use this key. If another plugin stops so
#   with 2.22, its author has to add "type: str". Set ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED=true, so that a job stops
#   instead of running without hosts.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HOME="$work" ANSIBLE_HOME="$work/.ansible" ANSIBLE_NOCOLOR=1 ANSIBLE_COLLECTIONS_PATH="$work"
plugins=ansible_collections/acme/one/plugins/inventory
mkdir -p "$plugins"
for name in typed untyped; do
  type=$([ "$name" = typed ] && echo 'type: str, ' || true)
  cat >"$plugins/$name.py" <<PY
DOCUMENTATION = """
name: $name
short_description: One host
description: One host.
options:
  plugin: {description: Name of the plugin., type: str, choices: [acme.one.$name]}
  token: {description: A token., ${type}secret: true, env: [{name: ACME_TOKEN}]}
"""
from ansible.plugins.inventory import BaseInventoryPlugin


class InventoryModule(BaseInventoryPlugin):
    NAME = "acme.one.$name"

    def verify_file(self, path):
        return True

    def parse(self, inventory, loader, path, cache=True):
        super().parse(inventory, loader, path)
        self._read_config_data(path)
        inventory.add_host("host-of-$name")
PY
  echo "plugin: acme.one.$name" >"$name.yml"
done
for version in 2.21.5 2.22.0rc1; do
  "${PYTHON313:-python3.13}" -m venv "venv-$version"
  "venv-$version/bin/pip" install --quiet --disable-pip-version-check "ansible-core==$version"
  for name in typed untyped; do
    status=0
    "venv-$version/bin/ansible-inventory" -i "$name.yml" --list >out.json 2>"err-$version-$name.txt" || status=$?
    hosts=$(grep -o 'host-of-[a-z]*' out.json || echo none)
    config=ok
    "venv-$version/bin/ansible-config" dump -t inventory "acme.one.$name" >/dev/null 2>&1 || config=failed
    echo "$version $name: hosts $hosts, exit status $status, ansible-config $config" | tee -a seen.txt
  done
done
grep -om1 "cannot enable 'secret' with type None" err-2.22.0rc1-untyped.txt

diff seen.txt - <<'TXT'
2.21.5 typed: hosts host-of-typed, exit status 0, ansible-config ok
2.21.5 untyped: hosts host-of-untyped, exit status 0, ansible-config ok
2.22.0rc1 typed: hosts host-of-typed, exit status 0, ansible-config ok
2.22.0rc1 untyped: hosts none, exit status 0, ansible-config failed
TXT
grep -q "cannot enable 'secret' with type None" err-2.22.0rc1-untyped.txt
echo "As described: in 2.22, secret without a type makes a plugin unusable."
