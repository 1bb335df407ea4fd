# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of hosts: a name that Ansible or AWX would read as something else is not used."""

from __future__ import annotations

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._instances.discovery import host_names


def named(*names: str, taken: tuple[str, ...] = ()) -> list[str]:
    instances = [{"iotda_instance_id": f"id-{number}", "iotda_name": name} for number, name in enumerate(names)]
    return list(host_names(instances, taken).values())


@pytest.mark.parametrize("name", ["meters", "Meters-north_2", "a.b", "7", "_x", "北京-电表"])
def test_a_usable_name_is_the_host_name(name: str) -> None:
    assert named(name) == [name]


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "two words",
        "trailing ",
        "line\nbreak",
        "meters\n",
        "all",
        "ungrouped",
        "localhost",
        "127.0.0.1",
        "::1",
        "meters:22",
        "a,b",
        "a[1:3]",
        "!a",
        "&a",
        "~a",
        "*",
        "-limit",
        ".",
        "..",
        "../group_vars/all",
        "a/b",
        "/etc",
        "{{ lookup('pipe', 'id') }}",
        "💡",
        "a\u202eb",
    ],
)
def test_any_other_name_is_replaced_by_the_id(name: str) -> None:
    assert named(name) == ["id-0"]


def test_instances_that_share_a_name_have_their_ids() -> None:
    assert named("a", "b", "a") == ["id-0", "b", "id-2"]


def test_a_name_that_is_in_use_is_replaced() -> None:
    assert named("a", "b", taken=("b",)) == ["a", "id-1"]


def test_a_name_that_is_the_id_of_another_is_replaced() -> None:
    assert named("id-1", "id-0", "c") == ["id-0", "id-1", "c"]
