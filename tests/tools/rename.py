# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Give the collection another namespace, in all files of the checkout that this file is in.

The address of the repository stays, and so does what the service is called. Needs Python alone. Afterwards,
``ruff format`` puts lines in order that have become longer or shorter.
"""

from __future__ import annotations

import argparse
import re
import runpy
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Not imported: the checkout need not be where Python finds it as a collection.
sources: Callable[[Path], list[str]] = runpy.run_path(str(Path(__file__).with_name("stage.py")))["sources"]
# As Galaxy has it: https://docs.ansible.com/ansible/latest/dev_guide/collections_galaxy_meta.html
NAMESPACE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")


def renamed(text: str, old: str, new: str, name: str) -> str:
    """Return ``text`` with ``new`` in the place of ``old`` wherever that is the namespace of the collection."""
    forms = (
        # Not in the address of the repository, OWNER/NAMESPACE.NAME, whose owner has a hyphen.
        (rf"(?<!-{name}/){old}\.{name}\b", f"{new}.{name}"),
        (rf"(?<=ansible_collections/){old}/{name}\b", f"{new}/{name}"),
        (rf'"{old}" / "{name}"', f'"{new}" / "{name}"'),
        # Tarballs: NAMESPACE-NAME-VERSION.tar.gz, with a version, a word for it, or a pattern.
        (rf"\b{old}-{name}-(?=[*A-Z0-9])", f"{new}-{name}-"),
        (rf"(?m)^namespace: {old}$", f"namespace: {new}"),
    )
    for form, replacement in forms:
        text = re.sub(form, replacement, text)
    return text


def main() -> None:
    """Rename to the namespace that is named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("namespace")
    new = parser.parse_args().namespace
    if not NAMESPACE.match(new):
        parser.error("a namespace has small letters, digits and single underscores, and begins with a letter")
    galaxy = (ROOT / "galaxy.yml").read_text(encoding="utf-8")
    old, name = (re.findall(rf"(?m)^{key}: (\w+)$", galaxy)[0] for key in ("namespace", "name"))
    changed = 0
    for path in (ROOT / source for source in sources(ROOT)):
        before = path.read_bytes()
        after = renamed(before.decode("utf-8", "surrogateescape"), old, new, name).encode("utf-8", "surrogateescape")
        if after != before:
            path.write_bytes(after)
            changed += 1
    print(f"{changed} files now say {new}.{name}")


if __name__ == "__main__":
    main()
