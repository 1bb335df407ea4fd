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
from jinja2 import Environment

from ansible_collections.huaweicloud.iotda.plugins.filter.prune import prune
from ansible_collections.huaweicloud.iotda.plugins.module_utils._account.options import CONNECTION_OPTIONS
from ansible_collections.huaweicloud.iotda.plugins.modules.batch_task_prune import ARGUMENT_SPEC, RULE
from ansible_collections.huaweicloud.iotda.plugins.plugin_utils._prune.hosts import matching
from ansible_collections.huaweicloud.iotda.plugins.plugin_utils._prune.request import (
    SPECS,
    Request,
    options,
    request_of,
)

WHERE = {"iotda_region": "cn-north-4"}
DEFAULTS = {"prune_dry_run": True, "prune_min_instances": 1}
# Options of the module that the role sets itself.
NOT_VARIABLES = {"returned", "tasks_file"}


def _request(**given: Any) -> Request:
    values = {**WHERE, **DEFAULTS, **given}
    return request_of(values, values.get)


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
    assert request.options == {
        "region": "cn-north-4",
        "protect": ["audit_*"],
        "timeout": 5,
        "max_deletions": 5,
        "rules": [{"older_than": "30d", "keep_last": 20}],
    }


@pytest.mark.parametrize("path", ["/var/log/iotda.jsonl", "~/iotda.jsonl", "$HOME/iotda.jsonl"])
def test_a_path_that_is_not_relative_stays_as_it_is(path: str) -> None:
    assert _request(prune_keep_last=1, prune_audit_log=path).options["audit_log"] == path


def test_relative_path_starts_at_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    request = _request(prune_keep_last=1, prune_audit_log="logs/iotda.jsonl", iotda_ca_path="./ca.pem")
    assert request.options["audit_log"] == str(tmp_path / "logs/iotda.jsonl")
    assert request.options["ca_path"] == str(tmp_path / "ca.pem")


def test_rules_share_what_is_not_their_own() -> None:
    rules = [{"older_than": "30d"}, {"keep_last": 3, "task_type": ["freezeDevices"]}]
    request = _request(prune_rules=rules, prune_max_deletions=7, prune_protect=[])
    assert request == Request([], {"region": "cn-north-4", "max_deletions": 7, "rules": rules}, "dry run", False)


def test_every_option_of_the_module_is_a_variable() -> None:
    rule = set(options()["prune_rules"]["options"])
    assert {f"iotda_{name}" for name in CONNECTION_OPTIONS} <= set(options())
    assert {f"prune_{name}" for name in set(ARGUMENT_SPEC) - NOT_VARIABLES} <= set(options())
    assert rule == set(RULE)
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
            assert request.options == {}


@pytest.mark.parametrize(
    ("given", "mistake"),
    [
        ({"prune_rules": []}, "prune_rules is empty: set it to a value, or leave it out"),
        ({"prune_rules": [{}]}, "rule 1 of prune_rules is empty"),
        ({"prune_rules": [{"keep_last": 1}, {"older_than": None}]}, "older_than in rule 2 of prune_rules is empty"),
        (
            {"prune_rules": [{"keep_lst": 1}]},
            "keep_lst in rule 1 of prune_rules is not an option of a rule: did you mean keep_last?",
        ),
        (
            {"prune_rules": [{"keep_last": 1}, {"older_than": "1d", "protect": ["a"]}]},
            "protect in rule 2 of prune_rules is not an option of a rule; it applies to all rules together: "
            "set prune_protect",
        ),
        ({"prune_rules": [{"keep_last": 1, "max_deletions": 5}]}, "max_deletions in rule 1 of prune_rules"),
        ({"prune_rules": [{"other": 5}]}, "other in rule 1 of prune_rules is not an option of a rule; a rule has"),
        ({"prune_rules": [{"status": ["Processing"]}]}, "value of status must be one or more of"),
        (
            {"prune_rules": [{"keep_last": 1}], "prune_app_id": "x"},
            "prune_rules and prune_app_id are mutually exclusive: put all rules into prune_rules",
        ),
        ({}, "no variable says which batch tasks to delete: set prune_older_than (30d, for example) or prune_rules"),
        ({"prune_max_deletions": 5}, "no variable says which batch tasks to delete"),
        ({"prune_status": ["Processing"]}, "value of prune_status must be one or more of"),
        (
            {"prune_quota_of_the_day": 1},
            "prune_quota_of_the_day is not a variable of this role: see ansible-doc -t role huaweicloud.iotda.prune",
        ),
        ({"iotda_endpont": "x"}, "iotda_endpont is not a variable of this role: did you mean iotda_endpoint?"),
        ({"iotda_protection": True}, "iotda_protection is not a variable of this role: did you mean iotda_protected?"),
        ({"iotda_validate_certs": "perhaps"}, "iotda_validate_certs must be of type bool, not 'perhaps'"),
    ],
)
def test_mistakes(given: dict[str, Any], mistake: str) -> None:
    request = _request(**given)
    assert any(found.startswith(mistake) or mistake in found for found in request.mistakes)
    assert request.options == {}


def test_what_the_inventory_plugin_adds_is_no_mistake() -> None:
    facts = ("name", "edition", "flavor", "status", "tags", "access_infos", "charge_mode", "create_time")
    added = {f"iotda_{name}": None for name in (*facts, "enterprise_project_id")}
    assert _request(prune_older_than="1d", iotda_prune={}, iotda_prune_41={}, **added).mistakes == []


def test_unreadable_variable_is_named_without_value() -> None:
    def read(name: str) -> Any:
        if name == "ansible_check_mode":
            return False
        raise ValueError(f"template error in String: SEKRET{{{{, 'no_such' is undefined, {name}")

    def decrypt(name: str) -> Any:
        if name == "ansible_check_mode":
            return False
        raise ValueError("Attempting to decrypt but no vault secrets found")

    (encrypted,) = request_of(["iotda_secret_key"], decrypt).mistakes
    assert encrypted.startswith("iotda_secret_key cannot be read: it is encrypted by Ansible Vault, and no vault")
    request = request_of(["iotda_secret_key", "prune_app_id"], read)
    assert request.mistakes == [
        "iotda_secret_key cannot be read: its value is read as a template; write !unsafe before it if it is not one",
        "prune_app_id cannot be read: 'no_such' is undefined",
    ]


@pytest.mark.parametrize("false", [False, "false", "False", " no ", "off", 0, "0"])
def test_only_what_is_clearly_false_deletes(false: Any) -> None:
    def because(dry_run: Any, protected: Any, check_mode: bool = False) -> str:
        values = {"prune_keep_last": 1, "prune_dry_run": dry_run, "iotda_protected": protected}
        return request_of(values, {**values, "ansible_check_mode": check_mode}.get).listed_because

    assert because(false, false) == ""
    assert because(false, false, check_mode=True) == "check mode"
    for other in (True, "true", "yes", 1, None, "", [], "perhaps", {}):
        assert because(other, false) == "dry run"
        assert because(false, other) == because(other, other) == "iotda_protected"
        # It says more than that this run is only a check.
        assert because(false, other, check_mode=True) == "iotda_protected"


# Names as inventories hold them; each is a pattern of something else.
ODD = [
    *("plant north", "meters:1", "west[0]", "!south", "&south", "*", "~south", "a,b", "south,north", "\U0001f600"),
    *("10.0.0.1", "-x", "a b:c[1:3],!d", "@file", "%s", "{{ x }}"),
]


def _groups(*hosts: str, **groups: list[str]) -> dict[str, list[str]]:
    return {"all": list(hosts), "ungrouped": list(hosts), **groups}


def _hosts(asked: object, groups: dict[str, list[str]], **variables: Any) -> list[str]:
    """Return the patterns of the playbook."""
    known = {"groups": groups, "ansible_run_tags": ["all"], "ansible_skip_tags": [], **variables}
    found: list[str] = prune(Environment().from_string("").new_context(known), asked, "hosts")
    return found


def test_hosts_of_the_playbook() -> None:
    groups = _groups("a", "b", "c", some=["b", "c"])
    assert _hosts("some", groups, ansible_limit="c") == ["some"]
    assert _hosts(["some", "!b"], groups) == ["some", "!b"]
    assert _hosts("nothing", groups) == ["localhost"]
    assert _hosts("all", _groups()) == ["localhost"]
    with pytest.raises(AnsibleFilterError, match="No host matches both"):
        _hosts("a", groups, ansible_limit="b")
    with pytest.raises(AnsibleFilterError, match="has no tags"):
        _hosts("a", groups, ansible_run_tags=["some"])
    for skipped in ("all", "untagged"):
        with pytest.raises(AnsibleFilterError, match="leave out --tags and --skip-tags"):
            _hosts("a", groups, ansible_skip_tags=["x", skipped])
    assert _hosts("a", groups, ansible_skip_tags=["x", "tagged"]) == ["a"]


@pytest.mark.parametrize("name", ODD)
def test_the_name_of_a_host_is_no_pattern(name: str) -> None:
    groups = _groups(*ODD, "south", "north", "plant", "meters", "a", "b")
    for asked in (name, [name]):
        assert matching(_hosts(asked, groups), groups) == [name]
    assert matching(_hosts(ODD, groups), groups) == ODD
    group = _groups("a", "b", **{name: ["b"]})
    assert matching(_hosts(name, group), group) == ["b"]


def test_limit_may_name_a_file(tmp_path: Path) -> None:
    groups = _groups("a1", "a2", "b1", "b2", "c", some=["b1", "b2"])
    (tmp_path / "failed.retry").write_text("some\na?\n!b2\n", encoding="utf-8")
    limit = f"@{tmp_path}/failed.retry"
    assert matching(["all"], groups, limit) == ["a1", "a2", "b1"]
    assert matching(["all"], groups, f"{limit},!a1") == ["a2", "b1"]
    assert _hosts("all", groups, ansible_limit=limit) == ["all"]


def _mistakes(folder: Path, monkeypatch: pytest.MonkeyPatch, **variables: Any) -> list[str]:
    monkeypatch.setattr("ansible.constants.DEFAULT_LOCAL_TMP", str(folder))
    known = {
        "groups": _groups("a", "b"),
        "prune_min_instances": 1,
        "__prune_run": f"{folder}/iotda_prune_1_",
        **dict.fromkeys(("ansible_play_hosts_all", "ansible_play_hosts", "ansible_play_batch"), ["a", "b"]),
        **variables,
    }
    found: list[str] = prune(Environment().from_string("").new_context(known), {}, "mistakes")
    return found


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"iotda_hosts": ["nort", "sout"]}, "iotda_hosts (nort, sout) matches no host of the inventory"),
        ({"iotda_hosts": "a"}, "iotda_hosts must be given with -e"),
        ({"prune_min_instances": 3}, "fewer instances to prune (2) than prune_min_instances (3)"),
        ({"ansible_play_batch": ["a"]}, "needs all hosts of its play together"),
        ({"__prune_run": ""}, "did not run from its first task"),
        (
            {"prune_report": "log.json", "prune_audit_log": "./log.json"},
            "are the same file, log.json: the report would",
        ),
        *(({"prune_report": path}, f"in .json, .csv or .html, not '{path}'") for path in ("x.pdf", "x", "")),
    ],
)
def test_why_the_hosts_cannot_be_pruned_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, Any], words: str
) -> None:
    (found,) = _mistakes(tmp_path, monkeypatch, **variables)
    assert words in found


def test_hosts_that_can_be_pruned_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _mistakes(tmp_path, monkeypatch, iotda_hosts=["a", "b"], prune_report="x.json") == []
    (tmp_path / "folder.json").mkdir()
    (found,) = _mistakes(tmp_path, monkeypatch, prune_report=str(tmp_path / "folder.json"))
    assert found.startswith("prune_report must be the path of a file")
