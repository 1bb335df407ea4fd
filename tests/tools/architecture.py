# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check that imports between the packages of ``plugins/module_utils`` go one way, or count them.

``python tests/tools/architecture.py --count PATH`` prints, for any checkout of the collection, how many units there
are, how many levels their imports form, and how many imports there are between them: once by package, and once by file.
"""

from __future__ import annotations

import argparse
import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

PLUGINS = Path("plugins")
NAMESPACE = "ansible_collections.huaweicloud.iotda.plugins."

# A package may import from itself and from the packages of earlier lines.
LAYERS = (
    ("module_utils/_core",),
    ("module_utils/_http",),
    ("module_utils/_auth",),
    ("module_utils/_account",),
    ("module_utils/_batch_tasks", "module_utils/_instances"),
    ("module_utils/_module",),
    ("plugin_utils",),
    ("modules", "inventory", "filter"),
)
LEVEL = {package: level for level, packages in enumerate(LAYERS) for package in packages}
WITH_ANSIBLE = ("module_utils/_module", "plugin_utils", "modules", "inventory", "filter")
# Only modules have an AnsibleModule, and only the other plugins have plugin_utils.
RUNNER = "module_utils/_module/runner.py"
FORBIDDEN = {"modules": "plugin_utils", "inventory": RUNNER, "filter": RUNNER, "plugin_utils": RUNNER}


@dataclass(frozen=True, order=True)
class Import:
    """``importer`` and ``imported`` are files, relative to ``plugins``; ``imported`` may be a module of Ansible."""

    importer: str
    imported: str


def imports(root: Path) -> set[Import]:
    """Return all imports of the collection's own plugins, and of Ansible."""
    return {one for path in _files(root) for one in _imports_of(root / PLUGINS, path)}


def problems(root: Path) -> Iterator[str]:
    """Yield one sentence for each import that goes the wrong way, and each package that has no layer."""
    for package in sorted({_package(file) for file in _files(root)} - set(LEVEL) - {"doc_fragments"}):
        yield f"{PLUGINS / package} has no layer in tests/tools/architecture.py"
    for one in sorted(imports(root)):
        importer, imported = _package(one.importer), _package(one.imported)
        if one.imported.startswith("ansible."):
            if importer not in WITH_ANSIBLE:
                yield f"{PLUGINS / one.importer} imports {one.imported}, which only {', '.join(WITH_ANSIBLE)} may"
        elif _is_wrong(importer, imported, one.imported):
            yield f"{PLUGINS / one.importer} imports {one.imported}, which {importer} may not"


def _is_wrong(importer: str, imported: str, file: str) -> bool:
    goes_up = importer != imported and LEVEL.get(importer, 0) <= LEVEL.get(imported, 0)
    return goes_up or FORBIDDEN.get(importer) in (imported, file)


def _files(root: Path) -> list[str]:
    """Return the files with code; the documentation fragments have none."""
    paths = (path.relative_to(root / PLUGINS).as_posix() for path in (root / PLUGINS).rglob("*.py"))
    return sorted(path for path in paths if not path.endswith("__init__.py") and not path.startswith("doc_fragments"))


def _package(file: str) -> str:
    """Return the package of a file: a folder of ``module_utils``, a file that stands there alone, or a plugin type."""
    parts = file.split("/")
    return "/".join(parts[:2]) if parts[0] == "module_utils" else parts[0]


def _imports_of(plugins: Path, file: str) -> Iterator[Import]:
    for node in _executed(ast.parse((plugins / file).read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [f"{_absolute(node, file)}.{alias.name}" for alias in node.names]
        for name in names:
            found = _own_file(plugins, name) if name.startswith(NAMESPACE) else None
            if found or name.startswith("ansible."):
                yield Import(file, found or name)


def _executed(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes below ``node``, but not what only type checkers read."""
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            yield child
            yield from _executed(child)


def _absolute(node: ast.ImportFrom, file: str) -> str:
    """Return the module that a statement of ``file`` imports from, also where it is written with leading dots."""
    if not node.level:
        return str(node.module)
    folder = file.split("/")[: -node.level]
    return NAMESPACE + ".".join([*folder, *([node.module] if node.module else [])])


def _own_file(plugins: Path, name: str) -> str | None:
    """Return the file of a module, or of the module that ``name`` is in."""
    path = name.removeprefix(NAMESPACE).replace(".", "/")
    for candidate in (path, path.rpartition("/")[0]):
        if (plugins / f"{candidate}.py").exists():
            return f"{candidate}.py"
    return None


def count(root: Path, unit: Callable[[str], str]) -> tuple[int, int, int]:
    """Return the number of units, of levels, and of pairs of units of which one imports the other."""
    units = {unit(file) for file in _files(root)}
    own = [one for one in imports(root) if not one.imported.startswith("ansible.")]
    pairs = {(unit(one.importer), unit(one.imported)) for one in own}
    pairs = {(importer, imported) for importer, imported in pairs if importer != imported}
    below = {name: {imported for importer, imported in pairs if importer == name} for name in units}
    return len(units), max(_height(name, below, ()) for name in units), len(pairs)


def _height(name: str, below: dict[str, set[str]], path: tuple[str, ...]) -> int:
    """Return the length of the longest chain of imports that begins at ``name``, itself included."""
    if name in path:
        raise SystemExit(f"imports go in a circle: {' -> '.join([*path, name])}")
    return 1 + max((_height(imported, below, (*path, name)) for imported in below[name]), default=0)


def main() -> None:
    """Count in a checkout, or check it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path, nargs="?", default=Path(__file__).resolve().parents[2])
    parser.add_argument("--count", action="store_true")
    options = parser.parse_args()
    if options.count:
        for title, unit in (("by package", _package), ("by file", str)):
            units, levels, pairs = count(options.root, unit)
            print(f"{title}: {units} units on {levels} levels, {pairs} imports between them")
        return
    found = list(problems(options.root))
    raise SystemExit("\n".join(found) if found else 0)


if __name__ == "__main__":
    main()
