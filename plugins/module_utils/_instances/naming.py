# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Host names: the name of an instance where Ansible and AWX read it as one host and nothing else, its ID elsewhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

# Blanks, colons, commas and other punctuation have a meaning in host patterns. A slash or a leading dot would load
# other files than those of host_vars. AWX reads what follows a colon as a port.
_USABLE = re.compile(r"\w[\w.-]*\Z")
_RESERVED = frozenset(("all", "ungrouped", "localhost", "127.0.0.1"))


def host_names(instances: Sequence[Mapping[str, Any]], taken: Collection[str]) -> dict[str, str]:
    """Return the name of the host by the ID of its instance; ``taken`` are names that are in use for something else.

    Instances that share a name are all named by ID, and so is one whose name is the ID of another.
    """
    names = Counter(instance["iotda_name"] for instance in instances)
    in_use = {*_RESERVED, *taken, *(instance["iotda_instance_id"] for instance in instances)}
    usable = {name for name, count in names.items() if count == 1 and _USABLE.match(name) and name not in in_use}
    return {
        instance["iotda_instance_id"]: instance["iotda_name"]
        if instance["iotda_name"] in usable
        else instance["iotda_instance_id"]
        for instance in instances
    }
