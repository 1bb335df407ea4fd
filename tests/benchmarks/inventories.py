# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory of an account with many instances, each of which takes a request of its own."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ansible_collections.huaweicloud.iotda.plugins.module_utils._instances.discovery import CONCURRENCY, KNOWN_REGIONS

from .measuring import Bench
from .plays import PlayFailed, Plays
from .service import service
from .table import Quantity, Row, at_most

LATENCY = 0.02
_TIMES = 3


def rows(bench: Bench) -> list[Row]:
    """Measure it, with a simulator of its own: instances cannot be removed again."""
    number, regions = bench.size.instances, sorted(KNOWN_REGIONS)
    bench.say(f"an inventory of {number} instances in {len(regions)} regions at {LATENCY * 1000:.0f} ms")
    with tempfile.TemporaryDirectory(prefix="iotda-inventory-") as folder, service() as served:
        plays = Plays(Path(folder), served.variables)
        served.list_instances(number, regions)
        served.fresh(LATENCY)
        options = {
            "plugin": "huaweicloud.iotda.instances",
            "regions": regions,
            "management_endpoint": f"{served.url}/management/{{region}}",
        }
        start = _seconds(plays, {**options, "regions": regions[:1], "name": "nobody"}, 0)[0]
        seconds, hosts = _seconds(plays, options, number)
        by_file = _seconds(plays, {"all": {"hosts": hosts}}, number, "hosts.json")[0]
    # Both are rounded up: the last lists and the last instances take a whole round trip, too.
    rounds = -(-len(regions) // CONCURRENCY) + -(-number // CONCURRENCY)
    bound = LATENCY * rounds
    what = f"Inventory of {number:,} instances in {len(regions)} regions at {LATENCY * 1000:.0f} ms"
    compared, with_it = f"the bound of its calls, {CONCURRENCY} at a time", Quantity(bound, "s")
    own = seconds - start
    more = seconds - by_file
    return [
        Row(what, Quantity(own, "s", "less the start"), compared, with_it, (at_most(1.5, own / bound),)),
        Row(what, Quantity(more, "s", "less the same hosts from a file"), compared, with_it),
    ]


def _seconds(
    plays: Plays, inventory: Mapping[str, object], expected: int, name: str = "benchmark.iotda.yml"
) -> tuple[float, dict[str, object]]:
    """Return the shortest time in which ansible-inventory lists the hosts, and the hosts."""
    source = plays.folder / name
    source.write_text(json.dumps(inventory), encoding="utf-8")
    runs = [plays.command("ansible-inventory", "-i", str(source), "--list") for _time in range(_TIMES)]
    output = runs[0][1]
    hosts: dict[str, object] = json.loads(output[output.index("{") :])["_meta"]["hostvars"]
    if len(hosts) != expected:
        raise PlayFailed(f"the inventory has {len(hosts)} hosts; expected {expected}")
    return min(seconds for seconds, _output in runs), hosts
