# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A believable fleet's batch tasks, for demonstrations: their IDs are fixed, their ages are counted from now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from .instances import Instance
from .settings import Settings
from .simulator import Simulator

WATER, STREETLIGHTS = "water_meters", "street_lights"
# One device of a group, which is in no other task, fails: so a campaign can be seen to fail in part.
SETTINGS: dict[str, Any] = {
    "app_ids": (Settings.default_app_id, WATER, STREETLIGHTS),
    "groups": {"first_wave": ("meter_0001", "meter_0002", "meter_0999")},
    "failing_devices": ("meter_0999",),
}
# Each with its tag "env", and a task of each age in days.
INSTANCES = {"meters_north": "prod", "meters_south": "test"}
INSTANCE_AGES = (1, 10, 100)

RUNNING_FREEZE = "6a142f7c9f3e5b0007a1c017"
RUNNING_UPGRADE = "6a143b109f3e5b0007a1c018"


@dataclass(frozen=True)
class Sample:
    """One task of the fleet; ``age`` in days."""

    task_id: str
    task_name: str
    task_type: str
    status: str
    age: float
    devices: int
    app_id: str = WATER
    finishes_in: float | None = None


SAMPLES = (
    Sample("690b21d09f3e5b0007a1c001", "create_water_meters_north", "createDevices", "Success", 198, 40),
    Sample(
        "6912f4409f3e5b0007a1c002", "create_street_lights_harbour", "createDevices", "Success", 185, 25, STREETLIGHTS
    ),
    Sample("691d80b09f3e5b0007a1c003", "firmware_meters_v1_4_0", "firmwareUpgrade", "PartialSuccess", 171, 8),
    Sample("692a0f209f3e5b0007a1c004", "shadow_report_interval_1h", "updateDeviceShadows", "Success", 160, 40),
    Sample("6933c9909f3e5b0007a1c005", "freeze_stolen_meters_2026w20", "freezeDevices", "Success", 149, 3),
    Sample("6941e1009f3e5b0007a1c006", "firmware_meters_v1_4_1", "firmwareUpgrade", "Success", 138, 40),
    Sample("694c70f09f3e5b0007a1c007", "dim_street_lights_summer", "createCommands", "Fail", 127, 25, STREETLIGHTS),
    Sample(
        "6955d3609f3e5b0007a1c008", "dim_street_lights_summer_2", "createCommands", "Success", 126, 25, STREETLIGHTS
    ),
    Sample("69625cd09f3e5b0007a1c009", "unfreeze_found_meters_2026w26", "unfreezeDevices", "Success", 108, 2),
    Sample("696e11409f3e5b0007a1c00a", "software_gateways_v3_2", "softwareUpgrade", "Stopped", 97, 6),
    Sample("6979a8b09f3e5b0007a1c00b", "software_gateways_v3_2_1", "softwareUpgrade", "Success", 95, 6),
    Sample("6986f5209f3e5b0007a1c00c", "freeze_lost_meters_2026w31", "freezeDevices", "Success", 84, 4),
    Sample("699203909f3e5b0007a1c00d", "delete_test_devices", "deleteDevices", "Success", 76, 8),
    Sample("699d40009f3e5b0007a1c00e", "message_maintenance_window", "createMessages", "PartialSuccess", 63, 40),
    Sample("69a9bb709f3e5b0007a1c00f", "freeze_lost_meters_2026w35", "freezeDevices", "Fail", 55, 4),
    Sample("69b5e6e09f3e5b0007a1c010", "freeze_lost_meters_2026w35_again", "freezeDevices", "Success", 54, 4),
    Sample("69c217509f3e5b0007a1c011", "async_read_valves", "createAsyncCommands", "PartialSuccess", 41, 40),
    Sample("69cd90c09f3e5b0007a1c012", "update_meter_locations", "updateDevices", "Success", 33, 40),
    Sample("69d8f2309f3e5b0007a1c013", "firmware_lights_v2_0_0", "firmwareUpgrade", "Stopped", 26, 25, STREETLIGHTS),
    Sample("69e47ba09f3e5b0007a1c014", "firmware_lights_v2_0_1", "firmwareUpgrade", "Success", 19, 25, STREETLIGHTS),
    Sample("69f0a3109f3e5b0007a1c015", "freeze_lost_meters_2026w40", "freezeDevices", "Success", 12, 5),
    Sample("69fc1e809f3e5b0007a1c016", "unfreeze_found_meters_2026w41", "unfreezeDevices", "PartialSuccess", 4, 3),
    Sample(RUNNING_FREEZE, "freeze_lost_meters_2026w42", "freezeDevices", "Processing", 0.001, 6, finishes_in=8.0),
    Sample(RUNNING_UPGRADE, "firmware_meters_v1_5_0", "firmwareUpgrade", "Processing", 0.0005, 40),
)


def fill(simulator: Simulator) -> None:
    """Put the fleet's tasks in: one still runs and finishes after 8 seconds, one runs until it is stopped."""
    now = simulator.clock.now()
    for sample in SAMPLES:
        simulator.add_task(
            task_type=sample.task_type,
            status=sample.status,
            task_name=sample.task_name,
            create_time=now - timedelta(days=sample.age),
            app_id=sample.app_id,
            task_id=sample.task_id,
            devices=sample.devices,
            finishes_in=sample.finishes_in,
        )


def add_instances(simulator: Simulator, domain_names: Mapping[str, str] | None = None) -> dict[str, Instance]:
    """Add the fleet's instances, and return them by name; ``domain_names`` are those to show in place of an address."""
    return {
        name: _instance(simulator, name, env, domain_names[name] if domain_names else None)
        for name, env in INSTANCES.items()
    }


def _instance(simulator: Simulator, name: str, env: str, domain_name: str | None) -> Instance:
    instance = simulator.add_instance("standard", name, tags={"env": env}, domain_name=domain_name)
    for days in INSTANCE_AGES:
        instance.add_task(create_time=simulator.clock.now() - timedelta(days=days))
    return instance
