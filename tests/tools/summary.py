# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Print the closing line of ``make test``: how many tests passed, as pytest counted them."""

from __future__ import annotations

import argparse
import xml.etree.ElementTree as ET
from pathlib import Path

TARGETS = Path("tests/integration/targets")


def counted(path: Path) -> tuple[int, int]:
    """Return how many tests of a JUnit file ran, and how many were skipped; raise SystemExit if any failed."""
    suites = ET.parse(path).getroot().findall("testsuite")
    tests, failures, errors, skipped = (
        sum(int(suite.get(name, 0)) for suite in suites) for name in ("tests", "failures", "errors", "skipped")
    )
    if failures or errors or not tests:
        raise SystemExit(f"{path.stem} tests: {tests} ran, {failures} failed, {errors} ended in an error")
    return tests - skipped, skipped


def main() -> None:
    """Read the files that ``make unit`` and ``make system`` left in the folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    unit, unit_skipped = counted(folder / "unit.xml")
    system, system_skipped = counted(folder / "system.xml")
    targets = sum(path.is_dir() for path in TARGETS.iterdir())
    skipped = unit_skipped + system_skipped
    print(
        f"\nAll tests passed: {unit} unit, {system} system, {targets} integration targets"
        + (f" ({skipped} skipped)." if skipped else ".")
    )


if __name__ == "__main__":
    main()
