# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host's variables ask for, and the sentences about those that cannot be right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.huaweicloud.iotda.plugins.filter.prune_hosts import prune_hosts
from ansible_collections.huaweicloud.iotda.plugins.module_utils._account.options import CONNECTION_OPTIONS
from ansible_collections.huaweicloud.iotda.plugins.modules.batch_task_prune import ARGUMENT_SPEC
from ansible_collections.huaweicloud.iotda.plugins.plugin_utils._prune.request import (
    SPECS,
    Request,
    deletes,
    options,
    request_of,
)

WHERE = {"iotda_region": "cn-north-4"}
DEFAULTS = {"prune_dry_run": True, "prune_min_instances": 1}
# Options of the module that the role sets itself.
NOT_VARIABLES = {"returned"}


def _request(**given: Any) -> Request:
    values = {**WHERE, **DEFAULTS, **given}
    return request_of(values, values.__getitem__)


def test_variables_become_options_of_the_module() -> None:
    request = _request(
        prune_older_than="30d",
        prune_keep_last=20,
        prune_max_deletions=5,
        prune_protect=["audit_*"],
        iotda_timeout=5,
        iotda_status="ACTIVE",
        iotda_protected=True,
    )
    assert request.mistakes == []
    assert request.rules == [{"older_than": "30d", "keep_last": 20, "max_deletions": 5}]
    assert request.common == {"region": "cn-north-4", "protect": ["audit_*"], "timeout": 5}


@pytest.mark.parametrize("path", ["/var/log/iotda.jsonl", "~/iotda.jsonl", "$HOME/iotda.jsonl"])
def test_a_path_that_is_not_relative_stays_as_it_is(path: str) -> None:
    assert _request(prune_keep_last=1, prune_audit_log=path).common["audit_log"] == path


def test_relative_path_starts_at_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    request = _request(prune_keep_last=1, prune_audit_log="logs/iotda.jsonl", iotda_ca_path="./ca.pem")
    assert request.common["audit_log"] == str(tmp_path / "logs/iotda.jsonl")
    assert request.common["ca_path"] == str(tmp_path / "ca.pem")


def test_rules_share_what_is_not_their_own() -> None:
    rules = [{"older_than": "30d", "max_deletions": 5}, {"keep_last": 3, "task_type": ["freezeDevices"]}]
    request = _request(prune_rules=rules, prune_max_deletions=7, prune_protect=[])
    assert request == Request([], {"region": "cn-north-4", "max_deletions": 7}, rules)


def test_every_option_of_the_module_is_a_variable() -> None:
    rule = set(options()["prune_rules"]["options"])
    assert {f"iotda_{name}" for name in CONNECTION_OPTIONS} <= set(options())
    assert {f"prune_{name}" for name in set(ARGUMENT_SPEC) - NOT_VARIABLES} <= set(options())
    assert rule < set(ARGUMENT_SPEC)
    for name, spec in {**CONNECTION_OPTIONS, **ARGUMENT_SPEC}.items():
        of_the_role = options().get(f"iotda_{name}") or options().get(f"prune_{name}") or spec
        assert {key: of_the_role.get(key) for key in ("type", "choices")} == {
            key: spec.get(key) for key in ("type", "choices")
        }
        assert bool(of_the_role.get("no_log")) == bool(spec.get("no_log"))


def test_role_defaults_match_argument_spec() -> None:
    defaults = yaml.safe_load((SPECS.parents[1] / "defaults/main.yml").read_text(encoding="utf-8"))
    assert defaults == {name: spec["default"] for name, spec in options().items() if "default" in spec}


@pytest.mark.parametrize("nothing", [None, "", "  ", [], [""], [None], {}])
def test_nothing_is_never_everything(nothing: Any) -> None:
    for name in options():
        given = {"prune_older_than": "30d", name: nothing}
        request = _request(**given)
        if name == "prune_protect" and nothing == []:
            assert request.mistakes == []
        else:
            assert f"{name} is empty: set it to a value, or leave it out" in request.mistakes
            assert request.rules == []


@pytest.mark.parametrize(
    ("given", "mistake"),
    [
        ({"prune_rules": []}, "prune_rules is empty: set it to a value, or leave it out"),
        ({"prune_rules": [{}]}, "rule 1 of prune_rules is empty"),
        ({"prune_rules": [{"keep_last": 1}, {"older_than": None}]}, "older_than in rule 2 of prune_rules is empty"),
        ({"prune_rules": [{"keep_lst": 1}]}, "keep_lst"),
        ({"prune_rules": [{"keep_last": 1}], "prune_app_id": "x"}, "prune_rules and prune_app_id exclude each other"),
        ({}, "no variable says which batch tasks to delete: set prune_older_than (30d, for example) or prune_rules"),
        ({"prune_max_deletions": 5}, "no variable says which batch tasks to delete"),
        ({"prune_status": ["Processing"]}, "value of prune_status must be one or more of"),
        (
            {"prune_quota_of_the_day": 1},
            "prune_quota_of_the_day is not a variable of this role: see ansible-doc -t role huaweicloud.iotda.prune",
        ),
        ({"iotda_endpont": "x"}, "iotda_endpont is not a variable of this role: did you mean iotda_endpoint?"),
        ({"iotda_validate_certs": "perhaps"}, "iotda_validate_certs must be of type bool, not 'perhaps'"),
    ],
)
def test_mistakes(given: dict[str, Any], mistake: str) -> None:
    request = _request(**given)
    assert any(found.startswith(mistake) or mistake in found for found in request.mistakes)
    assert (request.common, request.rules) == ({}, [])


def test_what_the_inventory_plugin_adds_is_no_mistake() -> None:
    facts = ("name", "edition", "flavor", "status", "tags", "access_infos", "charge_mode", "create_time")
    added = {f"iotda_{name}": None for name in (*facts, "enterprise_project_id")}
    assert _request(prune_older_than="1d", iotda_prune={}, iotda_prune_41={}, **added).mistakes == []


def test_unreadable_variable_is_named_without_value() -> None:
    def read(name: str) -> Any:
        raise ValueError(f"template error in String: SEKRET{{{{, 'no_such' is undefined, {name}")

    request = request_of(["iotda_secret_key", "prune_app_id"], read)
    assert request.mistakes == [
        "iotda_secret_key cannot be read: its value is read as a template; write !unsafe before it if it is not one",
        "prune_app_id cannot be read: 'no_such' is undefined",
    ]


@pytest.mark.parametrize("false", [False, "false", "False", " no ", "off", 0, "0"])
def test_only_what_is_clearly_false_deletes(false: Any) -> None:
    assert deletes(false, false)
    for other in (True, "true", "yes", 1, None, "", [], "perhaps", {}):
        assert not deletes(other, false)
        assert not deletes(false, other)


def test_hosts_of_the_playbook() -> None:
    assert prune_hosts(["a", "b"], ["b", "c"], ["all"]) == ["b"]
    assert prune_hosts([], ["b"], ["all"]) == ["localhost"]
    with pytest.raises(AnsibleFilterError, match="No host matches both"):
        prune_hosts(["a"], ["b"], ["all"])
    with pytest.raises(AnsibleFilterError, match="has no tags"):
        prune_hosts(["a"], ["a"], ["some"])
    for skipped in ("all", "untagged"):
        with pytest.raises(AnsibleFilterError, match="leave out --tags and --skip-tags"):
            prune_hosts(["a"], ["a"], ["all"], ["x", skipped])
    assert prune_hosts(["a"], ["a"], ["all"], ["x", "tagged"]) == ["a"]


def test_limit_may_name_a_file_of_hosts(tmp_path: Path) -> None:
    (tmp_path / "failed.retry").write_text("b\nc\n", encoding="utf-8")
    assert prune_hosts(["a", "b"], [], ["all"], limit=f"@{tmp_path}/failed.retry") == ["b"]
