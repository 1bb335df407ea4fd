# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check the documentation, and build it as HTML: the modules' own, and the guides in ``docs/docsite/rst``.

Warnings are errors.

antsibull-docs makes RST of it, Sphinx makes HTML of that, and nothing is fetched from a network. Run it in a staged
collection, with ANSIBLE_COLLECTIONS_PATH leading to it: ``python -m ...tests.tools.docs_site .work/docs``.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import zlib
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ("*.svg",)

# Labels of Ansible's own documentation that generated pages refer to, and where they lead.
ANSIBLE_DOCS = "https://docs.ansible.com/ansible/latest/"
LABELS = {
    "ansible_collections.ansible.builtin.env_lookup": (
        "collections/ansible/builtin/env_lookup.html",
        "ansible.builtin.env",
    ),
    "ansible_collections.ansible.builtin.set_stats_module": (
        "collections/ansible/builtin/set_stats_module.html",
        "ansible.builtin.set_stats",
    ),
    "ansible_configuration_settings": ("reference_appendices/config.html", "Ansible Configuration Settings"),
    "common_return_values": ("reference_appendices/common_return_values.html", "Return Values"),
}

# Settings of Ansible itself that the page of the inventory plugin names.
SETTINGS = (
    "ANSIBLE_CACHE_PLUGIN",
    "ANSIBLE_CACHE_PLUGIN_CONNECTION",
    "ANSIBLE_CACHE_PLUGIN_PREFIX",
    "ANSIBLE_CACHE_PLUGIN_TIMEOUT",
)

CONF = '''"""Settings of Sphinx, written by tests/tools/docs_site.py."""
project = {name!r}
copyright = "The {name} authors; not affiliated with Huawei"
version = release = {version!r}
extensions = ["sphinx.ext.intersphinx", "sphinx_antsibull_ext"]
intersphinx_mapping = {{"ansible": ({ansible_docs!r}, {inventory!r})}}
pygments_style = "ansible"
highlight_language = "YAML+Jinja"
html_theme = "sphinx_rtd_theme"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_title = "{name} {version}"
html_show_sphinx = False
html_use_index = False
html_copy_source = False
html_theme_options = {{"collapse_navigation": False}}
default_role = "any"
nitpicky = True
'''

# The theme keeps a table's cell on one line, however long, and the page narrow.
CSS = """.wy-nav-content { max-width: 1000px; }
.wy-table-responsive table.docutils td, .wy-table-responsive table.docutils th { white-space: normal; }
.literal-block-wrapper .code-block-caption { text-align: left; }
"""

ANTSIBULL = """collection_install = {{
  * = "ansible-galaxy collection install ./{namespace}-{name}-*.tar.gz"
}}
"""


LINT = (
    *("antsibull-docs", "lint-collection-docs", "--plugin-docs", "--skip-rstcheck", "--check-extra-docs-refs"),
    *("--validate-collection-refs", "all", "--disallow-unknown-collection-refs", "."),
)


def build(folder: Path) -> Path:
    """Build the site in ``folder``, anew, and return its first page."""
    shutil.rmtree(folder, ignore_errors=True)
    rst, html = folder / "rst", folder / "html"
    # antsibull-docs wants a folder that nobody else can write to.
    rst.mkdir(parents=True, mode=0o755)
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    name = f"{galaxy['namespace']}.{galaxy['name']}"
    inventory = folder / "ansible.inv"
    inventory.write_bytes(_inventory())
    conf = CONF.format(name=name, version=galaxy["version"], ansible_docs=ANSIBLE_DOCS, inventory=str(inventory))
    (folder / "conf.py").write_text(conf, encoding="utf-8")
    (folder / "static").mkdir()
    (folder / "static/site.css").write_text(CSS, encoding="utf-8")
    settings = folder / "antsibull-docs.cfg"
    settings.write_text(ANTSIBULL.format(**galaxy), encoding="utf-8")
    _run("antsibull-docs", "--config-file", str(settings), "collection", "--cleanup", "everything", "--use-current",
         "--squash-hierarchy", "--fail-on-error", "--dest-dir", str(rst), name)  # fmt: skip
    # antsibull-docs writes the collection's name like that of a book.
    index = rst / "index.rst"
    index.write_text(index.read_text(encoding="utf-8").replace(name.title(), name, 1), encoding="utf-8")
    for pattern in PICTURES:
        for picture in (ROOT / "docs/docsite/rst").glob(pattern):
            shutil.copy(picture, rst / "docsite")
    _run("sphinx-build", "--quiet", "--fail-on-warning", "-b", "html", "-c", str(folder), str(rst), str(html))
    return html / "index.html"


def _inventory() -> bytes:
    """Return an inventory for intersphinx with ``LABELS`` and ``SETTINGS``, as Sphinx's ``objects.inv``, version 2."""
    head = "# Sphinx inventory version 2\n# Project: Ansible\n# Version:\n# The rest is compressed using zlib.\n"
    labels = [f"{label} std:label -1 {page}#{label} {title}\n" for label, (page, title) in LABELS.items()]
    settings = [f"{name} std:envvar -1 reference_appendices/config.html#envvar-$ -\n" for name in SETTINGS]
    return head.encode() + zlib.compress("".join([*labels, *settings]).encode())


def _run(*command: str) -> None:
    ended = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if ended.returncode:
        raise SystemExit(f"{ended.stdout}\n{command[0]} failed")


def main() -> None:
    """Check, and build the site in the folder that is named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder.resolve()
    _run(*LINT)
    _run("antsibull-changelog", "lint")
    print(f"The documentation has no errors; it begins at {build(folder)}")


if __name__ == "__main__":
    main()
